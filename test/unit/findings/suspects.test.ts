import { describe, expect, it } from 'vitest'
import { accumulationPoints } from '#lib/findings/accumulation'
import { fingerprint, MAX_FINGERPRINT } from '#lib/findings/fingerprint'
import { growth } from '#lib/findings/growth'
import type { GrowthCapture } from '#lib/findings/growth-model'
import { ledgerReader } from '#lib/investigation/ledger-state'
import { growthReport, leftRows } from '#lib/reports/growth-page'
import { RubyProcess } from '#test/build/ruby-process'

/**
 * A process with an array in a class; between captures `rounds` entries are added, with a collection after each
 * `perCollection` of them.
 */
function drawn(
  counts: readonly number[],
  options: { readonly burst?: boolean; readonly traced?: boolean } = {},
): GrowthCapture[] {
  const process = new RubyProcess()
  const array = process.addClass('Array')
  const entry = process.addClass('Entry')
  const list = process.add({ type: 'ARRAY', class: array })
  process.link(process.addClass('Store'), list)
  let has = 0
  return counts.map((count) => {
    const more = count - has
    for (let i = 0; i < more; i++) {
      process.link(list, process.add({ class: entry, bytes: 400, at: 'store.rb:1' }))
      if (!options.burst && i % Math.ceil(more / 10) === 0) process.collect()
    }
    // The process works on after a burst, without keeping anything.
    if (options.burst) process.collect(12)
    has = count
    process.collect(4)
    return process.capture({ traced: options.traced ?? true })
  })
}

describe('two captures', () => {
  it('[PAIR1] let what was born all along stand out, with low confidence', () => {
    const report = growth(drawn([200, 600]))

    expect(report.rows.find((row) => row.className === 'Entry')!.births).toMatchObject({ spread: 'steady' })
    expect(report.suspects).toHaveLength(1)
    expect(report.suspects[0]!.confidence).toEqual({
      level: 'low',
      reason: 'Two captures, with births all along between them. A third capture decides.',
    })
  })

  it('[PAIR2] do not let stand out what was born in a burst, as a warm-up is', () => {
    const report = growth(drawn([200, 600], { burst: true }))

    expect(report.rows.find((row) => row.className === 'Entry')!.births).toMatchObject({
      spread: 'in bursts',
    })
    expect(report.suspects).toEqual([])
  })

  it('[PAIR3] say that nothing dates births where nothing was traced', () => {
    const report = growth(drawn([200, 600], { traced: false }))

    expect(report.suspects[0]!.confidence.reason).toContain('nothing tells when the objects were born')
    expect(report.summary).toContain('a third one')
  })

  it('[PAIR4] leave small growth alone: less than half as many again, few objects, little of the heap', () => {
    expect(growth(drawn([200, 290])).suspects).toEqual([])
    expect(growth(drawn([5, 24])).suspects).toEqual([])
  })
})

describe('what the suspects do not explain', () => {
  it('[UNX1] is told of the heap, where the memory of the process is not known', () => {
    const { unexplained } = growth(drawn([100, 200, 300]))

    expect(unexplained).toMatchObject({ of: 'heap', bytes: 0, share: 0 })
    expect(unexplained.words).toContain('of this heap grew')
  })

  it('[UNX2] is told of the process where its memory was measured: the rest is not in this heap', () => {
    const captures = drawn([100, 200, 300]).map((capture, at) => ({
      ...capture,
      rssBytes: 1e6 + at * 400_000,
    }))
    const { unexplained } = growth(captures)

    expect(unexplained).toMatchObject({ of: 'rss', grownBytes: 800_000, bytes: 720_000, share: 0.9 })
    expect(unexplained.words).toMatch(/^Not explained by this heap: 703\.1 KiB \(90 %\)/)
  })
})

describe('rates', () => {
  it('[RATE1] are told per hour when the captures have times, and not when these do not rise', () => {
    const hour = 3_600_000
    const at = (times: number[]) =>
      growth(drawn([100, 200, 300]).map((capture, index) => ({ ...capture, takenAtMs: times[index] })))

    expect(at([0, hour, 2 * hour]).suspects[0]!.perHour).toEqual({ objects: 100, bytes: 40_000 })
    expect(at([0, 0, hour]).suspects[0]!.perHour).toBeUndefined()
  })
})

describe('proposals for the ledger', () => {
  it('[LED1] are made for what grew once or slows down, with the bound that was seen, never for what grows', () => {
    const stopped = growth(drawn([100, 1000, 1000])).proposals
    expect(stopped).toMatchObject([{ bound: 1100, title: 'Entry · store.rb:1' }])
    expect(stopped[0]!.reason).toContain('100 → 1,000 → 1,000 objects')
    expect(growth(drawn([100, 1000, 1100])).proposals).toHaveLength(1)
    expect(growth(drawn([100, 200, 300])).proposals).toEqual([])
    expect(growth(drawn([100, 1000])).proposals).toEqual([])
  })
})

describe('proposals for rows of bytes only', () => {
  it('[LED6] are not made: a bound in objects would never be exceeded', () => {
    const captures = drawn([100, 1000, 1000])
    const uncounted = captures.map(({ groups }) => ({
      groups: { ...groups, count: new Uint32Array(groups.groups) },
    }))
    expect(growth(captures).proposals.length).toBeGreaterThan(0)
    expect(growth(uncounted).rows.some(({ shape }) => shape === 'grew once')).toBe(true)
    expect(growth(uncounted).proposals).toEqual([])
  })
})

describe('fingerprints', () => {
  const site = { file: '/srv/releases/1/app/lib/a.rb', line: 10, method: 'call' }
  const path = [{ name: 'module A', edge: undefined }]

  it('[LED2] are the same in any capture, process and release, whatever the line', () => {
    const first = growth(drawn([100, 200, 300])).rows[0]!.fingerprint
    const other = growth(drawn([500, 900, 1400, 2000])).rows[0]!.fingerprint
    expect(other).toBe(first)
    expect(first).not.toMatch(/0x|\d{3}/)
    expect(fingerprint({ type: 'STRING', className: 'String', site, path })).toBe(
      fingerprint({
        type: 'STRING',
        className: 'String',
        site: { ...site, file: '/srv/releases/2/app/lib/a.rb', line: 12 },
        path,
      }),
    )
  })

  it('[LED3] tell holders apart: what one keeps as expected does not hide what another keeps', () => {
    const of = (name: string) =>
      fingerprint({ type: 'STRING', className: 'String', site, path: [{ name, edge: undefined }] })
    expect(of('module A')).not.toBe(of('module B'))
  })

  it('[LED5] that miss, because a handle hides the holder, leave the row to be seen: never hidden by chance', () => {
    const held = growthReport(growth(drawn([100, 200, 300])))
    const hidden = growthReport(
      growth(drawn([100, 200, 300]).map((capture) => ({ ...capture, owners: undefined }))),
    )
    const entry = held.rows[0]!.fingerprint
    const ledger = ledgerReader([{ fingerprint: entry, verdict: 'expected', bound: null, expired: false }])
    const left = (rows: typeof held.rows) => leftRows(rows, { ledger: 'left' }, ledger)

    expect(left(held.rows).some(({ fingerprint: of }) => of === entry)).toBe(false)
    expect(hidden.rows[0]!.className).toBe('Entry')
    expect(left(hidden.rows)[0]!.className).toBe('Entry')
  })

  it('[LED4] stay short whatever the names are', () => {
    const long = Array.from({ length: 16 }, () => ({ name: 'x'.repeat(5000), edge: 'y'.repeat(5000) }))
    const text = fingerprint({ type: 'OBJECT', className: 'z'.repeat(9000), site: undefined, path: long })
    expect(text.length).toBeLessThanOrEqual(MAX_FINGERPRINT)
    expect(() => JSON.parse(text)).not.toThrow()
  })
})

describe('one capture', () => {
  it('[ACC1] says what holds most, down to the object below which no single one does, and suspects nothing', () => {
    const [capture] = drawn([300])
    const points = accumulationPoints(capture!.owners!, capture!.groups)

    expect(points[0]!.title).toBe('class Store → Array of 300')
    expect(points[0]!.share).toBeGreaterThan(0.9)
    expect(points[0]!.words).toContain('One capture does not tell whether it grows.')
    expect(growth([capture!]).suspects).toEqual([])
  })
})
