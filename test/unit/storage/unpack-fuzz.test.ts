import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { UserError } from '#lib/errors/user-error'
import { encodingOf, plainPieces } from '#lib/storage/unpack'
import { mebibytes } from '#lib/units/quantity'
import { damaged, randomOf } from '#test/formats/fuzz/damage'

const SEED = Number(process.env.FUZZ_SEED ?? 20261123)
const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 300)
const LIMIT = mebibytes(2)

const folder = mkdtempSync(join(tmpdir(), 'leakroom-unpack-fuzz-'))
afterAll(() => rmSync(folder, { recursive: true }))

const PLAIN = Buffer.from(
  Array.from({ length: 80 }, (_, n) => `{"address":"0x${(n * 40).toString(16)}", "type":"STRING"}\n`).join(
    '',
  ),
)
/** Blocks as they are, and one that repeats a byte: what can be written without a compressor. */
const ZSTD = Buffer.concat([
  Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]),
  block(0, 1000, PLAIN.subarray(0, 1000)),
  block(1, 5000, Buffer.from('x')),
  block(0, 500, PLAIN.subarray(1000, 1500), true),
])
function block(kind: number, size: number, bytes: Uint8Array, isLast = false): Buffer {
  const header = (size << 3) | (kind << 1) | (isLast ? 1 : 0)
  return Buffer.concat([Buffer.from([header & 255, (header >> 8) & 255, header >> 16]), bytes])
}

/** The plain content, or undefined for a refusal with a sentence. Anything else is thrown. */
async function unpackedOrRefused(content: Uint8Array): Promise<Buffer | undefined> {
  const encoding = encodingOf(content)
  if (encoding === 'plain') return undefined
  const path = join(folder, 'packed')
  writeFileSync(path, content)
  const limits = { storedBytes: content.length, maxPlainBytes: LIMIT }
  const pieces: Uint8Array[] = []
  try {
    for await (const piece of plainPieces(path, encoding, limits, () => {})) pieces.push(piece.slice())
  } catch (error) {
    if (error instanceof UserError) return undefined
    throw error
  }
  return Buffer.concat(pieces)
}

describe.each([
  ['gzip', gzipSync(PLAIN), PLAIN],
  [
    'zstd',
    ZSTD,
    Buffer.concat([PLAIN.subarray(0, 1000), Buffer.alloc(5000, 'x'), PLAIN.subarray(1000, 1500)]),
  ],
])('a damaged %s file', (_name, packed, plain) => {
  it('is whole or refused when it is cut, at every byte', async () => {
    expect(await unpackedOrRefused(packed)).toEqual(plain)
    const whole: number[] = []
    for (let end = 0; end < packed.length; end++)
      if ((await unpackedOrRefused(packed.subarray(0, end))) !== undefined) whole.push(end)
    expect(whole).toEqual([])
  }, 60_000)

  it('ends within the limit or in a sentence, whatever was done to it', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const content = damaged(packed, randomOf(SEED + round))
      const result = await unpackedOrRefused(content).catch((error: unknown) => {
        throw new Error(`seed ${SEED + round}`, { cause: error })
      })
      expect(result?.length ?? 0).toBeLessThanOrEqual(LIMIT)
    }
  }, 60_000)
})
