import { beforeAll, describe, expect, it } from 'vitest'
import { captureTables } from '#lib/findings/capture'
import { growth } from '#lib/findings/growth'
import type { GrowthCapture, GrowthReport } from '#lib/findings/growth-model'
import { rubyFixture, scanRuby } from '#test/build/ruby-dump'

function capture(name: string, requests?: number): GrowthCapture {
  const { groups, identities } = captureTables(scanRuby(rubyFixture(name)))
  return { groups, identities, requests }
}

const short = (row: GrowthReport['rows'][number]): string =>
  `${row.type} ${row.className} ${row.site?.file.split('/').at(-1)}:${row.site?.line}`

describe('growth between three dumps of a Rails-like process', () => {
  let captures: GrowthCapture[]
  let report: GrowthReport

  beforeAll(() => {
    captures = [
      capture('trace-1-warm', 2500),
      capture('trace-2-after-4000', 6500),
      capture('trace-3-after-8000', 10_500),
    ]
    report = growth(captures)
  }, 60_000)

  it('[GRW12] finds exactly the nine rows of the two planted sites', () => {
    const rows = report.rows.filter((row) => row.shape === 'growing every time')

    expect(rows.map(short).sort()).toEqual([
      'ARRAY Array audit_trail.rb:10',
      'DATA Time <internal:timev>:224',
      'HASH Hash audit_trail.rb:8',
      'OBJECT AuditTrail::Entry audit_trail.rb:14',
      'STRING String audit_trail.rb:10',
      'STRING String audit_trail.rb:7',
      'STRING String quote_memo.rb:6',
      'STRING String utils.rb:65',
      'STRUCT QuoteMemo::Quote quote_memo.rb:6',
    ])
    expect(report.rows.filter((row) => row.isSuspect)).toHaveLength(9)
  })

  it('[GRW13] gives the rate per request that was planted', () => {
    const entry = report.rows.find((row) => row.className === 'AuditTrail::Entry')!
    const quote = report.rows.find((row) => row.className === 'QuoteMemo::Quote')!

    expect(entry.counts).toEqual([2500, 6500, 10_500])
    expect(entry.perRequest?.objects).toBeCloseTo(1, 6)
    expect(quote.perRequest?.objects).toBeCloseTo(0.1, 6)
  })

  it('[GRW14] calls callbacks and attribute methods growth that happened once', () => {
    const good = report.rows.filter((row) => /callbacks|attribute_methods/.test(row.site?.file ?? ''))

    expect(good.length).toBeGreaterThan(5)
    expect(new Set(good.map((row) => row.shape))).toEqual(new Set(['flat', 'grew once']))
  })

  it('[GRW15] shows that kept objects are kept and that slots were reused', () => {
    const entry = report.rows.find((row) => row.className === 'AuditTrail::Entry')!

    expect(entry.evidence).toMatchObject({
      isExact: true,
      survived: 2500,
      appeared: 8000,
      appearedBetween: 4000,
      keptOfThose: 4000,
    })
    expect(entry.evidence!.inReusedSlots).toBeGreaterThan(0)
  })

  it("[GRW16] keeps the allocation tracer's own table out of the shares", () => {
    expect(report.remarks.join(' ')).toContain("The allocation tracer's own table grew by 16.0 MiB")
    expect(report.explainedShare).toBeGreaterThan(0.4)
  })

  it('[GRW17] lets only what was born all along stand out between two captures, and says what would decide', () => {
    for (const pair of [captures.slice(0, 2), captures.slice(1)]) {
      const two = growth(pair)
      const planted = /audit_trail|quote_memo|timev|utils/

      expect(two.suspects.length).toBeGreaterThan(0)
      for (const suspect of two.suspects) expect(suspect.confidence.level).toBe('low')
      for (const row of two.rows)
        if (row.isSuspect) expect(row).toMatchObject({ site: { file: expect.stringMatching(planted) } })
      expect(two.rows.some((row) => row.shape === 'growing every time')).toBe(false)
      expect(two.summary).toContain('a third one')
    }
  })
})

describe('growth between dumps of a process whose growth is outside the Ruby heap', () => {
  it('[GRW18] finds no group that grows every time', () => {
    const report = growth([capture('1-end-of-up'), capture('2-end-of-down'), capture('3-end-of-up')])

    expect(report.suspects).toEqual([])
    expect(report.rows.map((row) => row.shape)).not.toContain('growing every time')
    expect(report.summary).toContain('outside this heap')
  })
})
