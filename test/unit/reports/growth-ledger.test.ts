import { describe, expect, it } from 'vitest'
import { type LedgerVoice, ledgerReader } from '#lib/investigation/ledger-state'
import { growthPage, leftRows } from '#lib/reports/growth-page'
import {
  GROWTH_REPORT_VERSION,
  GrowthQuery,
  type GrowthReport,
  type GrowthRow,
} from '#lib/reports/growth-report'
import { withSince } from '#lib/reports/table-rows'

const row = (name: string, count: number): GrowthRow => ({
  key: `STRING · ${name} · not traced`,
  type: 'STRING',
  className: name,
  siteWords: 'not traced',
  counts: [1, count],
  bytes: [40, 40 * count],
  countChange: count - 1,
  bytesChange: 40 * (count - 1),
  shape: 'cannot tell',
  reason: 'Two captures.',
  isSuspect: true,
  confidence: { level: 'low', reason: 'Two captures.' },
  shareOfGrowth: 0.5,
  heldBy: [],
  moreHolders: 0,
  fingerprint: `print of ${name}`,
})

const suspect = (name: string, rows: number[]): GrowthReport['suspects'][number] => ({
  title: name,
  words: name,
  holder: null,
  rows,
  shareOfGrowth: 0.5,
  bytesChange: 1,
  confidence: { level: 'low', reason: '' },
  fingerprint: `print of the suspect ${name}`,
})

const report: GrowthReport = {
  version: GROWTH_REPORT_VERSION,
  captures: 2,
  objects: [2, 200],
  bytes: [80, 8000],
  grownBytes: 7920,
  changedGroups: 3,
  unchangedGroups: 0,
  suspects: [suspect('cache', [0, 1]), suspect('queue', [2])],
  explainedShare: 1,
  unexplained: { of: 'heap', grownBytes: 7920, bytes: 0, share: 0, words: '' },
  isOneProcess: true,
  summary: '',
  remarks: [],
  advice: [],
  holders: [],
  proposals: [],
  rows: [row('Key', 100), row('Value', 100), row('Job', 50)],
}

const expects = (name: string, changes: Partial<LedgerVoice> = {}): LedgerVoice => ({
  fingerprint: `print of ${name}`,
  verdict: 'expected',
  bound: null,
  expired: false,
  ...changes,
})
const page = (voices: LedgerVoice[], ledger: 'left' | 'all') => {
  const captures = '00000000-0000-4000-8000-000000000001,00000000-0000-4000-8000-000000000002'
  return growthPage(report, GrowthQuery.parse({ captures, ledger }), [], ledgerReader(voices))
}

describe('what is left of a comparison', () => {
  it('is everything while nobody has said anything', () => {
    expect(page([], 'left')).toMatchObject({ total: 3, expected: 0 })
  })

  it('is without the rows that the ledger expects, which are counted and can be asked for', () => {
    expect(page([expects('Key')], 'left')).toMatchObject({ total: 2, expected: 1, all: 3 })
    expect(page([expects('Key')], 'all')).toMatchObject({ total: 3, expected: 1 })
  })

  it('keeps a row that has outgrown its bound', () => {
    expect(page([expects('Key', { bound: 99 })], 'left').total).toBe(3)
    expect(page([expects('Key', { bound: 100 })], 'left').total).toBe(2)
  })

  it('folds a suspect away only when all of its rows are expected, or the suspect itself', () => {
    const expected = (voices: LedgerVoice[]) =>
      page(voices, 'left').suspects.map(({ isExpected }) => isExpected)
    expect(expected([expects('Key')])).toEqual([false, false])
    expect(expected([expects('Key'), expects('Value')])).toEqual([true, false])
    expect(expected([expects('the suspect queue')])).toEqual([false, true])
  })

  it('is the same in the file that is saved', () => {
    const left = leftRows(report.rows, { ledger: 'left' }, ledgerReader([expects('Job')]))
    expect(left.map(({ className }) => className)).toEqual(['Key', 'Value'])
  })
})

describe('rows beside those of another capture', () => {
  const tableRow = (key: string, count: number) => ({
    key,
    type: null,
    className: key,
    site: null,
    file: null,
    line: null,
    method: null,
    generation: null,
    count,
    bytes: count * 40,
  })

  it('are matched by their key, and new ones were nothing', () => {
    const [old, added] = withSince([tableRow('A', 5), tableRow('__proto__', 3)], [tableRow('A', 2)])
    expect(old?.since).toEqual({ count: 2, bytes: 80 })
    expect(added?.since).toEqual({ count: 0, bytes: 0 })
  })
})
