import { randomUUID } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { basename } from 'node:path'
import type { DetailedError } from 'tus-js-client'
import { UserError } from '#lib/errors/user-error'
import { formatBytes, formatShare } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { type RoomAddress, sentenceIn } from './room-address.ts'
import { EXIT, type Terminal } from './terminal.ts'
import { plain } from './text-table.ts'

export interface UploadOptions {
  readonly room: RoomAddress
  readonly label?: string | undefined
  readonly process?: string | undefined
  /** One per file. */
  readonly requests?: readonly number[] | undefined
  readonly quiet: boolean
}

/** One request carries this much: a broken connection costs at most as much again. */
const CHUNK_BYTES = 16 * 1024 * 1024
/** Waits before the tries that follow a broken request; they start anew with every byte that gets through. */
const RETRY_DELAYS = [500, 1000, 2000, 4000, 8000, 15_000, 30_000]
/** A line of progress at most this often. */
const TELL_EVERY_MS = 2000

/**
 * `leakroom upload FILE…`: attaches files to a room as captures, in the order in which they are given. Streams, and
 * resumes after a broken connection. Prints the address of each capture.
 * @throws UserError cli/room · cli/request-counts · cli/upload
 */
export async function upload(
  files: readonly string[],
  options: UploadOptions,
  terminal: Terminal,
): Promise<number> {
  const { requests, room } = options
  if (room.investigationId === null)
    throw new UserError('cli/room', {
      why: 'the address names no room. Copy it from the browser: https://…/i/…',
    })
  if (requests && requests.length !== files.length)
    throw new UserError('cli/request-counts', { counts: requests.length, files: files.length })
  // Before the first byte: a list with a wrong name in it is not sent by half.
  const sizes = files.map((file) => statSync(file).size)
  const before: string[] = []
  for (const [index, file] of files.entries()) {
    const captureId = await send(file, sizes[index]!, { index, before, options, terminal })
    before.unshift(captureId)
    terminal.out(`${room.server}/i/${room.investigationId}/captures/${captureId}`)
  }
  return EXIT.done
}

interface Sending {
  readonly index: number
  /** Captures of this call that came before, the nearest first. */
  readonly before: readonly string[]
  readonly options: UploadOptions
  readonly terminal: Terminal
}

async function send(
  file: string,
  size: number,
  { index, before, options, terminal }: Sending,
): Promise<string> {
  const { Upload } = await import('tus-js-client')
  const { room, label, process, requests, quiet } = options
  const name = basename(file)
  const captureId = randomUUID()
  const metadata: Record<string, string> = {
    filename: name,
    captureId,
    takenAt: statSync(file).mtime.toISOString(),
    ...(label ? { label } : {}),
    ...(process ? { process } : {}),
    ...(requests ? { requestCount: String(requests[index]) } : {}),
    ...(before.length > 0 ? { after: before.slice(0, 32).join(' ') } : {}),
  }
  let known: string = captureId
  let toldAt = Date.now()
  const stream = createReadStream(file)
  try {
    await new Promise<void>((resolve, reject) => {
      stream.once('error', reject)
      new Upload(stream, {
        endpoint: `${room.server}/api/investigations/${encodeURIComponent(room.investigationId ?? '')}/uploads`,
        headers: { Authorization: `Bearer ${room.token}` },
        chunkSize: CHUNK_BYTES,
        retryDelays: RETRY_DELAYS,
        storeFingerprintForResuming: false,
        uploadSize: size,
        metadata,
        onShouldRetry(error, attempt) {
          const status = error.originalResponse?.getStatus() ?? 0
          // A refusal stays one; conflicts and locks pass (as tus-js-client decides by itself).
          const mayPass = status < 400 || status >= 500 || status === 409 || status === 423
          if (mayPass && attempt === 0 && !quiet)
            terminal.err(`${plain(name)}: the connection broke; it is tried again for a minute.`)
          return mayPass
        },
        onProgress(sent) {
          if (quiet || Date.now() - toldAt < TELL_EVERY_MS) return
          toldAt = Date.now()
          terminal.err(`${plain(name)}: ${formatShare(sent / size)} of ${formatBytes(bytes(size))}`)
        },
        onAfterResponse(_, response) {
          known = response.getHeader('Leakroom-Capture') ?? known
        },
        onSuccess: () => resolve(),
        onError: (error) => reject(new UserError('cli/upload', { file: plain(name), why: whyOf(error) })),
      }).start()
    })
  } finally {
    stream.destroy()
  }
  if (!quiet) terminal.err(`${plain(name)}: ${formatBytes(bytes(size))} sent.`)
  return known
}

/** The server's own sentence, or what is between us and it. */
function whyOf(error: Error | DetailedError): string {
  if ('originalResponse' in error) {
    const answered = error.originalResponse
    if (answered) return sentenceIn(answered.getBody()) ?? `the server answered ${answered.getStatus()}.`
    const { causingError } = error
    return `the server cannot be reached${causingError ? ` (${plain(causingError.message)})` : ''}. Check the address.`
  }
  return plain(error.message)
}
