import { describe, expect, it } from 'vitest'
import { shared } from '#lib/jobs/buffers'

describe('a value whose columns are shared', () => {
  const column = Float64Array.from({ length: 10_000 }, (_, i) => i)
  const short = Float64Array.of(1, 2)
  const value = {
    series: [
      { name: '__proto__', t: column, v: column.map((one) => one * 2) },
      { name: 'b', t: column, v: short },
    ],
    lives: new Map([['a', 1]]),
    at: null,
    missing: undefined,
  }
  const made = shared(value)

  it('says the same', () => {
    expect(made).toEqual(value)
  })

  it('has its long columns in shared memory, each once, and detaches nothing', () => {
    const [first, second] = made.series
    expect(first?.t.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect(first?.v.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect(second?.t).toBe(first?.t)
    expect(second?.v.buffer).toBeInstanceOf(ArrayBuffer)
    expect(column.length).toBe(10_000)
  })
})
