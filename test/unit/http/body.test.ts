import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readBody, readPlainBody } from '#lib/http/body'
import { bytes } from '#lib/units/quantity'

/** A request whose body comes in pieces, with this Content-Length (undefined: none). */
function inPieces(pieces: readonly number[], announced?: number): Request {
  let next = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const size = pieces[next++]
      if (size === undefined) controller.close()
      else controller.enqueue(new Uint8Array(size).fill(next))
    },
  })
  const headers = announced === undefined ? {} : { 'content-length': String(announced) }
  // reason: `duplex` is required for streams and missing in the DOM's types.
  return new Request('http://localhost/', { method: 'POST', body, headers, duplex: 'half' } as RequestInit)
}

describe('a body', () => {
  it('[SER68] is whole with a right, a wrong and no Content-Length', async () => {
    const pieces = [70_000, 1, 200_000]
    for (const announced of [270_001, 5, 400_000, undefined]) {
      const body = await readBody(inPieces(pieces, announced), bytes(1_000_000))
      expect(body.length).toBe(270_001)
      expect([body[0], body[69_999], body[70_000], body[270_000]]).toEqual([1, 1, 2, 3])
    }
  })

  it('[SER69] is refused at the first byte too many, whatever was announced', async () => {
    for (const announced of [101, 10, undefined]) {
      await expect(readBody(inPieces([60, 60], announced), bytes(100))).rejects.toThrow(/limit here is 100 B/)
    }
    expect((await readBody(inPieces([60, 40]), bytes(100))).length).toBe(100)
  })

  it('that is packed is unpacked, up to the same limit', async () => {
    const packed = (plain: Uint8Array<ArrayBuffer>, encoding = 'gzip') =>
      new Request('http://localhost/', {
        method: 'POST',
        body: plain,
        headers: { 'content-encoding': encoding },
      })
    const lines = new TextEncoder().encode('{"t":1}\n'.repeat(1000))
    const small = new Uint8Array(gzipSync(lines))
    expect(await readPlainBody(packed(small), bytes(8000))).toEqual(lines)
    expect(small.length).toBeLessThan(200)
    await expect(readPlainBody(packed(small), bytes(7999))).rejects.toThrow(/limit here/)
    await expect(readPlainBody(packed(lines), bytes(8000))).rejects.toMatchObject({
      code: 'request/malformed',
    })
    expect(await readPlainBody(packed(lines, 'identity'), bytes(8000))).toEqual(lines)
  })
})
