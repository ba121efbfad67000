import type { MergedOwners, OwnerCells } from './merged-owners.ts'

/** Something whose own number grows by less than this part of what it holds grows (relative growth) contains it. */
const CONTAINS_BELOW = 0.5

/**
 * The deepest path above the cell's whose own count does not grow with the cell: an array that fills up, the forty
 * classes that each got a longer list, but not the entries that come with what they hold. 0 when only the root is left.
 *
 * Relative growth is told from the first capture that has the path on, for a collection may be made on first use. A path
 * that only the last capture has contains what is below it when it is a single object.
 */
export function containerOf(owners: MergedOwners, cell: readonly number[], cellPath: number): number {
  for (let path = owners.parent[cellPath]!; path !== 0; path = owners.parent[path]!)
    if (contains(owners, path, cell)) return path
  return 0
}

function contains(owners: MergedOwners, path: number, cell: readonly number[]): boolean {
  const last = owners.captures - 1
  const count = owners.counts[last]![path]!
  // Root categories are no objects: they hold, and never multiply.
  if (count === 0) return owners.counts.every((column) => column[path] === 0)
  let first = 0
  while (first < last && owners.counts[first]![path] === 0) first++
  if (first === last) return count === 1
  const own = relativeGrowth(owners.counts[first]![path]!, count)
  const held = relativeGrowth(cell[first]!, cell[last]!)
  return own <= 0 || own < CONTAINS_BELOW * held
}

const relativeGrowth = (from: number, to: number): number => (to - from) / Math.max(1, from)

/** A group's objects below one container. */
export interface HeldPart {
  /** Merged path of the container. */
  readonly container: number
  readonly counts: readonly number[]
  readonly bytes: readonly number[]
  /** Of the group's paths below the container, those that have no other of them above. */
  readonly outermost: readonly number[]
  /** What the objects at these paths retain, per capture; an estimate where other groups share the path. */
  readonly retained: readonly number[]
  /** References that they hold, per capture: of the largest of each path, as if all there had as many. */
  readonly references: readonly number[]
}

/**
 * A group's objects by container. Parts of cells that did not change are under their containers too: the counts of all
 * parts add up to what the roots reach of the group. O(cells of the group × depth).
 */
export function heldParts(owners: MergedOwners, group: number): HeldPart[] {
  const { cells } = owners
  const byContainer = new Map<number, number[]>()
  for (let cell = cells.start[group]!; cell < cells.start[group + 1]!; cell++) {
    const container = containerOf(owners, seriesOf(cells.counts, cell), cells.path[cell]!)
    const list = byContainer.get(container)
    if (list) list.push(cell)
    else byContainer.set(container, [cell])
  }
  return [...byContainer].map(([container, list]) => heldPart(owners, container, list))
}

function heldPart(owners: MergedOwners, container: number, list: readonly number[]): HeldPart {
  const { cells } = owners
  const own = new Set(list.map((cell) => cells.path[cell]!))
  const outer = list.filter((cell) => !hasAbove(owners, cells.path[cell]!, container, own))
  return {
    container,
    counts: added(cells.counts, list),
    bytes: added(cells.bytes, list),
    outermost: outer.map((cell) => cells.path[cell]!),
    retained: cells.counts.map((_, capture) =>
      outer.reduce((sum, cell) => sum + retainedAt(owners, cells, cell, capture), 0),
    ),
    references: cells.counts.map((counts, capture) =>
      list.reduce((sum, cell) => sum + counts[cell]! * owners.references[capture]![cells.path[cell]!]!, 0),
    ),
  }
}

/** Objects of other groups at the same path take their part of what the path retains, by their number. */
function retainedAt(owners: MergedOwners, cells: OwnerCells, cell: number, capture: number): number {
  const path = cells.path[cell]!
  const all = owners.counts[capture]![path]!
  const own = cells.counts[capture]![cell]!
  return all === 0 ? 0 : owners.retainedBytes[capture]![path]! * Math.min(1, own / all)
}

function hasAbove(owners: MergedOwners, path: number, top: number, own: ReadonlySet<number>): boolean {
  for (let at = owners.parent[path]!; at !== top && at !== 0; at = owners.parent[at]!)
    if (own.has(at)) return true
  return false
}

/** Entry `index` of each capture's column. */
export const seriesOf = (columns: readonly Float64Array[], index: number): number[] =>
  columns.map((column) => column[index]!)

const added = (columns: readonly Float64Array[], list: readonly number[]): number[] =>
  columns.map((column) => list.reduce((sum, cell) => sum + column[cell]!, 0))
