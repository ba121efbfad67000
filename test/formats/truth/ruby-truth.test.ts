import { beforeAll, describe, expect, it } from 'vitest'
import { captureTables } from '#lib/findings/capture'
import { growth } from '#lib/findings/growth'
import type { GrowthCapture, GrowthReport } from '#lib/findings/growth-model'
import { retention } from '#lib/heap/retention'
import { rubyFixture, scanRuby } from '#test/build/ruby-dump'

// What was planted is known: three dumps of a Rails-like process with two leaks, an LRU cache of 1,000 entries and much
// that is loaded on first use; and three of a process whose leak is in a C extension, outside the Ruby heap.

const TRIO = ['trace-1-warm', 'trace-2-after-4000', 'trace-3-after-8000']
const REQUESTS = [2500, 6500, 10_500]

function capture(data: Uint8Array, requests?: number): GrowthCapture {
  const snapshot = scanRuby(data)
  const { groups, identities, owners } = captureTables(snapshot, retention(snapshot))
  return { groups, identities, owners, requests }
}

/** The same dump as a process writes it that does not trace allocations. */
function untraced(data: Uint8Array): Uint8Array {
  const text = Buffer.from(data).toString('latin1')
  const kept = text
    .replaceAll(/"file":"[^"\n]*", |"line":-?\d+, |"method":"[^"\n]*", |"generation":\d+, /g, '')
    .split('\n')
    .filter((line) => !line.includes('allocation_info_tracer'))
  return Buffer.from(kept.join('\n'), 'latin1')
}

/** Retained bytes per capture of what this module's collection holds, the module included. */
function retainedBy(report: GrowthReport, title: RegExp): readonly number[] {
  const suspect = report.suspects.find((one) => title.test(one.title))!
  return report.holders[suspect.holder!]!.retainedBytes
}

describe('the planted truth of the Rails-like process', () => {
  let captures: GrowthCapture[]
  let report: GrowthReport

  beforeAll(() => {
    captures = TRIO.map((name, at) => capture(rubyFixture(name), REQUESTS[at]))
    report = growth(captures)
  }, 120_000)

  it('[TRU1] has exactly two suspects, each by what keeps it', () => {
    expect(report.suspects.map(({ title, confidence }) => [title, confidence.level])).toEqual([
      ['module AuditTrail → Array of 10,500', 'high'],
      ['module QuoteMemo → Hash with 2,100 references', 'high'],
    ])
    expect(report.suspects.flatMap(({ rows }) => rows)).toHaveLength(9)
  })

  it('[TRU2] tells what each keeps per request, as planted: about 561 B for every one, 66 B for every tenth', () => {
    const [audit, quotes] = report.suspects
    expect(audit!.perRequest!.objects).toBeCloseTo(1, 6)
    expect(audit!.perRequest!.bytes).toBeGreaterThan(555)
    expect(audit!.perRequest!.bytes).toBeLessThan(565)
    expect(quotes!.perRequest!.objects).toBeCloseTo(0.1, 6)
    expect(quotes!.perRequest!.bytes * 10).toBeGreaterThan(650)
    expect(quotes!.perRequest!.bytes * 10).toBeLessThan(680)
  })

  it('[TRU3] gives the retained bytes of both modules in every capture', () => {
    const modules = captures.map(({ owners }) => {
      const of = (name: string): number => {
        let total = 0
        for (let path = 0; path < owners!.paths; path++)
          if (owners!.names[owners!.name[path]!] === name) total += owners!.retainedBytes[path]!
        return total
      }
      return [of('module AuditTrail'), of('module QuoteMemo')]
    })
    // Measured without class edges: with them, a module also keeps its singleton class and that one's methods.
    const planted = [
      [1_409_424, 159_170],
      [3_654_928, 424_274],
      [5_896_248, 694_836],
    ]
    for (const [at, [audit, quotes]] of modules.entries()) {
      expect(audit! - planted[at]![0]!).toBeGreaterThanOrEqual(0)
      expect(audit! - planted[at]![0]!).toBeLessThan(4000)
      expect(quotes! - planted[at]![1]!).toBeGreaterThanOrEqual(0)
      expect(quotes! - planted[at]![1]!).toBeLessThan(4000)
    }
    expect(retainedBy(report, /AuditTrail/)[2]! - retainedBy(report, /AuditTrail/)[0]!).toBe(4_486_824)
  })

  it('[TRU4] does not suspect the cache that replaces its entries, nor what is loaded on first use', () => {
    const good = report.rows.filter((row) =>
      /fragment_lru|attribute_methods|callbacks|delegation/.test(row.site?.file ?? ''),
    )
    expect(good.length).toBeGreaterThan(20)
    expect(good.filter((row) => row.isSuspect)).toEqual([])
    expect(JSON.stringify(report.suspects)).not.toContain('Fragment')
  })

  it('[TRU5] proposes what is loaded on first use as expected', () => {
    expect(report.proposals.map(({ title }) => title).join('\n')).toContain('attribute_methods.rb')
    for (const { row } of report.proposals) expect(report.rows[row]!.isSuspect).toBe(false)
  })

  it('[TRU6] finds the same two without allocation tracing, by class and owner, and says what tracing would add', () => {
    const plain = growth(TRIO.map((name, at) => capture(untraced(rubyFixture(name)), REQUESTS[at])))

    expect(plain.suspects.map(({ title, confidence }) => [title, confidence.level])).toEqual([
      ['module AuditTrail → Array of 10,500', 'medium'],
      ['module QuoteMemo → Hash with 2,100 references', 'medium'],
    ])
    expect(plain.rows.every(({ site }) => site === undefined)).toBe(true)
    expect(plain.advice.join(' ')).toContain('trace_object_allocations_start')
  }, 120_000)

  it('[TRU7] holds whatever the order of captures is not: reversed, nothing grows', () => {
    const reversed = growth([...captures].reverse().map((one) => ({ ...one, requests: undefined })))
    expect(reversed.suspects).toEqual([])
  })
})

describe('the planted truth of the process that leaks outside its heap', () => {
  it('[TRU8] is that nothing grows in the Ruby heap: three captures, and any two of them, have no suspect', () => {
    const names = ['1-end-of-up', '2-end-of-down', '3-end-of-up']
    const captures = names.map((name) => capture(rubyFixture(name)))
    const rss = [20_700_000, 116_000_000, 118_600_000]
    const report = growth(captures.map((one, at) => ({ ...one, rssBytes: rss[at] })))

    expect(report.suspects).toEqual([])
    expect(report.unexplained).toMatchObject({ of: 'rss', share: 1 })
    expect(report.unexplained.words).toContain('Not explained by this heap')
    for (const [a, b] of [
      [0, 1],
      [1, 2],
      [0, 2],
    ])
      expect(growth([captures[a!]!, captures[b!]!]).suspects).toEqual([])
  })
})
