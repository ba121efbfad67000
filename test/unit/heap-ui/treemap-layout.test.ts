import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { growthOf, tileColor, tilesOf } from '#components/heap/treemap-layout'
import type { OwnerLine } from '#lib/reports/objects'

const line = (path: number, retainedBytes: number, changes: Partial<OwnerLine> = {}): OwnerLine => ({
  path,
  name: `class C${path}`,
  edge: null,
  count: 1,
  shallowBytes: 1,
  retainedBytes,
  retainedObjects: 1,
  hasChildren: true,
  example: null,
  ...changes,
})
const NO_REST = { paths: 0, retainedBytes: 0, retainedObjects: 0 }

describe('the treemap', () => {
  it('gives every owner an area by its retained bytes', () => {
    const tiles = tilesOf({ children: [line(1, 300), line(2, 100)], rest: NO_REST }, 400, 100)
    const area = (path: number) => {
      const tile = tiles.find((one) => one.line?.path === path)
      return (tile?.width ?? 0) * (tile?.height ?? 0)
    }
    expect(area(1) / area(2)).toBeCloseTo(3, 1)
  })

  it('puts what is too small to press into one tile, with the rest that the server summed up', () => {
    const children = [line(1, 1_000_000), ...Array.from({ length: 30 }, (_, at) => line(at + 2, 5))]
    const rest = { paths: 12_204, retainedBytes: 31, retainedObjects: 40_000 }
    const tiles = tilesOf({ children, rest }, 600, 300)
    expect(tiles).toHaveLength(2)
    const smaller = tiles.find((tile) => tile.line === null)
    expect(smaller).toMatchObject({ paths: 12_234, retainedBytes: 30 * 5 + 31 })
    expect(smaller?.width).toBeGreaterThan(20)
  })

  it('stays inside its box and never overlaps, whatever the sizes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 2 ** 40 }), { maxLength: 250 }),
        fc.integer({ min: 120, max: 1600 }),
        fc.integer({ min: 100, max: 900 }),
        (sizes, width, height) => {
          const children = sizes.map((size, at) => line(at + 1, size))
          const tiles = tilesOf({ children, rest: NO_REST }, width, height)
          for (const tile of tiles) {
            expect(tile.x).toBeGreaterThanOrEqual(-0.1)
            expect(tile.y).toBeGreaterThanOrEqual(-0.1)
            expect(tile.x + tile.width).toBeLessThanOrEqual(width + 0.1)
            expect(tile.y + tile.height).toBeLessThanOrEqual(height + 0.1)
          }
          const lines = tiles.filter((tile) => tile.line !== null)
          if (lines.length > 1)
            expect(lines.filter((tile) => Math.min(tile.width, tile.height) < 8).length).toBeLessThan(2)
          const covered = tiles.reduce((sum, tile) => sum + tile.width * tile.height, 0)
          expect(covered).toBeLessThanOrEqual(width * height + 1)
        },
      ),
    )
  })

  it('is empty where nothing is retained', () => {
    expect(tilesOf({ children: [line(1, 0)], rest: NO_REST }, 400, 300)).toEqual([])
  })

  it('colours growth since another capture, new owners as growth, and leaves what stayed alone', () => {
    expect(growthOf(line(1, 10))).toBeNull()
    expect(growthOf(line(1, 10, { since: null }))).toBe(10)
    expect(growthOf(line(1, 10, { since: { count: 1, retainedBytes: 4 } }))).toBe(6)
    const color = (before: number) =>
      tileColor(line(1, 10, { since: { count: 1, retainedBytes: before } }), 10)
    expect(color(0)).toContain('--growth')
    expect(color(20)).toContain('--steady')
    expect(color(10)).toBe('var(--sunken)')
  })
})
