import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { encodingOf, plainPieces } from '#lib/storage/unpack'
import { gibibytes, mebibytes } from '#lib/units/quantity'

const folder = mkdtempSync(join(tmpdir(), 'leakroom-unpack-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function unpacked(content: Uint8Array, maxPlainBytes = gibibytes(1)): Promise<Buffer> {
  const path = join(folder, 'packed')
  writeFileSync(path, content)
  const encoding = encodingOf(content)
  if (encoding === 'plain') throw new Error('not packed')
  const pieces: Uint8Array[] = []
  const limits = { storedBytes: content.length, maxPlainBytes }
  for await (const piece of plainPieces(path, encoding, limits, () => {})) pieces.push(piece.slice())
  return Buffer.concat(pieces)
}

/** A zstd frame (RFC 8878 §3.1). `window` is its window descriptor byte: 1 KiB << (window >> 3). */
function zstdFrame(
  window: number,
  ...blocks: { bytes?: Uint8Array; repeat?: [byte: number, times: number] }[]
) {
  const parts: Uint8Array[] = [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, window)]
  for (const [at, { bytes = new Uint8Array(0), repeat }] of blocks.entries()) {
    const size = repeat ? repeat[1] : bytes.length
    const header = (size << 3) | (repeat ? 2 : 0) | (at === blocks.length - 1 ? 1 : 0)
    parts.push(Uint8Array.of(header & 255, (header >> 8) & 255, header >> 16))
    parts.push(repeat ? Uint8Array.of(repeat[0]) : bytes)
  }
  return Buffer.concat(parts)
}
const MIB_WINDOW = 10 << 3

describe('unpacking', () => {
  it('tells the packing by content', () => {
    expect(encodingOf(gzipSync('x'))).toBe('gzip')
    expect(encodingOf(zstdFrame(MIB_WINDOW, {}))).toBe('zstd')
    expect(encodingOf(Uint8Array.of(0x50, 0x2a, 0x4d, 0x18))).toBe('zstd')
    expect(encodingOf(Buffer.from('{"address"'))).toBe('plain')
    expect(encodingOf(new Uint8Array(0))).toBe('plain')
  })

  it('reads gzip members and zstd frames one after another as one file', async () => {
    expect(String(await unpacked(Buffer.concat([gzipSync('one '), gzipSync('two')])))).toBe('one two')
    const frames = [
      zstdFrame(MIB_WINDOW, { bytes: Buffer.from('one ') }),
      zstdFrame(MIB_WINDOW, { bytes: Buffer.from('two') }),
    ]
    expect(String(await unpacked(Buffer.concat(frames)))).toBe('one two')
  })

  it('stops past the limit of plain bytes', async () => {
    const packed = gzipSync(Buffer.alloc(3 * 1024 * 1024))
    await expect(unpacked(packed, mebibytes(2))).rejects.toMatchObject({ code: 'upload/bomb' })
    expect((await unpacked(packed, mebibytes(3))).length).toBe(3 * 1024 * 1024)
  })

  it('stops a zstd bomb of repeated bytes after 64 MiB', async () => {
    const blocks = Array.from({ length: 8000 }, () => ({ repeat: [10, 131_072] as [number, number] }))
    // 1 GiB of line ends from 32 kB.
    await expect(unpacked(zstdFrame(17 << 3, ...blocks))).rejects.toMatchObject({ code: 'upload/bomb' })
  })

  it('refuses a frame that asks for more window than zstd itself would give', async () => {
    await expect(unpacked(zstdFrame(20 << 3, { bytes: Buffer.from('x') }))).rejects.toMatchObject({
      code: 'upload/bomb',
    })
  })

  it('says where a zstd archive is cut', async () => {
    const whole = zstdFrame(MIB_WINDOW, { bytes: Buffer.from('first ') }, { bytes: Buffer.alloc(5000, 'x') })
    await expect(unpacked(whole.subarray(0, 2000))).rejects.toMatchObject({ code: 'format/truncated' })
  })

  it('gives a sentence or the content for every prefix of an archive', async () => {
    const archives = [
      gzipSync('a heap dump of some length'),
      zstdFrame(MIB_WINDOW, { bytes: Buffer.from('a heap dump') }),
    ]
    for (const archive of archives)
      for (let end = 4; end < archive.length; end++) {
        const outcome = await unpacked(archive.subarray(0, end)).catch((error: unknown) => error)
        if (outcome instanceof Error) expect(outcome).toMatchObject({ name: 'UserError' })
      }
  })

  it('says that an archive is damaged', async () => {
    const packed = gzipSync(Buffer.from(Array.from({ length: 50_000 }, (_, at) => (at * 7919) % 251)))
    packed.fill(0xff, 200, 400)
    await expect(unpacked(packed)).rejects.toMatchObject({ code: 'format/damaged-archive' })
  })
})
