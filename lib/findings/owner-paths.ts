import { type Retention, subtreeEnd } from '#lib/heap/retention'
import { NO_SLOT } from '#lib/heap/slots'
import { type HeapSnapshot, NO_INDEX, shallowBytesOf } from '#lib/heap/snapshot'
import { dominatingEdges, NO_EDGE, NUMBERED_EDGE } from './dominating-edges.ts'
import { FOLDED_CLASS, type GroupedObjects } from './groups.ts'
import { foldedPaths, type PathColumns } from './owner-folding.ts'
import { OwnerNames } from './owner-names.ts'
import { OwnerSteps } from './owner-steps.ts'
import { MAX_OWNER_DEPTH, MAX_OWNER_PATHS, type OwnerTree } from './owner-tree.ts'
import { PathKeys } from './path-keys.ts'

/** Paths that are told apart while the tree is built; a file with more of them is hostile, the rest counts at the parent. */
const MAX_BUILT_PATHS = 1 << 20
/** Instead of a reference, for a step whose group does not decide what its objects are called: `parent` is their path. */
const AT_PATH = -3

/**
 * Folds the dominator tree by names (owner-tree.ts says how). Objects that no root reaches are not in it. The sums are
 * exact; beyond `maxPaths` the paths that retain least are folded into their parents' "(smaller paths)".
 *
 * One pass in dominator preorder with one hash look-up an object at most: objects of one group below one path are at one
 * path. One more over the references where the dump names them, with 4 bytes an object.
 * O(objects + named references + paths log paths).
 */
export function ownerTree(
  snapshot: HeapSnapshot,
  retention: Retention,
  { table, groupOf }: Pick<GroupedObjects, 'table' | 'groupOf'>,
  maxPaths = MAX_OWNER_PATHS,
): OwnerTree {
  const names = new OwnerNames(snapshot)
  const isNamedByGroup = Uint8Array.from(table.className, (name, group) =>
    table.classNames[name] === FOLDED_CLASS || names.isClassType(table.type[group]!) ? 0 : 1,
  )
  const { steps, built } = builtPaths(snapshot, retention, groupOf, isNamedByGroup, names)
  const { paths, newPath } = foldedPaths(built, maxPaths, names)
  if (newPath) for (let step = 0; step < steps.length; step++) steps.path[step] = newPath[steps.path[step]!]!
  return {
    ...paths,
    names: names.texts,
    ...examples(snapshot, steps, paths.paths),
    ...groupRows(steps, paths.paths, table.groups),
  }
}

/** Paths as they are found, each with its own objects, and the steps that lead to them. */
function builtPaths(
  snapshot: HeapSnapshot,
  retention: Retention,
  groupOf: Uint32Array,
  isNamedByGroup: Uint8Array,
  names: OwnerNames,
): { readonly steps: OwnerSteps; readonly built: PathColumns } {
  const { order, reached, firstObject, retainedBytes, retainedObjects } = retention
  const { roots, shallowBytes } = snapshot
  const edges = dominatingEdges(snapshot, retention)
  const keys = new PathKeys()
  const steps = new OwnerSteps()
  // The nodes above that are a path of their own: where their subtrees end, and their paths. As deep as paths are.
  const end = new Uint32Array(MAX_OWNER_DEPTH + 2)
  const pathOf = new Uint32Array(MAX_OWNER_DEPTH + 2)
  end[0] = reached
  let top = 0
  let lastParent = -1
  let lastGroup = -1
  let lastEdge = 0
  let step = 0
  // The first node of the preorder is the super-root, path 0.
  for (let place = 1; place < reached; place++) {
    const node = order[place]!
    while (place >= end[top]!) top--
    const parent = pathOf[top]!
    let path = 0
    let until = 0
    if (node < firstObject) {
      path = keys.path(parent, names.ofRoot(roots.name[node - 1]!), 0)
      until = subtreeEnd(retention, node)
    } else {
      const object = node - firstObject
      const group = groupOf[object]!
      // With a sign: the processor compares such numbers fastest, and NO_EDGE is one of them.
      const edge = edges === undefined ? -1 : edges[object]! | 0
      if (group !== lastGroup || parent !== lastParent || edge !== lastEdge || isNamedByGroup[group] === 0) {
        lastGroup = group
        lastParent = parent
        lastEdge = edge
        step = stepOf(object, group, edge, parent)
      }
      path = steps.path[step]!
      const size = shallowBytes[object]!
      const bytes = size === 0xffffffff ? shallowBytesOf(snapshot, object) : size
      steps.count[step]!++
      steps.bytes[step]! += bytes
      const subtree = retainedObjects[node]!
      // Most objects keep nothing else: then this column is not touched.
      const kept = subtree === 1 ? bytes : retainedBytes[node]!
      until = place + subtree
      if (kept >= steps.most[step]! && (kept > steps.most[step]! || object < steps.example[step]!)) {
        steps.most[step] = kept
        steps.example[step] = object
      }
    }
    if (path === parent || until === place + 1) continue
    top++
    end[top] = until
    pathOf[top] = path
  }
  for (let at = 0; at < steps.length; at++) {
    keys.count[steps.path[at]!]! += steps.count[at]!
    keys.shallowBytes[steps.path[at]!]! += steps.bytes[at]!
  }
  return { steps, built: keys.columns() }

  function stepOf(object: number, group: number, edge: number, parent: number): number {
    const isNamed = isNamedByGroup[group] === 1
    const at = isNamed ? parent : pathBelow(object, edge, parent)
    const before = steps.length
    const found = steps.step(at, group, isNamed ? edge : AT_PATH)
    if (found === before) steps.path[found] = isNamed ? pathBelow(object, edge, parent) : at
    return found
  }

  function pathBelow(object: number, edge: number, parent: number): number {
    const name = names.ofObject(object)
    return stepBelow(keys, parent, name, edgeName(edge >>> 0, names))
  }
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
  { slot, slots, referenceStart }: HeapSnapshot,
  steps: OwnerSteps,
  paths: number,
): Pick<OwnerTree, 'example' | 'exampleKey' | 'exampleReferences'> {
  const example = new Uint32Array(paths).fill(NO_INDEX)
  const most = new Float64Array(paths).fill(-1)
  for (let step = 0; step < steps.length; step++) {
    const path = steps.path[step]!
    const kept = steps.most[step]!
    if (kept < most[path]! || (kept === most[path]! && steps.example[step]! > example[path]!)) continue
    most[path] = kept
    example[path] = steps.example[step]!
  }
  const exampleReferences = example.map((object) =>
    object === NO_INDEX ? 0 : referenceStart[object + 1]! - referenceStart[object]!,
  )
  const exampleKey = Float64Array.from(example, (object) =>
    object === NO_INDEX || slot[object] === NO_SLOT ? 0 : slots.address(slot[object]!),
  )
  return { example, exampleKey, exampleReferences }
}

/** Objects by path and group: steps of one path and one group add up. O(steps + paths + groups). */
function groupRows(
  steps: OwnerSteps,
  paths: number,
  groups: number,
): Pick<OwnerTree, 'rowPath' | 'rowGroup' | 'rowCount' | 'rowBytes'> {
  const rowPath = new Uint32Array(steps.length)
  const rowGroup = new Uint32Array(steps.length)
  const rowCount = new Uint32Array(steps.length)
  const rowBytes = new Float64Array(steps.length)
  let rows = 0
  for (const step of steps.inOrder(paths, groups)) {
    const path = steps.path[step]!
    const group = steps.group[step]!
    if (rows === 0 || rowPath[rows - 1] !== path || rowGroup[rows - 1] !== group) {
      rowPath[rows] = path
      rowGroup[rows++] = group
    }
    rowCount[rows - 1]! += steps.count[step]!
    rowBytes[rows - 1]! += steps.bytes[step]!
  }
  return {
    rowPath: rowPath.slice(0, rows),
    rowGroup: rowGroup.slice(0, rows),
    rowCount: rowCount.slice(0, rows),
    rowBytes: rowBytes.slice(0, rows),
  }
}
