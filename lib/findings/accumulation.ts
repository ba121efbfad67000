import { ALLOCATION_TRACER } from '#lib/heap/class-names'
import { NO_INDEX } from '#lib/heap/snapshot'
import { formatBytes, formatCount, formatShare } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import type { GroupTable } from './group-table.ts'
import type { OwnerStep } from './growth-model.ts'
import { holderAt } from './holders.ts'
import { mergedGroups } from './merged-groups.ts'
import { mergedOwners } from './merged-owners.ts'
import { SYNTHETIC } from './owner-names.ts'
import type { OwnerTree } from './owner-tree.ts'

/** What holds much of a heap. One capture says what is there, not what grows. */
export interface Accumulation {
  /** "Warehouse → Array of 132,000". */
  readonly title: string
  /** One sentence with the numbers. */
  readonly words: string
  /** From the root down. */
  readonly path: readonly OwnerStep[]
  readonly retainedBytes: number
  readonly retainedObjects: number
  /** Of what roots reach, without the allocation tracer's own table (0…1). */
  readonly share: number
  /** Number of its path in the capture's owner tree. */
  readonly ownerPath: number
  /** Object index of it; absent when it is none. */
  readonly example: number | undefined
}

/** Smaller parts of the heap than this are not worth a sentence. */
const SMALLEST_SHARE = 0.1
/** The walk goes on while one object keeps at least this part of what is above it (Eclipse MAT's rule and number). */
const GOES_ON = 0.7
const MOST_POINTS = 10

/**
 * Where a heap's bytes come together: from the root down to every single object that keeps a tenth of the heap, and on
 * while one object below keeps 0.7 of it. The largest first. Root categories are no objects and are walked through.
 * O(paths).
 */
export function accumulationPoints(owners: OwnerTree, groups: GroupTable): Accumulation[] {
  const children = childrenOf(owners)
  const heap = owners.retainedBytes[0]! - tracerBytes(owners)
  const isLarge = (path: number): boolean =>
    owners.retainedBytes[path]! >= SMALLEST_SHARE * heap && !isTracer(owners, path)
  const points: number[] = []
  const open = [0]
  for (let path = open.pop(); path !== undefined && points.length < MOST_POINTS; path = open.pop()) {
    // A category, or many objects of one name: those below are looked at one by one.
    if (owners.count[path] !== 1 || isCategory(owners, path) || isTracer(owners, path))
      open.push(...children(path).filter((child) => isLarge(child)))
    else points.push(descended(owners, path, children))
  }
  const merged = mergedOwners([owners], mergedGroups([groups]))
  const pathIn = mergedPaths(owners, merged.lastPath)
  return points
    .sort((a, b) => owners.retainedBytes[b]! - owners.retainedBytes[a]!)
    .map((path) => {
      const { words } = holderAt(merged, pathIn(path))
      return accumulation(owners, path, words, heap, children(path))
    })
}

/** Down while one object keeps most. */
function descended(owners: OwnerTree, from: number, children: (path: number) => number[]): number {
  let path = from
  for (;;) {
    const [largest] = children(path).sort((a, b) => owners.retainedBytes[b]! - owners.retainedBytes[a]!)
    const isAlone = largest !== undefined && owners.count[largest] === 1
    if (!isAlone || owners.retainedBytes[largest]! < GOES_ON * owners.retainedBytes[path]!) return path
    path = largest
  }
}

function accumulation(
  owners: OwnerTree,
  path: number,
  title: string,
  heap: number,
  below: readonly number[],
): Accumulation {
  const [retainedBytes, retainedObjects] = [owners.retainedBytes[path]!, owners.retainedObjects[path]!]
  const share = heap <= 0 ? 0 : Math.min(1, retainedBytes / heap)
  const [most] = [...below].sort((a, b) => owners.retainedBytes[b]! - owners.retainedBytes[a]!)
  const mostly =
    most === undefined
      ? ''
      : `, most of it in ${formatCount(owners.count[most]!)} ${owners.names[owners.name[most]!]!} (${formatBytes(bytes(owners.retainedBytes[most]!))})`
  const steps: OwnerStep[] = []
  for (let at = path; at !== 0; at = owners.parent[at]!)
    steps.push({ name: owners.names[owners.name[at]!]!, edge: owners.names[owners.edge[at]!]! || undefined })
  const example = owners.example[path]!
  return {
    title,
    words: `${title} holds ${formatBytes(bytes(retainedBytes))} in ${formatCount(retainedObjects)} objects, ${formatShare(share)} of this heap${mostly}. One capture does not tell whether it grows.`,
    path: steps.reverse(),
    retainedBytes,
    retainedObjects,
    share,
    ownerPath: path,
    example: example === NO_INDEX ? undefined : example,
  }
}

/** Nodes that V8 makes for its root categories. */
const isCategory = (owners: OwnerTree, path: number): boolean =>
  owners.names[owners.name[path]!] === SYNTHETIC

const isTracer = (owners: OwnerTree, path: number): boolean =>
  owners.names[owners.name[path]!] === ALLOCATION_TRACER

function tracerBytes(owners: OwnerTree): number {
  let total = 0
  for (let path = 1; path < owners.paths; path++)
    if (isTracer(owners, path) && !isTracer(owners, owners.parent[path]!))
      total += owners.retainedBytes[path]!
  return total
}

function childrenOf(owners: OwnerTree): (path: number) => number[] {
  const lists = new Map<number, number[]>()
  for (let path = 1; path < owners.paths; path++) {
    const list = lists.get(owners.parent[path]!)
    if (list) list.push(path)
    else lists.set(owners.parent[path]!, [path])
  }
  return (path) => lists.get(path) ?? []
}

/** The merged path of each of the tree's own, where it stands for it; else the root. */
function mergedPaths(owners: OwnerTree, lastPath: Uint32Array): (path: number) => number {
  const merged = new Uint32Array(owners.paths)
  for (let at = 0; at < lastPath.length; at++) if (lastPath[at] !== NO_INDEX) merged[lastPath[at]!] = at
  return (path) => merged[path]!
}
