import { describe, expect, it } from 'vitest'
import {
  groupLines,
  readStackBytes,
  readStackFile,
  stackFile,
  textBytes,
  totalOf,
} from '#test/build/stack-files'

describe('gperftools text', () => {
  it('reads exact profiles as they are, by library and offset', () => {
    const heap = readStackFile('gperftools/tc.0007.heap')
    expect(totalOf(heap, 'live', 'in-use-bytes')).toBe(6_320_596)
    expect(totalOf(heap, 'live', 'allocated-blocks')).toBe(27_002)
    expect(groupLines(heap)[0]).toEqual({
      group: 'in use · driver.v2+0x158a · driver.v2',
      count: 5000,
      bytes: 4_997_500,
    })
    expect(heap.profile.notes.remarks.join(' ')).toContain('no function names')
  })

  it('scales sampled profiles up by what a sample stands for', () => {
    const body = '@ heap_v2/524288\n  2: 1048576 [ 2: 1048576] @ 0x1001\n'
    const heap = readStackBytes(textBytes(`heap profile: 2: 1048576 [ 2: 1048576] ${body}`))
    // Two blocks of one rate each: seen with probability 1 − 1/e.
    expect(totalOf(heap, 'live', 'in-use-bytes')).toBe(Math.round(1_048_576 / (1 - Math.exp(-1))))
    expect(heap.profile.sampling).toMatchObject({ isSampled: true, periodBytes: 524_288 })
  })

  it('reads Go’s debug=1: names below each record, a rate that is doubled in the header', () => {
    const text = [
      'heap profile: 1: 1024 [2: 2048] @ heap/1048576',
      '1: 1024 [2: 2048] @ 0x48a2d1 0x48b000',
      '#\t0x48a2d0\tmain.newTicket+0x71\t\t/home/app/main.go:26',
      '#\t0x48afff\tmain.main+0x20\t\t/home/app/main.go:70',
      '',
      '# runtime.MemStats',
      '# Alloc = 12345',
      '',
    ].join('\n')
    const heap = readStackBytes(textBytes(text))
    expect(heap.profile.producer).toBe('Go')
    expect(heap.profile.sampling).toMatchObject({ periodBytes: 524_288 })
    expect(groupLines(heap)[0]?.group).toBe('in use · main.newTicket · /home/app/main.go:26')
  })

  it('names the same stacks in two files of one process', () => {
    const names = (path: string) => groupLines(readStackFile(path)).map(({ group }) => group)
    expect(names('gperftools/tc.0002.heap')).toEqual(expect.arrayContaining(names('gperftools/tc.0007.heap')))
  })

  it('says so when it stops midway', () => {
    const whole = stackFile('gperftools/tc.0007.heap')
    expect(readStackBytes(whole.subarray(0, 700)).profile.notes.truncated).toBe(true)
  })
})
