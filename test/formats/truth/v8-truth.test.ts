import { beforeAll, describe, expect, it } from 'vitest'
import { captureTables } from '#lib/findings/capture'
import { growth } from '#lib/findings/growth'
import type { GrowthCapture, GrowthReport } from '#lib/findings/growth-model'
import { retention } from '#lib/heap/retention'
import { leakTrio, scanV8 } from '#test/build/v8-snapshot'

// test/fixtures/v8/leak.cjs plants three: a Map of sessions that is never emptied, listeners that are never removed, a Set of
// closures. A ring of log lines and a table of routes are bounded.

const capturesOf = (requests: number, flags: readonly string[] = []): GrowthCapture[] =>
  [...leakTrio(requests, flags).values()].map((data, at) => {
    const snapshot = scanV8(data)
    const { groups, identities, owners } = captureTables(snapshot, retention(snapshot))
    return { groups, identities, owners, requests: (at + 1) * requests }
  })

describe('the planted truth of the Node process', () => {
  let captures: GrowthCapture[]
  let report: GrowthReport

  beforeAll(() => {
    captures = capturesOf(4000)
    report = growth(captures)
  }, 120_000)

  it('[TRU9] has exactly three suspects, each by the names of the references that keep it', () => {
    const titles = report.suspects.map(({ title }) => title)

    expect(report.suspects.map(({ words }) => words)).toHaveLength(3)
    expect(titles[0]).toContain('map (Map)')
    expect(titles.join('\n')).toContain('tick (Array)')
    expect(titles.join('\n')).toContain('timers (Set)')
  })

  it('[TRU10] counts what was planted, per request', () => {
    const sessions = report.rows.find((row) => row.className === 'Session')!
    expect(sessions.counts).toEqual([4000, 8000, 12_000])
    expect(sessions.perRequest?.objects).toBeCloseTo(1, 6)
  })

  it('[TRU11] follows objects by their ids: all sessions that came in between are still there', () => {
    const sessions = report.rows.find((row) => row.className === 'Session')!
    expect(sessions.evidence).toMatchObject({
      isExact: true,
      survived: 4000,
      appeared: 8000,
      appearedBetween: 4000,
      keptOfThose: 4000,
      inReusedSlots: 0,
    })
    expect(report.suspects[0]!.confidence.level).toBe('high')
  })

  it('[TRU12] does not suspect the ring of log lines, the routes, nor the runtime itself', () => {
    for (const name of ['LogLine', '(compiled code)', '(object shape)', '(system)'])
      expect(report.rows.filter((row) => row.className === name && row.isSuspect)).toEqual([])
  })

  it('[TRU13] names the sessions first with two captures, with low confidence', () => {
    const two = growth(captures.slice(0, 2))
    expect(two.suspects[0]!.title).toContain('Map')
    for (const suspect of two.suspects) expect(suspect.confidence.level).toBe('low')
    expect(JSON.stringify(two.suspects)).not.toContain('LogLine')
  })

  // What V8 compiles, and what its stack points at while the snapshot is written, moves the owner of many a string.
  it.each(['--max-semi-space-size=1', '--jitless', '--always-sparkplug', '--predictable'])(
    '[TRU16] is the same whatever V8 does by the way (%s)',
    (flag) => {
      const titles = growth(capturesOf(1000, [flag])).suspects.map(({ title }) => title)
      expect(titles).toHaveLength(3)
      for (const [at, name] of ['map (Map)', 'tick (Array)', 'timers (Set)'].entries())
        expect(titles[at]).toContain(name)
    },
  )
})
