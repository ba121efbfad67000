import { describe, expect, it } from 'vitest'
import { capturesTogether } from '#lib/http/check-groups'
import { CaptureRow } from '#lib/investigation/rows'

const TOTALS = {
  kind: 'heap',
  objects: 1,
  shallowBytes: 1,
  skippedLines: 0,
  tracedShare: 0,
  partial: false,
  readMs: 1,
}
let number = 0
const capture = (label: string, given: object = {}): CaptureRow => {
  number++
  return CaptureRow.parse({
    id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    label,
    fileName: label,
    rank: `a${number}`,
    state: 'ready',
    problem: null,
    sha256: String(number).padStart(64, '0'),
    format: 'Ruby heap dump',
    size: 1,
    takenAt: null,
    process: 'shop',
    requestCount: null,
    totals: TOTALS,
    version: 1,
    createdBy: 'mika',
    createdAt: 0,
    ...given,
  })
}
const labels = (captures: readonly CaptureRow[], process: string | null = null) =>
  capturesTogether(captures, process).map(({ label }) => label)

describe('the captures of a check', () => {
  it('are those of one process and format, the newest set with two or more, in the room’s order', () => {
    const rows = [
      capture('shop 1'),
      capture('jobs 1', { process: 'jobs' }),
      capture('shop 2'),
      capture('jobs 2', { process: 'jobs' }),
      capture('a profile', { format: 'pprof' }),
    ]
    expect(labels(rows)).toEqual(['jobs 1', 'jobs 2'])
    expect(labels(rows, 'shop')).toEqual(['shop 1', 'shop 2'])
    expect(labels(rows, 'nobody')).toEqual([])
    expect(labels(rows.slice(0, 2))).toEqual(['jobs 1'])
  })

  it('leave out what is not read, what is a part of a heap, and the same file a second time', () => {
    const rows = [
      capture('1'),
      capture('being read', { state: 'reading' }),
      capture('part', { totals: { ...TOTALS, partial: true } }),
      capture('1 again', { sha256: '1'.padStart(64, '0') }),
      capture('2', { sha256: 'f'.repeat(64) }),
    ]
    const [first] = rows
    expect(labels([{ ...first!, sha256: rows[3]!.sha256 }, ...rows.slice(1)])).toEqual(['1', '2'])
  })

  it('are the newest fifty', () => {
    const many = Array.from({ length: 60 }, (_, i) => capture(String(i)))
    expect(labels(many)).toHaveLength(50)
    expect(labels(many).at(-1)).toBe('59')
  })
})
