import { describe, expect, it } from 'vitest'
import { readBody } from '#lib/http/body'
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
})
