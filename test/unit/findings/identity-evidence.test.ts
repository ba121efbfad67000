import { describe, expect, it } from 'vitest'
import { captureTables } from '#lib/findings/capture'
import { growth } from '#lib/findings/growth'
import type { GrowthCapture } from '#lib/findings/growth-model'
import { rubyLines, scanRuby } from '#test/build/ruby-dump'

interface Drawn {
  slot: number
  line?: number
  generation?: number
}

/** A capture of String objects: where each stands, on which line it was made, and when. */
function drawn(objects: readonly Drawn[]): GrowthCapture {
  const lines = objects.map(({ slot, line, generation }) => {
    const address = (0x7f0000010000 + slot * 40).toString(16)
    const traced = line === undefined ? '' : `, "file":"app.rb", "line":${line}, "generation":${generation}`
    return `{"address":"0x${address}", "type":"STRING"${traced}, "memsize":40}`
  })
  return captureTables(scanRuby(rubyLines(...lines)))
}

const range = (from: number, to: number, draw: (i: number) => Drawn): Drawn[] =>
  Array.from({ length: to - from }, (_, i) => draw(from + i))

describe('identity across captures', () => {
  it('[IDN1] tells a ring buffer from things that are kept, though both are new by address', () => {
    const at = (round: number) =>
      drawn([
        // Kept: 100 more each round. Ring: 200 slots, all written anew each round.
        ...range(0, 100 * round, (slot) => ({ slot, line: 1, generation: 10 + Math.floor(slot / 100) * 10 })),
        ...range(1000, 1200, (slot) => ({ slot, line: 2, generation: round * 10 })),
      ])
    const report = growth([at(1), at(2), at(3)])
    const kept = report.rows.find((row) => row.site?.line === 1)!

    expect(kept.shape).toBe('growing every time')
    expect(kept.evidence).toMatchObject({
      survived: 100,
      appeared: 200,
      appearedBetween: 100,
      keptOfThose: 100,
    })
    // The ring's count never changed, so it is no row at all.
    expect(report.rows.some((row) => row.site?.line === 2)).toBe(false)
  })

  it('[IDN2] sees that a slot holds another object of the same kind by its generation', () => {
    const before = drawn([
      { slot: 1, line: 1, generation: 5 },
      { slot: 2, line: 1, generation: 5 },
    ])
    const after = drawn([
      { slot: 1, line: 1, generation: 5 },
      { slot: 2, line: 1, generation: 9 },
      { slot: 3, line: 1, generation: 9 },
    ])

    expect(growth([before, after]).rows[0]!.evidence).toMatchObject({
      survived: 1,
      appeared: 2,
      inReusedSlots: 1,
    })
  })

  it('[IDN3] says what it cannot tell of objects that were not traced', () => {
    const report = growth([drawn([{ slot: 1 }]), drawn([{ slot: 1 }, { slot: 2 }])])

    expect(report.rows[0]!.evidence).toMatchObject({ isExact: false, survived: 1, appeared: 1 })
    expect(report.rows[0]!.evidence!.words).toContain('were not traced')
  })

  it('[IDN4] notices compaction and then follows no single object', () => {
    const objects = range(0, 500, (slot) => ({ slot, line: 1 + (slot % 3), generation: slot % 20 }))
    const moved = objects.map((object) => ({ ...object, slot: object.slot + 700 }))
    const more = range(2000, 2050, (slot) => ({ slot, line: 1, generation: 40 }))
    const report = growth([drawn(objects), drawn([...moved, ...more])])

    expect(report.remarks.join(' ')).toContain('compacted')
    expect(report.rows[0]!.evidence).toBeUndefined()
    expect(report.rows[0]!.countChange).toBe(50)
  })

  it('[IDN5] still follows objects when most of the heap was replaced between captures', () => {
    const kept = range(0, 300, (slot) => ({ slot: slot * 2, line: 1, generation: 10 }))
    const inFlight = range(0, 5000, (slot) => ({ slot: 1000 + slot, line: 2, generation: 11 }))
    const later = range(0, 300, (slot) => ({ slot: 1000 + slot * 3, line: 1, generation: 20 }))
    const report = growth([drawn([...kept, ...inFlight]), drawn([...kept, ...later])])
    const row = report.rows.find((one) => one.site?.line === 1)!

    expect(row.evidence).toMatchObject({ survived: 300, appeared: 300, inReusedSlots: 300 })
  })
})
