import { describe, expect, it } from 'vitest'
import { buffersIn } from '#lib/jobs/buffers'
import { liveBatches } from '#lib/jobs/live-lines'

describe('what a worker thread hands over', () => {
  it('[JOB20] the memory of every column once, wherever it stands', () => {
    const shared = new Float64Array(4)
    const found = buffersIn({
      list: [{ t: shared, v: shared.subarray(1) }, { t: new Float64Array(1) }],
      name: 'rss',
      none: null,
    })
    expect(found).toHaveLength(2)
    expect(found[0]).toBe(shared.buffer)
  })
})

describe('lines of live samples', () => {
  const bytes = (text: string) => new TextEncoder().encode(text)
  const now = 1_795_000_000

  it('[SER77] columns are as long as what they hold, with pids only where some are known', () => {
    const text = `{"t":${now},"series":"rss","v":1}\r\n\n{"t":${now + 1},"series":"rss","v":2}\n{"t":${now},"series":"heap_live","v":3,"pid":7}`
    const { batches, refused } = liveBatches(bytes(text), now * 1000)
    expect(refused).toBe(0)
    expect(batches.map(({ samples }) => [...samples.v])).toEqual([[1, 2], [3]])
    expect(batches.map(({ samples }) => samples.pids && [...samples.pids])).toEqual([undefined, [7]])
    expect(buffersIn(batches).map((buffer) => buffer.byteLength)).toEqual([16, 16, 8, 8, 8])
  })

  it('[SER78] more than 50 series in one request are refused, by line', () => {
    const text = Array.from({ length: 60 }, (_, k) => `{"t":${now},"series":"s${k}","v":1}`).join('\n')
    const { batches, refused, firstProblem } = liveBatches(bytes(text), now * 1000)
    expect(batches).toHaveLength(50)
    expect(refused).toBe(10)
    expect(firstProblem).toEqual({ line: 51, why: 'one request may feed at most 50 series' })
  })
})
