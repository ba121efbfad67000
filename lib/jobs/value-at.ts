import { closeSync, openSync, readSync } from 'node:fs'
import { type Encoding, plainPieces } from '#lib/storage/unpack'
import { bytes, kibibytes } from '#lib/units/quantity'

/** As much of one value as anybody reads; a real dump had one of 5 MB. */
export const MAX_VALUE_BYTES = kibibytes(64)
const NEWLINE = 10

/** A stored capture file. */
export interface ValueFile {
  readonly path: string
  readonly encoding: Encoding
  readonly storedBytes: number
  readonly maxPlainBytes: number
}

/**
 * The line that starts at byte `offset` of the plain content, at most MAX_VALUE_BYTES of it. A plain file is read at the
 * place. A packed one is unpacked up to there each time: about 1 s for a GiB of gzip; an index of places to start from
 * would cost more at every upload than it saves at the few reveals.
 * @throws UserError upload/bomb · format/damaged-archive · format/truncated
 */
export async function lineAt(file: ValueFile, offset: number): Promise<{ text: string; isCut: boolean }> {
  // One byte more than is shown tells a line that ends there from one that goes on.
  const wanted = MAX_VALUE_BYTES + 1
  const { encoding } = file
  const found =
    encoding === 'plain'
      ? readAt(file.path, offset, wanted)
      : await unpackedAt({ ...file, encoding }, offset, wanted)
  const end = found.indexOf(NEWLINE)
  const line = end < 0 ? found : found.subarray(0, end)
  const isCut = line.length > MAX_VALUE_BYTES
  // A character that the cut divides becomes U+FFFD.
  return { text: new TextDecoder().decode(line.subarray(0, MAX_VALUE_BYTES)), isCut }
}

function readAt(path: string, offset: number, count: number): Uint8Array {
  const file = openSync(path, 'r')
  try {
    const found = new Uint8Array(count)
    let size = 0
    for (;;) {
      const read = readSync(file, found, size, count - size, offset + size)
      size += read
      if (read === 0 || size === count) return found.subarray(0, size)
    }
  } finally {
    closeSync(file)
  }
}

async function unpackedAt(
  file: ValueFile & { readonly encoding: 'gzip' | 'zstd' },
  offset: number,
  count: number,
): Promise<Uint8Array> {
  const found = new Uint8Array(count)
  let size = 0
  let passed = 0
  const limits = { storedBytes: file.storedBytes, maxPlainBytes: bytes(file.maxPlainBytes) }
  for await (const piece of plainPieces(file.path, file.encoding, limits, () => {})) {
    const from = Math.max(0, offset - passed)
    passed += piece.length
    if (from >= piece.length) continue
    const part = piece.subarray(from, from + count - size)
    found.set(part, size)
    size += part.length
    if (size === count || part.includes(NEWLINE)) break
  }
  return found.subarray(0, size)
}
