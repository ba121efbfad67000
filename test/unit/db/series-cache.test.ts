import { describe, expect, it } from 'vitest'
import { ChunkCache, chunkKey } from '#lib/db/series-cache'

const columns = (count: number) => ({ t: new Float64Array(count), v: new Float64Array(count) })

describe('unpacked chunks', () => {
  it('[SER59] keep what was used last, and never more bytes than allowed', () => {
    const cache = new ChunkCache(3 * 16 * 100)
    for (const name of ['a', 'b', 'c']) cache.samples.put(name, columns(100))
    cache.samples.get('a')
    cache.samples.put('d', columns(100))
    expect(cache.samples.get('b')).toBeUndefined()
    expect(['a', 'c', 'd'].every((name) => cache.samples.get(name))).toBe(true)
    expect(cache.samples.bytes).toBe(3 * 16 * 100)
    cache.samples.put('a', columns(10))
    expect(cache.samples.bytes).toBe(2 * 16 * 100 + 160)
    // Larger than everything: it is given, but not kept.
    cache.samples.put('huge', columns(1000))
    expect(cache.samples.get('huge')).toBeUndefined()
    expect(cache.samples.bytes).toBeLessThanOrEqual(3 * 16 * 100)
  })

  it('[SER59] are unpacked once for all who ask at the same time, and a failure is only the asker’s', async () => {
    const cache = new ChunkCache()
    const key = chunkKey('s', 1n, 5)
    let unpacked = 0
    const load = () =>
      cache.inTurn('s', async () => {
        const known = cache.samples.get(key)
        if (known) return known
        unpacked++
        await Promise.resolve()
        cache.samples.put(key, columns(5))
        return columns(5)
      })
    const failing = cache.inTurn('s', () => Promise.reject(new Error('gone')))
    const answers = await Promise.allSettled([failing, load(), load(), load()])
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
    expect(unpacked).toBe(1)
  })
})
