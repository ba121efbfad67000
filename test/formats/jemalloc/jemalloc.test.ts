import { describe, expect, it } from 'vitest'
import { groupLines, readStackBytes, readStackFile, stackFile, totalOf } from '#test/build/stack-files'

const final = readStackFile('jemalloc/je-final.heap')
const within = (value: number | undefined, truth: number, ratio: number) => {
  expect(value).toBeGreaterThan(truth * (1 - ratio))
  expect(value).toBeLessThan(truth * (1 + ratio))
}

describe('jemalloc heap_v2', () => {
  it('scales samples to what the driver really held: 5,000 error records and a cache of 1,024,000 bytes', () => {
    const lines = groupLines(final)
    within(lines[0]?.bytes, 4_997_500, 0.1)
    expect(lines[1]?.group).toBe('in use · driver.v2+0x1295 · driver.v2')
    within(lines[1]?.bytes, 1_024_000, 0.05)
    within(totalOf(final, 'live', 'in-use-bytes'), 6_320_596, 0.1)
    expect(final.profile.sampling).toMatchObject({ isSampled: true, periodBytes: 4096 })
  })

  it('folds jemalloc’s own frames and blames the library behind them', () => {
    expect(
      final.profile.strings.filter((text) => text.startsWith('libjemalloc') && text.includes('+')),
    ).not.toEqual([])
    expect(groupLines(final).every(({ group }) => !group.includes('jemalloc'))).toBe(true)
    expect(final.profile.notes.remarks.join(' ')).toContain('jeprof --raw')
  })

  it('takes the names that jeprof --raw writes when they stand before the profile', () => {
    const raw = stackFile('jemalloc/je-final.raw')
    const heap = stackFile('jemalloc/je-final.heap')
    const both = new Uint8Array(raw.length + heap.length)
    both.set(raw)
    both.set(heap, raw.length)
    const named = readStackBytes(both)
    expect(named.format.id).toBe('jemalloc')
    expect(groupLines(named)[0]?.group).toBe('in use · mc_make_error · driver.v2')
    within(groupLines(named)[0]?.bytes, 5_292_500, 0.1)
    expect(groupLines(named)[1]?.group).toBe('in use · warm_cache · driver.v2')
  })

  it('says of names without numbers how to put both together', () => {
    expect(() => readStackBytes(stackFile('jemalloc/je-final.raw'))).toThrow(
      'cat FILE.raw FILE.heap > both.heap',
    )
  })

  it('knows a file that stops early', () => {
    expect(readStackBytes(stackFile('jemalloc/je-final.heap').subarray(0, 900)).profile.notes.truncated).toBe(
      true,
    )
    expect(final.profile.notes.truncated).toBe(false)
  })
})
