import { describe, expect, it } from 'vitest'
import { ChunkCache, chunkKey } from '#lib/db/series-cache'
import { decodeSamples, encodeSamples } from '#lib/db/series-codec'
import { seeded } from '#test/unit/series/draw-series'

const columns = (count: number) => ({ t: new Float64Array(count), v: new Float64Array(count) })

describe('unpacked chunks', () => {
  it('[SER59] keep what was used last, and never more bytes than allowed', () => {
    const cache = new ChunkCache(3 * 16 * 100)
    for (const name of ['a', 'b', 'c']) cache.put(name, columns(100))
    cache.get('a')
    cache.put('d', columns(100))
    expect(cache.get('b')).toBeUndefined()
    expect(['a', 'c', 'd'].every((name) => cache.get(name))).toBe(true)
    expect(cache.bytes).toBe(3 * 16 * 100)
    cache.put('a', columns(10))
    expect(cache.bytes).toBe(2 * 16 * 100 + 160)
    // Larger than everything: it is given, but not kept.
    cache.put('huge', columns(1000))
    expect(cache.get('huge')).toBeUndefined()
    expect(cache.bytes).toBeLessThanOrEqual(3 * 16 * 100)
  })

  it('[SER59] are unpacked once for all who ask at the same time, and a failure is only the asker’s', async () => {
    const cache = new ChunkCache()
    const key = chunkKey('s', 1n, 5)
    let unpacked = 0
    const load = () =>
      cache.inTurn('s', async () => {
        const known = cache.get(key)
        if (known) return known
        unpacked++
        await Promise.resolve()
        cache.put(key, columns(5))
        return columns(5)
      })
    const failing = cache.inTurn('s', () => Promise.reject(new Error('gone')))
    const answers = await Promise.allSettled([failing, load(), load(), load()])
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
    expect(unpacked).toBe(1)
  })

  it('[SER50] come back from their packed form as they were (seed 5)', async () => {
    const random = seeded(5)
    const t = Float64Array.from({ length: 3000 }, (_, i) => 1_795_000_000_000 + i * 1000)
    for (const v of [t.map(() => 4096 * Math.floor(1000 * random() - 500)), t.map(() => random() - 0.5)]) {
      const packed = await encodeSamples({ t, v, pids: t.map((_, i) => (i < 9 ? 0 : 70_000)) })
      const back = await decodeSamples(packed)
      expect([...back.t]).toEqual([...t])
      expect([...back.v]).toEqual([...v])
      expect([back.pids?.[8], back.pids?.[9]]).toEqual([0, 70_000])
    }
  })
})
