import type { Retention } from '#lib/heap/retention'
import { NO_SLOT } from '#lib/heap/slots'
import { type HeapSnapshot, NO_INDEX, shallowBytesOf } from '#lib/heap/snapshot'
import { dominatingEdges, NO_EDGE, NUMBERED_EDGE } from './dominating-edges.ts'
import { foldedPaths, type PathColumns } from './owner-folding.ts'
import { OwnerNames } from './owner-names.ts'
import { MAX_OWNER_DEPTH, MAX_OWNER_PATHS, type OwnerTree } from './owner-tree.ts'
import { PathKeys } from './path-keys.ts'

/** Paths that are told apart while the tree is built; a file with more of them is hostile, the rest counts at the parent. */
const MAX_BUILT_PATHS = 1 << 20

/**
 * Folds the dominator tree by names (owner-tree.ts says how). Objects that no root reaches are not in it. The sums are
 * exact; beyond `maxPaths` the paths that retain least are folded into their parents' "(smaller paths)".
 *
 * One pass in dominator preorder with one hash look-up an object, where its parent's path is known already; one more over
 * the references where the dump names them. O(objects + named references + paths log paths); 8 bytes an object.
 */
export function ownerTree(
  snapshot: HeapSnapshot,
  retention: Retention,
  groupOf: Uint32Array,
  maxPaths = MAX_OWNER_PATHS,
): OwnerTree {
  const names = new OwnerNames(snapshot)
  const built = builtPaths(snapshot, retention, names)
  const { paths, newPath } = foldedPaths(built, maxPaths, names)
  const { pathOf } = built
  if (newPath)
    for (let object = 0; object < pathOf.length; object++)
      if (pathOf[object] !== NO_INDEX) pathOf[object] = newPath[pathOf[object]!]!
  return {
    ...paths,
    names: names.texts,
    ...examples(snapshot, retention, pathOf, paths.paths),
    ...groupRows(snapshot, groupOf, pathOf, paths.paths),
  }
}

/** Paths as they are found, each with its own objects and everything below. */
interface BuiltPaths extends PathColumns {
  /** Path by object; NO_INDEX where no root reaches it. */
  readonly pathOf: Uint32Array
}

function builtPaths(snapshot: HeapSnapshot, retention: Retention, names: OwnerNames): BuiltPaths {
  const { order, idom, reached, firstObject } = retention
  const { roots, hugeBytes } = snapshot
  const edges = dominatingEdges(snapshot, retention)
  const keys = new PathKeys()
  const pathOfRoot = new Uint32Array(firstObject)
  const pathOf = new Uint32Array(snapshot.objects).fill(NO_INDEX)
  const hasHuge = hugeBytes.size > 0
  // The first node of the preorder is the super-root, path 0.
  for (let place = 1; place < reached; place++) {
    const node = order[place]!
    const dominator = idom[node]!
    const parent = dominator < firstObject ? pathOfRoot[dominator]! : pathOf[dominator - firstObject]!
    if (node < firstObject) {
      pathOfRoot[node] = keys.path(parent, names.ofRoot(roots.name[node - 1]!), 0)
      continue
    }
    const object = node - firstObject
    const name = names.ofObject(object)
    const edge = edges === undefined ? 0 : edgeName(edges[object]!, names)
    const path = stepBelow(keys, parent, name, edge)
    pathOf[object] = path
    keys.count[path]!++
    keys.shallowBytes[path]! += hasHuge ? shallowBytesOf(snapshot, object) : snapshot.shallowBytes[object]!
  }
  return { ...keys.columns(), pathOf }
}

function stepBelow(keys: PathKeys, parent: number, name: number, edge: number): number {
  const isRun = keys.name[parent] === name && keys.edge[parent] === edge && parent !== 0
  if (isRun || keys.depth[parent]! >= MAX_OWNER_DEPTH) return parent
  if (keys.paths >= MAX_BUILT_PATHS) return keys.known(parent, name, edge) ?? parent
  return keys.path(parent, name, edge)
}

function edgeName(edge: number, names: OwnerNames): number {
  if (edge === NO_EDGE) return 0
  return edge === NUMBERED_EDGE ? names.numbered : names.ofEdge(edge)
}

/** The object that retains most at each path, and how many references it holds. */
function examples(
  snapshot: HeapSnapshot,
  retention: Retention,
  pathOf: Uint32Array,
  paths: number,
): Pick<OwnerTree, 'example' | 'exampleKey' | 'exampleReferences'> {
  const { retainedBytes, firstObject } = retention
  const { referenceStart } = snapshot
  const example = new Uint32Array(paths).fill(NO_INDEX)
  const most = new Float64Array(paths).fill(-1)
  for (let object = 0; object < pathOf.length; object++) {
    const path = pathOf[object]!
    if (path === NO_INDEX || retainedBytes[firstObject + object]! <= most[path]!) continue
    most[path] = retainedBytes[firstObject + object]!
    example[path] = object
  }
  const exampleReferences = example.map((object) =>
    object === NO_INDEX ? 0 : referenceStart[object + 1]! - referenceStart[object]!,
  )
  const { slot, slots } = snapshot
  const exampleKey = Float64Array.from(example, (object) =>
    object === NO_INDEX || slot[object] === NO_SLOT ? 0 : slots.address(slot[object]!),
  )
  return { example, exampleKey, exampleReferences }
}

/** Objects by path and group: a counting sort by path, then one stamped counter per group. O(objects + paths). */
function groupRows(
  snapshot: HeapSnapshot,
  groupOf: Uint32Array,
  pathOf: Uint32Array,
  paths: number,
): Pick<OwnerTree, 'rowPath' | 'rowGroup' | 'rowCount' | 'rowBytes'> {
  const start = new Uint32Array(paths + 1)
  let groups = 0
  for (let object = 0; object < pathOf.length; object++) {
    const path = pathOf[object]!
    if (path === NO_INDEX) continue
    start[path + 1]!++
    if (groupOf[object]! >= groups) groups = groupOf[object]! + 1
  }
  for (let path = 0; path < paths; path++) start[path + 1]! += start[path]!
  const sorted = new Uint32Array(start[paths]!)
  const next = start.slice(0, paths)
  for (let object = 0; object < pathOf.length; object++)
    if (pathOf[object] !== NO_INDEX) sorted[next[pathOf[object]!]!++] = object

  // rowAt[group] is the row of this path when it is at least the path's first row.
  const rowAt = new Int32Array(groups).fill(-1)
  const rows = new RowColumns()
  for (let path = 0; path < paths; path++) {
    const first = rows.length
    for (let at = start[path]!; at < start[path + 1]!; at++) {
      const object = sorted[at]!
      const group = groupOf[object]!
      if (rowAt[group]! < first) rowAt[group] = rows.push(path, group)
      const row = rowAt[group]!
      rows.count[row]!++
      rows.bytes[row]! += shallowBytesOf(snapshot, object)
    }
  }
  return rows.view()
}

/** Columns of rows, which grow by doubling. */
class RowColumns {
  length = 0
  path = new Uint32Array(1 << 12)
  group = new Uint32Array(1 << 12)
  count = new Uint32Array(1 << 12)
  bytes = new Float64Array(1 << 12)

  push(path: number, group: number): number {
    if (this.length === this.path.length) this.grow()
    this.path[this.length] = path
    this.group[this.length] = group
    return this.length++
  }

  view(): Pick<OwnerTree, 'rowPath' | 'rowGroup' | 'rowCount' | 'rowBytes'> {
    return {
      rowPath: this.path.slice(0, this.length),
      rowGroup: this.group.slice(0, this.length),
      rowCount: this.count.slice(0, this.length),
      rowBytes: this.bytes.slice(0, this.length),
    }
  }

  private grow(): void {
    const size = this.length * 2
    const [path, group, count] = [new Uint32Array(size), new Uint32Array(size), new Uint32Array(size)]
    const bytes = new Float64Array(size)
    path.set(this.path)
    group.set(this.group)
    count.set(this.count)
    bytes.set(this.bytes)
    Object.assign(this, { path, group, count, bytes })
  }
}
