import { dominated, largestObjects, type NodePage } from '#lib/heap/dominated'
import { edgeFacts, edgeNumbering } from '#lib/heap/edges'
import { largestFirst } from '#lib/heap/largest'
import { edgesTo } from '#lib/heap/referrers'
import { subtreeEnd } from '#lib/heap/retention'
import { rootLabel } from '#lib/heap/roots'
import { NO_INDEX } from '#lib/heap/snapshot'
import type { ObjectPage } from '#lib/reports/objects'
import { objectLine } from './object-line.ts'
import type { OpenedHeap } from './opened-heap.ts'

/** Which part of a list is wanted. */
export interface PageOf {
  readonly offset: number
  readonly limit: number
}

/**
 * Objects that refer to an object, in the order of the dump, its instances behind them when it is a class. Categories of
 * roots are no objects: the details of an object name them. O(limit), the reverse references once.
 */
export function referrersPage(heap: OpenedHeap, object: number, { offset, limit }: PageOf): ObjectPage {
  const { snapshot } = heap
  const all = edgesTo(heap.referrers, object, offset, limit)
  const { firstRootEdge } = edgeNumbering(snapshot)
  const lines = all.edges
    .filter((edge) => edge < firstRootEdge)
    .map((edge) => objectLine(heap, edgeFacts(snapshot, edge).source, edge))
  return { total: all.total - rootsOf(heap, object).length, offset, lines }
}

/** Categories of roots that keep an object, by name. O(categories). */
export function rootsOf({ snapshot, referrers }: OpenedHeap, object: number): string[] {
  const { firstRootEdge } = edgeNumbering(snapshot)
  const names: string[] = []
  // Roots stand last among those who refer to an object.
  for (let at = referrers.start[object + 1]! - 1; at >= referrers.start[object]!; at--) {
    const edge = referrers.edge[at]!
    if (edge < firstRootEdge) break
    names.push(rootLabel(snapshot, edgeFacts(snapshot, edge).source))
  }
  return names.reverse()
}

/** What an object refers to, in the order of the dump, its class last. References to what is not in the dump are left out. */
export function referencesPage(heap: OpenedHeap, object: number, { offset, limit }: PageOf): ObjectPage {
  const { snapshot } = heap
  const { referenceStart, references, classIndex } = snapshot
  const present: number[] = []
  for (let edge = referenceStart[object]!; edge < referenceStart[object + 1]!; edge++)
    if (references[edge] !== NO_INDEX) present.push(edge)
  if (classIndex[object] !== NO_INDEX) present.push(edgeNumbering(snapshot).firstClassEdge + object)
  const lines = present
    .slice(offset, offset + limit)
    .map((edge) => objectLine(heap, edgeFacts(snapshot, edge).target, edge))
  return { total: present.length, offset, lines }
}

/**
 * What one object alone keeps alive, one level down in the dominator tree, largest retained first; without `object` what
 * only the roots together keep. Categories of roots are gone through: below them are objects. O(children).
 */
export function dominatedPage(
  heap: OpenedHeap,
  object: number | undefined,
  { offset, limit }: PageOf,
): ObjectPage {
  const { retention } = heap
  if (object !== undefined)
    return pageOf(heap, dominated(retention, retention.firstObject + object, offset, limit), offset)
  const { firstObject, order, reached } = retention
  const tops: number[] = []
  for (let at = 1; at < reached; ) {
    const node = order[at]!
    // What is above an object here is a category of roots, or the root above all.
    if (node >= firstObject) tops.push(node)
    at = node >= firstObject ? subtreeEnd(retention, node) : at + 1
  }
  const nodes = largestFirst(tops, retention.retainedBytes, offset, limit)
  return pageOf(heap, { total: tops.length, nodes }, offset)
}

/** The objects that retain most, wherever they are. O(objects). */
export const largestPage = (heap: OpenedHeap, { offset, limit }: PageOf): ObjectPage =>
  pageOf(heap, largestObjects(heap.retention, offset, limit), offset)

/** These objects, largest retained first; those that no root reaches retain nothing and come last. */
export function membersPage(heap: OpenedHeap, members: Uint32Array, { offset, limit }: PageOf): ObjectPage {
  const { retention } = heap
  const nodes = largestFirst(nodesOf(members, retention.firstObject), retention.retainedBytes, offset, limit)
  return pageOf(heap, { total: members.length, nodes }, offset)
}

function* nodesOf(members: Uint32Array, firstObject: number): Generator<number> {
  for (const object of members) yield firstObject + object
}

const pageOf = (heap: OpenedHeap, { total, nodes }: NodePage, offset: number): ObjectPage => ({
  total,
  offset,
  lines: nodes.map((node) => objectLine(heap, node - heap.retention.firstObject)),
})
