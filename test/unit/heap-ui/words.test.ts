import { describe, expect, it } from 'vitest'
import { readRequests } from '#components/heap/capture-form'
import { captureRemarks, progressWords } from '#components/heap/capture-words'
import { choiceRemarks, chosenCaptures, lettered, letters } from '#components/heap/growth-choice'
import { changeOf, perRequest } from '#components/heap/growth-columns'
import { pinOfRow, pinTitle } from '#components/heap/growth-words'
import { letterOf } from '#components/heap/letters'
import { changedQuery } from '#components/heap/query-state'
import { visible } from '#components/heap/raw-text'
import { sparklinePath } from '#components/heap/sparkline'
import { CaptureId } from '#lib/investigation/ids'
import { CaptureRow, EvidenceRef } from '#lib/investigation/rows'
import { CaptureProgress } from '#lib/realtime/protocol'
import { GrowthRow } from '#lib/reports/growth-report'

const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`

function drawCapture(number: number, changes: Partial<Record<keyof CaptureRow, unknown>> = {}): CaptureRow {
  return CaptureRow.parse({
    id: id(number),
    label: `capture ${number}`,
    fileName: 'heap.json',
    rank: `a${number}`,
    state: 'ready',
    problem: null,
    sha256: 'a'.repeat(64),
    format: 'Ruby heap dump',
    size: 1000,
    takenAt: null,
    process: 'app',
    requestCount: null,
    totals: { objects: 10, shallowBytes: 400, skippedLines: 0, tracedShare: 0.9, partial: false, readMs: 5 },
    version: 1,
    createdBy: 'u1',
    createdAt: 1,
    ...changes,
  })
}

function drawRow(changes: Partial<GrowthRow> = {}): GrowthRow {
  return GrowthRow.parse({
    key: 'STRING · String · /srv/app/lib/cart/session_log.rb:41',
    type: 'STRING',
    className: 'String',
    site: { file: '/srv/app/lib/cart/session_log.rb', line: 41 },
    siteWords: '/srv/app/lib/cart/session_log.rb:41',
    counts: [1204, 11204, 21204],
    bytes: [48160, 448160, 848160],
    countChange: 20000,
    bytesChange: 800000,
    shape: 'growing every time',
    reason: 'It grew in each of 2 intervals.',
    isSuspect: true,
    confidence: { level: 'high', reason: 'Three captures.' },
    shareOfGrowth: 0.97,
    perRequest: { objects: 1, bytes: 40 },
    heldBy: [],
    moreHolders: 0,
    fingerprint: '[1]',
    ...changes,
  })
}

describe('what is compared', () => {
  it('is, unless somebody chose, the newest captures of one process and format', () => {
    const all = lettered([
      drawCapture(1),
      drawCapture(2, { process: 'other' }),
      drawCapture(3, { state: 'reading', totals: null }),
      drawCapture(4),
      drawCapture(5),
    ])
    expect(letters(chosenCaptures(all, null))).toBe('A, D and E')
  })

  it('is not the one that was attached last, when nothing belongs to it', () => {
    const all = lettered([drawCapture(1), drawCapture(2), drawCapture(3, { format: 'pprof profile' })])
    expect(letters(chosenCaptures(all, null))).toBe('A and B')
    expect(letters(chosenCaptures(all.slice(2), null))).toBe('C')
  })

  it('leaves partial dumps out unless somebody asks for them', () => {
    const partial = drawCapture(2).totals
    const all = lettered([
      drawCapture(1),
      drawCapture(2, { totals: { ...partial, partial: true } }),
      drawCapture(3),
    ])
    expect(letters(chosenCaptures(all, null))).toBe('A and C')
    expect(letters(chosenCaptures(all, `${id(1)},${id(2)}`))).toBe('A and B')
  })

  it('is what the address names, in the order of the room, without what is gone', () => {
    const all = lettered([drawCapture(1), drawCapture(2), drawCapture(3)])
    expect(letters(chosenCaptures(all, `${id(3)},${id(1)},${id(9)}`))).toBe('A and C')
  })

  it('says when captures were not traced or come from two processes', () => {
    const untraced = { ...drawCapture(1).totals, tracedShare: 0 }
    const remarks = choiceRemarks(
      lettered([drawCapture(1, { totals: untraced }), drawCapture(2, { process: 'b' })]),
    )
    expect(remarks).toHaveLength(2)
    expect(remarks[0]).toContain('off in A')
    expect(remarks[1]).toContain('2 processes')
  })
})

describe('words about captures', () => {
  it('say who uploads, how much, how fast and how long it takes', () => {
    const progress = CaptureProgress.parse({
      captureId: id(1),
      stage: 'uploading',
      ratio: 0.5,
      bytesDone: 100 * 1024 ** 2,
      bytesTotal: 200 * 1024 ** 2,
      bytesPerSecond: 10 * 1024 ** 2,
      userName: 'Jo',
    })
    expect(progressWords(progress)).toBe('Jo is uploading · 100.0 MiB of 200.0 MiB · 10.0 MiB/s · 10 s left')
  })

  it('warn of skipped lines and of dumps without tracing', () => {
    const totals = { ...drawCapture(1).totals, skippedLines: 1, tracedShare: 0 }
    const words = captureRemarks(drawCapture(1, { totals })).map((remark) => remark.words)
    expect(words).toEqual(['1 line skipped', 'not traced'])
  })

  it('name captures A to Z and go on with AA', () => {
    expect([0, 25, 26, 27, 701, 702].map(letterOf)).toEqual(['A', 'Z', 'AA', 'AB', 'ZZ', 'AAA'])
  })

  it('read a request count as people write it', () => {
    expect(['2,500', ' 2 500 ', "2'500", '', '-1', '1e3', 'many'].map(readRequests)).toEqual([
      2500,
      2500,
      2500,
      null,
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('words about growth', () => {
  it('carry their sign and unit', () => {
    expect(changeOf(drawRow(), 'count')).toBe('+20,000')
    expect(changeOf(drawRow({ countChange: -12 }), 'count')).toBe('−12')
    expect(changeOf(drawRow({ bytesChange: -1536 }), 'bytes')).toBe('−1.5 KiB')
    expect(perRequest(drawRow(), 'count')).toBe('1.00')
    expect(perRequest(drawRow(), 'bytes')).toBe('40 B')
    expect(perRequest(drawRow({ perRequest: { objects: -0.001, bytes: 0 } }), 'count')).toBe('0.00')
    expect(perRequest(drawRow({ perRequest: undefined }), 'count')).toBe('–')
  })

  it('make a pin that brings anyone to the same row and fits its schema, however hostile the class', () => {
    expect(pinTitle(drawRow())).toBe('String lib/cart/session_log.rb:41: grows every time, 1.00 per request')

    const hostile = drawRow({
      className: `\u202e${'A'.repeat(5000)}`,
      key: 'k'.repeat(2000),
      reason: 'r'.repeat(900),
    })
    expect(pinTitle(hostile).length).toBeLessThanOrEqual(200)
    expect(
      EvidenceRef.safeParse(pinOfRow(hostile, [CaptureId.parse(id(1)), CaptureId.parse(id(2))])).success,
    ).toBe(true)
  })
})

describe('text out of files', () => {
  it('cannot turn the line around, hide characters or fill the page', () => {
    expect(visible('a\u202eb\u0000c\u200bd')).toBe('a·b·c·d')
    expect(visible('x'.repeat(100_000)).length).toBe(601)
  })
})

describe('a sparkline', () => {
  it('runs from the bottom to the top, and through the middle when nothing changes', () => {
    expect(sparklinePath([0, 5, 10])).toBe('M2.0 14.0 L32.0 8.0 L62.0 2.0')
    expect(sparklinePath([7, 7])).toBe('M2.0 8.0 L62.0 8.0')
  })
})

describe('the address', () => {
  it('changes only the names that are meant, and escapes what it is given', () => {
    expect(changedQuery('?tab=growth&q=a', { q: null, row: 'A & B' })).toBe('?tab=growth&row=A+%26+B')
  })
})
