import { closeSync, createReadStream, openSync, readSync } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { Decompress } from 'fzstd'
import { UserError } from '#lib/errors/user-error'
import { type Bytes, bytes, mebibytes } from '#lib/units/quantity'

/** How a file is packed, told by its content and never by its name. */
export type Encoding = 'plain' | 'gzip' | 'zstd'

/** What unpacking may come to. Stored bytes are those of the file, plain bytes what comes out of it. */
export interface UnpackLimits {
  readonly storedBytes: number
  readonly maxPlainBytes: Bytes
}

/** An honest heap dump packs 10 to 20 times; below this much plain content nobody looks. */
const MAX_RATIO = 200
const RATIO_COUNTS_FROM = mebibytes(64)
/** What `zstd` itself refuses to unpack without being asked (--long=28 and more). */
const MAX_ZSTD_WINDOW = mebibytes(128)
const READ_BYTES = 1 << 16

/** How the file that starts with `head` is packed. */
export function encodingOf(head: Uint8Array): Encoding {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
  const isFrame = head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd
  // A skippable frame: parallel zstd writers put one in front.
  const isSkippable = (head[0]! & 0xf0) === 0x50 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18
  return isFrame || isSkippable ? 'zstd' : 'plain'
}

/** The first bytes of a local file, at most `count`. */
export function headOf(path: string, count: number): Uint8Array {
  const file = openSync(path, 'r')
  try {
    const head = new Uint8Array(count)
    return head.subarray(0, readSync(file, head, 0, count, 0))
  } finally {
    closeSync(file)
  }
}

/**
 * The plain content of a packed file, in pieces that may be reused after the next is asked for. `onStored` hears how
 * many bytes of the file have been used so far.
 * @throws UserError `upload/bomb` past the limits, `format/damaged-archive`, `format/truncated`.
 */
export async function* plainPieces(
  path: string,
  encoding: 'gzip' | 'zstd',
  limits: UnpackLimits,
  onStored: (storedBytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const gauge = new Gauge(limits)
  const pieces = encoding === 'gzip' ? gunzipped(path, gauge, onStored) : unzstded(path, gauge, onStored)
  yield* pieces
}

/** Counts what goes in and comes out, and stops a bomb. */
class Gauge {
  stored = 0
  plain = 0
  private readonly limits: UnpackLimits

  constructor(limits: UnpackLimits) {
    this.limits = limits
  }

  count(piece: Uint8Array): void {
    this.plain += piece.length
    const { storedBytes, maxPlainBytes } = this.limits
    const byRatio = Math.max(RATIO_COUNTS_FROM, storedBytes * MAX_RATIO)
    const limit = bytes(Math.min(maxPlainBytes, byRatio))
    if (this.plain > limit) throw new UserError('upload/bomb', { size: bytes(storedBytes), limit })
  }
}

/** zlib works on a thread of its own meanwhile: 1.2 GB/s of plain text. Members one after another are one file. */
async function* gunzipped(
  path: string,
  gauge: Gauge,
  onStored: (storedBytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const packed = createReadStream(path, { highWaterMark: READ_BYTES })
  packed.on('data', (chunk) => {
    gauge.stored += chunk.length
  })
  const gunzip = createGunzip({ chunkSize: 1 << 18 })
  // The error reaches us through the iteration below.
  pipeline(packed, gunzip, () => {})
  try {
    for await (const piece of gunzip) {
      gauge.count(piece)
      onStored(gauge.stored)
      yield piece
    }
  } catch (error) {
    throw asArchiveError(error, 'gzip', gauge)
  } finally {
    packed.destroy()
    gunzip.destroy()
  }
}

async function* unzstded(
  path: string,
  gauge: Gauge,
  onStored: (storedBytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = []
  const unzstd = new Decompress((piece) => {
    refuseHugeWindow(unzstd)
    gauge.count(piece)
    if (piece.length > 0) pieces.push(piece)
  })
  const file = openSync(path, 'r')
  try {
    for (;;) {
      // fzstd keeps what it was given, so the buffer is not reused.
      const chunk = new Uint8Array(READ_BYTES)
      const count = readSync(file, chunk, 0, READ_BYTES, null)
      gauge.stored += count
      unzstd.push(chunk.subarray(0, count), count === 0)
      onStored(gauge.stored)
      yield* pieces
      pieces = []
      if (count === 0) return
    }
  } catch (error) {
    throw asArchiveError(error, 'zstd', gauge)
  } finally {
    closeSync(file)
  }
}

/** A frame's header may ask for 2 GiB of window before a byte is unpacked; fzstd 0.1.1 keeps what was asked in `s.e`. */
function refuseHugeWindow(unzstd: Decompress): void {
  const frame: unknown = Reflect.get(unzstd, 's')
  if (typeof frame !== 'object' || frame === null) return
  const window: unknown = Reflect.get(frame, 'e')
  if (typeof window === 'number' && window > MAX_ZSTD_WINDOW)
    throw new UserError('upload/bomb', { size: bytes(window), limit: MAX_ZSTD_WINDOW })
}

/** Only what the unpackers themselves throw is the archive's fault; anything else is ours or the reader's. */
function asArchiveError(error: unknown, archive: string, gauge: Gauge): unknown {
  if (!(error instanceof Error) || !('code' in error) || error instanceof UserError) return error
  const offset = bytes(gauge.plain)
  const isCut = error.code === 'Z_BUF_ERROR' || (archive === 'zstd' && error.code === ZSTD_ENDS_EARLY)
  if (isCut) return new UserError('format/truncated', { format: `${archive} archive`, offset })
  const isDamaged = typeof error.code === 'number' || String(error.code).startsWith('Z_')
  return isDamaged ? new UserError('format/damaged-archive', { archive, offset }) : error
}

/** ZstdErrorCode.UnexpectedEOF */
const ZSTD_ENDS_EARLY = 5
