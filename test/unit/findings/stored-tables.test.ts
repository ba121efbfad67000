import { describe, expect, it } from 'vitest'
import { captureTables } from '#lib/findings/capture'
import { decodeGenerationTable, encodeGenerationTable } from '#lib/findings/generations'
import { decodeGroupTable, encodeGroupTable, siteOfGroup, siteWords } from '#lib/findings/group-table'
import { FOLDED_CLASS, groupedObjects } from '#lib/findings/groups'
import { byClass, bySite, byType } from '#lib/findings/histograms'
import { decodeIdentityTable, encodeIdentityTable } from '#lib/findings/identity-table'
import { retention } from '#lib/heap/retention'
import { rubyFixture, rubyLines, scanRuby } from '#test/build/ruby-dump'

const heap = scanRuby(rubyFixture('1-end-of-up'))
const tables = captureTables(heap)

describe('the tables of a capture', () => {
  it('[CAP1] add up to the capture, whichever way they are grouped', () => {
    const { objects, shallowBytes } = tables.totals
    for (const rows of [byType(tables.groups), byClass(tables.groups), bySite(tables.groups)]) {
      expect(rows.reduce((sum, row) => sum + row.count, 0)).toBe(objects)
      expect(rows.reduce((sum, row) => sum + row.bytes, 0)).toBe(shallowBytes)
    }
    expect(tables.generations.count.reduce((sum, count) => sum + count, 0)).toBe(objects)
    expect(tables.identities.objects).toBe(objects)
  })

  it('[CAP2] list the largest first', () => {
    const bytes = [...tables.groups.bytes]
    expect(bytes).toEqual([...bytes].sort((a, b) => b - a))
  })

  it('[CAP3] come back from storage as they were', () => {
    const shifted = new Uint8Array(encodeGroupTable(tables.groups).length + 3)
    shifted.set(encodeGroupTable(tables.groups), 3)

    expect(decodeGroupTable(shifted.subarray(3))).toEqual({
      ...tables.groups,
      typeNames: [...tables.groups.typeNames],
    })
    expect(decodeIdentityTable(encodeIdentityTable(tables.identities))).toEqual(tables.identities)
    expect(decodeGenerationTable(encodeGenerationTable(tables.generations))).toEqual(tables.generations)
  })

  it('[CAP4] are refused when a stored byte changed, the version is another, or the end is missing', () => {
    const stored = encodeGroupTable(tables.groups)
    const damaged = stored.slice()
    damaged[stored.length - 9]! ^= 1
    const newer = stored.slice()
    newer[4] = 99

    expect(() => decodeGroupTable(damaged)).toThrow('damaged')
    expect(() => decodeGroupTable(newer)).toThrow('version 99')
    expect(() => decodeGroupTable(stored.subarray(0, 200))).toThrow()
    expect(() => decodeGroupTable(new Uint8Array(3))).toThrow()
  })

  it('[CAP5] keep identities sorted by address', () => {
    const { pageKey, pageStart, step } = tables.identities
    for (let page = 0; page < pageKey.length; page++) {
      if (page > 0) expect(pageKey[page]).toBeGreaterThan(pageKey[page - 1]!)
      for (let i = pageStart[page]! + 1; i < pageStart[page + 1]!; i++)
        if (step[i]! <= step[i - 1]!) throw new Error(`page ${page} is not sorted`)
    }
  })

  it('[CAP6] fold what is too much into one row per type and say how many', () => {
    const lines = Array.from(
      { length: 50 },
      (_, i) =>
        `{"address":"0x7f00000${10_000 + i * 40}", "type":"STRING", "file":"f${i}.rb", "line":1, "generation":1, "memsize":40}`,
    )
    const { table, foldedObjects } = groupedObjects(scanRuby(rubyLines(...lines)), 10)

    expect(table.groups).toBe(11)
    expect(foldedObjects).toBe(40)
    expect(byClass(table).find((row) => row.name === FOLDED_CLASS)?.count).toBe(40)
  })

  it('[CAP7] say in words where a group was allocated', () => {
    const traced = tables.groups.site.findIndex((site) => site !== 0)

    expect(siteWords(siteOfGroup(tables.groups, traced))).toMatch(/\w+:\d+/)
    expect(siteWords(undefined)).toBe('not traced')
    expect(siteWords({ file: 'date_core.so', line: undefined, method: 'now' })).toBe('date_core.so now')
  })

  it('[CAP8] carry the truth of the capture in their totals', () => {
    expect(tables.totals).toMatchObject({
      objects: 18_311,
      rootCategories: 4,
      badLines: 0,
      danglingReferences: 0,
      isPartial: false,
      truncatedAt: undefined,
    })
    expect(tables.totals.lines).toBe(18_315)
  })

  it('[CAP9] say what tracing itself takes, apart from what the program holds', () => {
    const traced = scanRuby(rubyFixture('trace-1-warm'))
    const { remarks, tracer } = captureTables(traced, retention(traced)).totals

    expect(tracer?.objects).toBe(1)
    expect(tracer?.retainedBytes).toBeGreaterThanOrEqual(tracer?.shallowBytes ?? Number.NaN)
    expect(remarks.join(' ')).toContain('Allocation tracing itself takes 16.1 MiB of this heap')
    expect(captureTables(heap, retention(heap)).totals.remarks.join(' ')).not.toContain('itself takes 16')
  })

  it('[CAP10] give what the objects of a group retain, and stay readable from before that was known', () => {
    const groups = captureTables(heap, retention(heap)).groups
    const stored = decodeGroupTable(encodeGroupTable(groups))

    expect(stored.retainedBytes).toEqual(groups.retainedBytes)
    for (let group = 0; group < groups.groups; group++)
      expect(groups.retainedBytes![group]).toBeLessThanOrEqual(tables.totals.shallowBytes)
    expect(decodeGroupTable(encodeGroupTable(tables.groups)).retainedBytes).toBeUndefined()
  })
})
