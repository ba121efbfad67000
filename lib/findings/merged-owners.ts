import { NO_INDEX } from '#lib/heap/snapshot'
import type { OwnerStep } from './growth-model.ts'
import type { MergedGroups } from './merged-groups.ts'
import { isClassName } from './owner-names.ts'
import type { OwnerTree } from './owner-tree.ts'
import { PathKeys } from './path-keys.ts'

/**
 * The owner trees of several captures, matched by names (never by address or index). Path 0 is the root; parents come
 * before children. Columns have one array per capture, with zeros where a capture has no such path.
 *
 * A class or module begins a path of its own, wherever it hangs: its name says what it is, while what dominates it (a
 * constant, a cache, a stack that happened to point at it) changes from capture to capture. Sums of a path therefore
 * do not hold those of the classes below it.
 *
 * For the same reason a single large object (a map, an array) that hangs elsewhere in another capture of the process is
 * known again by its address or id and its name, and with it all that it holds.
 */
export interface MergedOwners {
  readonly captures: number
  readonly paths: number
  readonly parent: Uint32Array
  readonly counts: readonly Float64Array[]
  readonly retainedBytes: readonly Float64Array[]
  readonly retainedObjects: readonly Float64Array[]
  readonly references: readonly Float64Array[]
  /** Path number in the last capture's own tree (of several, that which retains most), and its example there; NO_INDEX when it has none. */
  readonly lastPath: Uint32Array
  readonly lastExample: Uint32Array
  /** Cells: the objects of one merged group at one path, ordered by group. */
  readonly cells: OwnerCells
  step(path: number): OwnerStep
  /** Paths right below. */
  children(path: number): Uint32Array
}

/** Which merged groups (MergedGroups) hang at which merged path. Cells of group `g`: [start[g], start[g + 1]). */
export interface OwnerCells {
  readonly start: Uint32Array
  readonly path: Uint32Array
  readonly counts: readonly Float64Array[]
  readonly bytes: readonly Float64Array[]
}

/** Matches the paths and cells of captures. O(paths and rows of all captures). */
export function mergedOwners(
  trees: readonly OwnerTree[],
  groups: MergedGroups,
  isOneProcess = true,
): MergedOwners {
  const names = new Map<string, number>()
  const keys = new PathKeys()
  const texts: string[] = []
  const nameOf = (text: string): number => {
    const known = names.get(text)
    if (known !== undefined) return known
    names.set(text, texts.length)
    return texts.push(text) - 1
  }
  nameOf('')
  const same = new SingleObjects()
  const pathOf: Uint32Array[] = []
  // The last capture first: its places are the ones that people can open.
  for (let capture = trees.length - 1; capture >= 0; capture--) {
    const tree = trees[capture]!
    const mergedNames = Uint32Array.from(tree.names, nameOf)
    const isTop = Uint8Array.from(tree.names, (name) => (isClassName(name) ? 1 : 0))
    const paths = new Uint32Array(tree.paths)
    for (let path = 1; path < tree.paths; path++) {
      const above = isTop[tree.name[path]!] === 1 ? 0 : paths[tree.parent[path]!]!
      const name = mergedNames[tree.name[path]!]!
      const edge = mergedNames[tree.edge[path]!]!
      const single = isOneProcess ? singleAt(tree, path) : 0
      paths[path] = keys.known(above, name, edge) ?? same.path(single, name) ?? keys.path(above, name, edge)
      same.add(single, name, paths[path]!)
    }
    pathOf[capture] = paths
  }
  const columns = keys.columns()
  const last = trees.length - 1
  const lastPath = new Uint32Array(columns.paths).fill(NO_INDEX)
  const lastExample = new Uint32Array(columns.paths).fill(NO_INDEX)
  const lastTree = trees[last]!
  const childrenOf = childrenByParent(columns.parent)
  for (let path = 0; path < lastTree.paths; path++) {
    const at = pathOf[last]![path]!
    const known = lastPath[at]!
    if (known !== NO_INDEX && lastTree.retainedBytes[known]! >= lastTree.retainedBytes[path]!) continue
    lastPath[at] = path
    lastExample[at] = lastTree.example[path]!
  }
  const column = (of: (tree: OwnerTree) => Float64Array | Uint32Array): Float64Array[] =>
    trees.map((tree, capture) => spread(of(tree), pathOf[capture]!, columns.paths))
  return {
    captures: trees.length,
    paths: columns.paths,
    parent: columns.parent,
    counts: column((tree) => tree.count),
    retainedBytes: column((tree) => tree.retainedBytes),
    retainedObjects: column((tree) => tree.retainedObjects),
    references: column((tree) => tree.exampleReferences),
    lastPath,
    lastExample,
    cells: mergedCells(trees, pathOf, groups),
    step: (path) => ({
      name: texts[columns.name[path]!]!,
      edge: columns.edge[path] === 0 ? undefined : texts[columns.edge[path]!]!,
    }),
    children: childrenOf,
  }
}

/** Objects below this part of the heap are not worth being known again. */
const SINGLE_SHARE = 0.0005

/** A path of this many objects is as good as one: the largest of them is the one. */
const MOST_SINGLE = 4

/** Who the largest object of a path is; 0 when there are many, or it is small. */
function singleAt(tree: OwnerTree, path: number): number {
  const isLarge = tree.retainedBytes[path]! >= SINGLE_SHARE * tree.retainedBytes[0]!
  return tree.count[path]! <= MOST_SINGLE && isLarge ? tree.exampleKey[path]! : 0
}

/** Merged paths that are one object, by its address or id. */
class SingleObjects {
  private readonly known = new Map<number, { readonly path: number; readonly name: number }>()

  path(key: number, name: number): number | undefined {
    const found = key === 0 ? undefined : this.known.get(key)
    return found?.name === name ? found.path : undefined
  }

  add(key: number, name: number, path: number): void {
    if (key !== 0 && !this.known.has(key)) this.known.set(key, { path, name })
  }
}

/** Paths by their parent: a counting sort. */
function childrenByParent(parent: Uint32Array): (path: number) => Uint32Array {
  const start = new Uint32Array(parent.length + 1)
  for (let path = 1; path < parent.length; path++) start[parent[path]! + 1]!++
  for (let path = 0; path < parent.length; path++) start[path + 1]! += start[path]!
  const next = start.slice(0, parent.length)
  const child = new Uint32Array(parent.length)
  for (let path = 1; path < parent.length; path++) child[next[parent[path]!]!++] = path
  return (path) => child.subarray(start[path]!, start[path + 1]!)
}

/**
 * Cells of all captures, ordered by group: a counting sort of every capture's rows by group, then one stamped look-up by
 * path. A capture may have two rows for one cell (two methods on one line): they add up.
 */
function mergedCells(
  trees: readonly OwnerTree[],
  pathOf: readonly Uint32Array[],
  groups: MergedGroups,
): OwnerCells {
  const perGroup = new Uint32Array(groups.groups + 1)
  let rows = 0
  for (const [capture, tree] of trees.entries()) {
    rows += tree.rowPath.length
    for (const group of tree.rowGroup) perGroup[groups.rowOf[capture]![group]! + 1]!++
  }
  for (let group = 0; group < groups.groups; group++) perGroup[group + 1]! += perGroup[group]!
  const next = perGroup.slice(0, groups.groups)
  const sortedRow = new Uint32Array(rows)
  const sortedCapture = new Uint16Array(rows)
  for (const [capture, tree] of trees.entries())
    for (let row = 0; row < tree.rowPath.length; row++) {
      const at = next[groups.rowOf[capture]![tree.rowGroup[row]!]!]!++
      sortedRow[at] = row
      sortedCapture[at] = capture
    }

  const start = new Uint32Array(groups.groups + 1)
  const path = new Uint32Array(rows)
  const counts = trees.map(() => new Float64Array(rows))
  const bytes = trees.map(() => new Float64Array(rows))
  // cellAt[path] is the group's cell there when it is not below the group's first cell.
  let paths = 0
  for (const column of pathOf) for (const merged of column) if (merged >= paths) paths = merged + 1
  const cellAt = new Int32Array(paths).fill(-1)
  let cells = 0
  for (let group = 0; group < groups.groups; group++) {
    start[group] = cells
    const first = cells
    for (let at = perGroup[group]!; at < perGroup[group + 1]!; at++) {
      const capture = sortedCapture[at]!
      const tree = trees[capture]!
      const row = sortedRow[at]!
      const merged = pathOf[capture]![tree.rowPath[row]!]!
      if (cellAt[merged]! < first) {
        cellAt[merged] = cells
        path[cells++] = merged
      }
      counts[capture]![cellAt[merged]!]! += tree.rowCount[row]!
      bytes[capture]![cellAt[merged]!]! += tree.rowBytes[row]!
    }
  }
  start[groups.groups] = cells
  return { start, path, counts, bytes }
}

/** Adds, for two paths of one capture may have the same names (names that differ only in their addresses). */
function spread(column: Float64Array | Uint32Array, paths: Uint32Array, length: number): Float64Array {
  const out = new Float64Array(length)
  for (let path = 0; path < column.length; path++) out[paths[path]!]! += column[path]!
  return out
}
