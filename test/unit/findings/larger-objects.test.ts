import { describe, expect, it } from 'vitest'
import { captureTables } from '#lib/findings/capture'
import { growth } from '#lib/findings/growth'
import type { GrowthCapture, GrowthReport } from '#lib/findings/growth-model'
import { type LargerRow, largerReading } from '#lib/findings/larger-objects'
import { retention } from '#lib/heap/retention'
import { drawHeap } from '#test/build/draw-heap'
import { RubyProcess } from '#test/build/ruby-process'

const KIB = 1024

const reading = (sizes: readonly number[], more: Partial<LargerRow> = {}) =>
  largerReading({
    counts: sizes.map(() => 1),
    bytes: sizes.map((size) => size * KIB),
    references: sizes.map(() => 0),
    isOnePlace: true,
    isKept: true,
    ...more,
  })

describe('objects that become larger, not more', () => {
  it('[GRW19] are a suspect when they grew in every interval by other steps than room for more is made in', () => {
    expect(reading([100, 200, 300])).toMatchObject({ shape: 'growing every time', isSuspect: true })
    expect(reading([100, 200, 300])!.reason).toContain('100.0 KiB → 200.0 KiB → 300.0 KiB')
    expect(reading([100, 130, 150])).toBeUndefined()
    expect(reading([1_000_000, 1_000_100, 1_000_200])).toBeUndefined()
  })

  it('[GRW20] may have been made room for once: a table that doubles is undecided, never flat', () => {
    for (const sizes of [
      [112, 224, 448],
      [131.4, 197.1, 295.7],
      [192, 384, 384],
      [192, 192, 384],
    ])
      expect(reading(sizes)).toMatchObject({ shape: 'cannot tell', isSuspect: false })
  })

  it('[GRW20] grow on when four captures each show them larger, and stopped when they stay for as long as they grew', () => {
    expect(reading([112, 224, 448, 896])?.isSuspect).toBe(true)
    expect(reading([112, 224, 224, 224])).toMatchObject({ shape: 'grew once', isSuspect: false })
  })

  it('[GRW21] are told by what they hold where that is objects: a bounded cache whose table doubles is none', () => {
    expect(reading([112, 224, 448], { references: [6000, 9000, 9000] })).toBeUndefined()
    expect(reading([112, 224, 448], { references: [1, 1, 2] })?.shape).toBe('cannot tell')
  })

  it('[GRW22] are undecided where they are others each time, not followed, or all of a class', () => {
    for (const more of [{ isKept: false }, { isKept: undefined }, { isOnePlace: false }])
      expect(reading([20, 90, 200], more)).toMatchObject({ shape: 'cannot tell', isSuspect: false })
  })
})

/** Captures of a process in which one array has these sizes in KiB. */
function arrayOf(sizes: readonly number[], traced = true): GrowthReport {
  const process = new RubyProcess()
  const array = process.addClass('Array')
  const list = process.add({ type: 'ARRAY', class: array, at: 'stats.rb:3' })
  process.link(process.addClass('Stats'), list)
  const captures = sizes.map((size): GrowthCapture => {
    process.resize(list, size * KIB)
    process.collect()
    return process.capture({ traced })
  })
  return growth(captures)
}

describe('an array of numbers', () => {
  it('[GRW23] that is never emptied is a suspect, told by its size and by who keeps it', () => {
    const [suspect, ...others] = arrayOf([100, 220, 330]).suspects
    expect(others).toEqual([])
    expect(suspect!.words).toContain(
      'class Stats keeps 1 Array that became larger (100.0 KiB → 220.0 KiB → 330.0 KiB), made at stats.rb:3',
    )
    expect(suspect!.words).not.toContain('0.00 objects')
  })

  it('[GRW23] that cannot be decided is named by the summary, traced or not', () => {
    for (const report of [arrayOf([100, 200, 400]), arrayOf([100, 220, 330], false)]) {
      expect(report.suspects).toEqual([])
      expect(report.summary).toMatch(/may go on growing: Array .*\(100\.0 KiB → .*Later captures decide/)
      expect(report.summary).not.toContain('elsewhere')
    }
  })
})

describe('what one owner keeps of a group', () => {
  /** Entries of one list at these ids, in each capture. */
  const captured = (entries: readonly (readonly number[])[]): GrowthCapture[] =>
    entries.map((ids) => {
      const kept = new Set(ids)
      const objects = Array.from({ length: 20_000 }, (_, id) =>
        id === 1 ? { className: 'List', to: ids } : { className: kept.has(id) ? 'Entry' : 'Other' },
      )
      const others = objects.flatMap(({ className }, id) => (className === 'Other' ? [id] : []))
      const drawn = drawHeap({ objects, roots: [['vm', [1, ...others]]] })
      const snapshot = { ...drawn, keyKind: 'id' as const }
      const { groups, identities, owners } = captureTables(snapshot, retention(snapshot))
      return { groups, identities, owners, process: 'one' }
    })
  // Odd ones: only these last.
  const range = (from: number, to: number): number[] =>
    Array.from({ length: to - from }, (_, index) => 2 * (from + index) + 1)

  it('[TRU18] is no growth when what came in between is gone: a buffer that is emptied, longer by chance', () => {
    const report = growth(captured([range(10, 40), range(100, 170), range(300, 420)]))
    const row = report.rows.find(({ className }) => className === 'Entry')!
    expect(row).toMatchObject({ shape: 'cannot tell', isSuspect: false })
    expect(row.reason).toContain('they are replaced')
  })

  it('[TRU18] is growth when it is still there', () => {
    const report = growth(captured([range(10, 40), range(10, 80), range(10, 130)]))
    expect(report.suspects).toHaveLength(1)
  })
})
