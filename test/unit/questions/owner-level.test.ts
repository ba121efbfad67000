import { describe, expect, it } from 'vitest'
import type { OwnerTree } from '#lib/findings/owner-tree'
import { ALLOCATION_TRACER } from '#lib/heap/class-names'
import { NO_INDEX } from '#lib/heap/snapshot'
import { ownerLevel } from '#lib/questions/owner-level'

/** Paths as "parent name retained"; path 0 is the root. */
function tree(
  ...paths: (readonly [parent: number, name: string, retained: number, edge?: string])[]
): OwnerTree {
  const names = ['', ...new Set(paths.flatMap(([, name, , edge]) => (edge ? [name, edge] : [name])))]
  const all = [
    [0, '', paths.filter(([parent]) => parent === 0).reduce((sum, [, , size]) => sum + size, 0)] as const,
    ...paths,
  ]
  const none = new Uint32Array(0)
  return {
    paths: all.length,
    names,
    parent: Uint32Array.from(all, ([parent]) => parent),
    name: Uint32Array.from(all, ([, name]) => names.indexOf(name)),
    edge: Uint32Array.from(all, ([, , , edge]) => (edge ? names.indexOf(edge) : 0)),
    count: new Float64Array(all.length).fill(1),
    shallowBytes: new Float64Array(all.length),
    retainedBytes: Float64Array.from(all, ([, , retained]) => retained),
    retainedObjects: new Float64Array(all.length).fill(2),
    example: Uint32Array.from(all, (_, path) => (path === 0 ? NO_INDEX : path * 10)),
    exampleReferences: new Uint32Array(all.length),
    exampleKey: new Float64Array(all.length),
    rowPath: none,
    rowGroup: none,
    rowCount: none,
    rowBytes: new Float64Array(0),
  }
}

const later = tree(
  [0, 'module Audit', 900],
  [0, 'class Cache', 50],
  [1, 'Array', 800],
  [1, 'Array', 60, 'spare'],
)

describe('a level of the owner tree', () => {
  it('lists what hangs at the root, largest first, and which of it goes deeper', () => {
    const { crumbs, children } = ownerLevel(later, 0)
    expect(crumbs).toHaveLength(1)
    expect(crumbs[0]).toMatchObject({ path: 0, retainedBytes: 950, example: null })
    expect(children.map(({ name, hasChildren, example }) => [name, hasChildren, example])).toEqual([
      ['module Audit', true, 10],
      ['class Cache', false, 20],
    ])
  })

  it('tells the way down to a path', () => {
    expect(ownerLevel(later, 3).crumbs.map(({ name }) => name)).toEqual(['', 'module Audit', 'Array'])
  })

  it('says what each path was in another capture, matched by names and references', () => {
    const before = tree(
      [0, 'class Cache', 40],
      [0, 'module Audit', 300],
      [2, 'Array', 5, 'spare'],
      [2, 'Array', 250],
    )
    const { crumbs, children } = ownerLevel(later, 1, before)
    expect(crumbs.map(({ since }) => since?.retainedBytes)).toEqual([340, 300])
    expect(children.map(({ edge, since }) => [edge, since?.retainedBytes])).toEqual([
      [null, 250],
      ['spare', 5],
    ])
  })

  it('says that a path was not there before, and then of nothing below it', () => {
    const before = tree([0, 'class Cache', 40])
    const { crumbs, children } = ownerLevel(later, 1, before)
    expect(crumbs[1]?.since).toBeNull()
    expect(children.every(({ since }) => since === null)).toBe(true)
  })

  it('sums what is too small for a tile of its own', () => {
    const wide = tree(...Array.from({ length: 450 }, (_, at) => [0, `Class${at}`, 1000 - at] as const))
    const { children, rest } = ownerLevel(wide, 0)
    expect(children).toHaveLength(200)
    expect(rest).toEqual({ paths: 250, retainedObjects: 500, retainedBytes: (250 * (800 + 551)) / 2 })
  })

  it('tells what allocation tracing itself takes apart, in no line and no sum', () => {
    const traced = tree([0, '(root: vm)', 530], [0, 'module Audit', 900], [1, ALLOCATION_TRACER, 500])
    const level = ownerLevel(traced, 0)
    expect(level.tracingBytes).toBe(500)
    expect(level.crumbs[0]?.retainedBytes).toBe(930)
    expect(level.children.map(({ name, retainedBytes }) => [name, retainedBytes])).toEqual([
      ['module Audit', 900],
      ['(root: vm)', 30],
    ])
    expect(ownerLevel(traced, 1).children).toEqual([])
    expect(ownerLevel(later, 0, traced).children[0]?.since?.retainedBytes).toBe(900)
  })

  it('refuses a path that is not there', () => {
    expect(() => ownerLevel(later, 5)).toThrow('does not exist')
  })
})
