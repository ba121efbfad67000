import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import pino from 'pino'
import { type DetailedError, Upload, type UploadOptions } from 'tus-js-client'
import { addStoredCapture, rememberFile } from '#lib/db/captures'
import { connectDatabase, type Database, db } from '#lib/db/client'
import { presentCapture } from '#lib/db/presenters'
import { createApiToken } from '#lib/db/tokens'
import { captureReport } from '#lib/http/captures'
import { isUploadPath, Uploads } from '#lib/http/uploads'
import type { ReadAccess, WriteAccess } from '#lib/investigation/access'
import { CaptureId } from '#lib/investigation/ids'
import type { CaptureRow } from '#lib/investigation/rows'
import { type ReadingNode, type ReadingOptions, startReading } from '#lib/jobs/reading-node'
import type { CaptureProgress } from '#lib/realtime/protocol'
import type { HeapReport } from '#lib/reports/heap-report'
import { provideServices } from '#lib/services'
import { encodingOf } from '#lib/storage/unpack'
import { cloneDatabase } from './postgres.ts'
import { buildRoom, type TestRoom } from './room.ts'

/** A node that takes uploads and reads captures, on a database and a folder of its own, with one room in it. */
export interface TestNode {
  readonly room: TestRoom
  readonly token: string
  readonly dataDir: string
  readonly database: Database
  /** Everything that was announced, oldest first. */
  readonly progress: CaptureProgress[]
  readonly reading: ReadingNode
  readonly uploads: Uploads
  readonly server: Server
  /** `http://127.0.0.1:port/api/investigations/<room>`. */
  readonly base: string
  /** Stops and starts node and server, on the same database, folder and port. */
  restart(): Promise<void>
  close(): Promise<void>
}

type Settings = Partial<
  Pick<
    ReadingOptions,
    | 'remote'
    | 'workers'
    | 'questionWorkers'
    | 'openHeapsMib'
    | 'maxPlainGib'
    | 'timeoutMs'
    | 'workerFile'
    | 'heapMegabytes'
  >
> & {
  readonly maxUploadGib?: number
}

export async function buildNode(templateUrl: string, settings: Settings = {}): Promise<TestNode> {
  const clone = await cloneDatabase(templateUrl)
  const database = connectDatabase(clone.url, { prisma: 4, pool: 4 })
  const dataDir = await mkdtemp(join(tmpdir(), 'leakroom-node-'))
  const room = await buildRoom()
  const { token } = await createApiToken(room.owner, 'test')
  const progress: CaptureProgress[] = []
  const log = pino({ level: process.env.TEST_LOG ?? 'silent' })
  const announceProgress = (_room: unknown, what: CaptureProgress) => progress.push(what)

  async function start(port: number) {
    const reading = await startReading({
      dataDir,
      workers: 2,
      maxPlainGib: 4,
      warmRounds: 0,
      log,
      announceProgress,
      ...settings,
    })
    const uploads = new Uploads({ reading, log, maxUploadGib: settings.maxUploadGib ?? 1, announceProgress })
    await uploads.sweep()
    provideServices({
      log,
      announceProgress,
      announcePoints: () => {},
      peopleInside: () => new Map(),
      health: () => reading.health(),
      enqueueCapture: (captureId) => reading.enqueue(captureId),
      cancelCapture(captureId) {
        void uploads.cancel(captureId)
        void reading.cancel(captureId)
      },
    })
    const server = createServer((request, response) => {
      if (isUploadPath(request.url)) void uploads.handle(request, response)
      else response.writeHead(404).end()
    })
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    return { reading, uploads, server }
  }
  async function stop({ reading, uploads, server }: Awaited<ReturnType<typeof start>>) {
    uploads.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await reading.close()
  }

  let running = await start(0)
  // reason: a TCP server that listens has an address with a port.
  const { port } = running.server.address() as AddressInfo
  return {
    room,
    token,
    dataDir,
    database,
    progress,
    get reading() {
      return running.reading
    },
    get uploads() {
      return running.uploads
    },
    get server() {
      return running.server
    },
    base: `http://127.0.0.1:${port}/api/investigations/${room.id}`,
    async restart() {
      await stop(running)
      running = await start(port)
    },
    async close() {
      await stop(running)
      await database.close()
      await clone.drop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Sends a file as the page does and answers its capture's id. Rejects with the server's sentence. */
export function sendFile(
  node: TestNode,
  name: string,
  content: Uint8Array,
  options: Partial<UploadOptions> = {},
): Promise<string> {
  let captureId = ''
  return new Promise((resolve, reject) => {
    new Upload(Buffer.from(content), {
      endpoint: `${node.base}/uploads`,
      headers: { Authorization: `Bearer ${node.token}` },
      chunkSize: 4 * 1024 * 1024,
      retryDelays: [20, 50, 100, 200, 400],
      storeFingerprintForResuming: false,
      onAfterResponse(_request, response) {
        captureId = response.getHeader('Leakroom-Capture') ?? captureId
      },
      onSuccess: () => resolve(captureId),
      onError: (error) => reject(new Error(bodyOf(error))),
      ...options,
      metadata: { filename: name, ...options.metadata },
    }).start()
  })
}

export const bodyOf = (error: Error | DetailedError): string =>
  ('originalResponse' in error && error.originalResponse?.getBody()) || error.message

/** The capture's row, as soon as it is in one of these states. */
export async function captureIn(captureId: string, ...states: CaptureRow['state'][]): Promise<CaptureRow> {
  return until(
    async () => {
      const row = await db().capture.findUnique({ where: { id: captureId } })
      return row && states.some((state) => state === row.state) ? presentCapture(row) : undefined
    },
    `capture ${captureId} to be ${states.join(' or ')}`,
  )
}

/** The report of a ready capture that holds a heap. */
export async function heapReportOf(access: ReadAccess, captureId: string): Promise<HeapReport> {
  const report = await captureReport(access, captureId)
  if (report.kind !== 'heap') throw new Error(`capture ${captureId} holds ${report.kind}`)
  return report
}

/** Asks until there is an answer, for 50 s: a busy machine takes its time. */
export async function until<T>(ask: () => Promise<T | undefined>, what: string): Promise<T> {
  const deadline = Date.now() + 50_000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** A capture of a stored content, in line to be read, without an upload. */
export async function attach(
  node: TestNode,
  fileName: string,
  content: Uint8Array,
  access: WriteAccess = node.room.editor,
  requestCount: bigint | null = null,
): Promise<string> {
  const { sha256, size } = await node.reading.folders.store.put(Readable.from([content]))
  await rememberFile({ sha256, storedSize: size, encoding: encodingOf(content) })
  const id = CaptureId.parse(crypto.randomUUID())
  const facts = { id, label: fileName, fileName, size, takenAt: null, process: null, requestCount }
  await addStoredCapture(access, facts, sha256, undefined)
  await node.reading.enqueue(id)
  return id
}
