import type { Retention } from './retention.ts'
import { subtreeEnd } from './retention.ts'
import { type HeapSnapshot, NO_INDEX, shallowBytesOf } from './snapshot.ts'
import { type StrongGraph, strongGraph } from './strong-graph.ts'

/** What would be freed if all objects of a set were gone together. */
export interface RetainedSet {
  /** Members that are alive: a root reaches them. */
  readonly members: number
  /** Members that no root reaches: they are garbage already and retain nothing. */
  readonly unreached: number
  /** The members themselves included. */
  readonly retainedObjects: number
  readonly retainedBytes: number
}

/**
 * Exact retained size of a set of objects, by definition: everything that is reachable only through members. It is at
 * least `dominatedSum` (what two members keep alive together is no single one's), and never the sum of the members'
 * retained sizes. Doubled members count once. O(objects + references); `graph` saves building it again.
 */
export function retainedSet(
  snapshot: HeapSnapshot,
  members: Iterable<number>,
  graph: StrongGraph = strongGraph(snapshot),
): RetainedSet {
  const { firstObject, nodes, start, target } = graph
  /** 1: a member that nothing outside reached yet. 2: visited. */
  const state = new Uint8Array(nodes)
  let wanted = 0
  for (const object of members) {
    if (state[firstObject + object] === 0) wanted++
    state[firstObject + object] = 1
  }
  const open = new Uint32Array(nodes)
  /** Members that something outside the set refers to. */
  const entrances: number[] = []
  let waiting = 1
  open[0] = 0
  state[0] = 2
  for (const orphan of graph.orphans()) {
    if (state[orphan] === 1) entrances.push(orphan)
    else open[waiting++] = orphan
    state[orphan] = 2
  }
  // First everything that does without the set …
  while (waiting > 0) {
    const node = open[--waiting]!
    const end = start[node + 1]!
    for (let k = start[node]!; k < end; k++) {
      const to = target[k]!
      if (state[to] === 2) continue
      if (state[to] === 1) entrances.push(to)
      else open[waiting++] = to
      state[to] = 2
    }
  }
  // … then, through its members, the rest: that is what the set retains.
  let retainedObjects = 0
  let retainedBytes = 0
  let reachedMembers = entrances.length
  for (const entrance of entrances) open[waiting++] = entrance
  while (waiting > 0) {
    const node = open[--waiting]!
    retainedObjects++
    retainedBytes += shallowBytesOf(snapshot, node - firstObject)
    const end = start[node + 1]!
    for (let k = start[node]!; k < end; k++) {
      const to = target[k]!
      if (state[to] === 2) continue
      if (state[to] === 1) reachedMembers++
      state[to] = 2
      open[waiting++] = to
    }
  }
  const unreached = wanted - reachedMembers
  if (snapshot.orphans !== 'under-root' || unreached === 0)
    return { members: reachedMembers, unreached, retainedObjects, retainedBytes }
  // Members of circles that hang below the super-root one by one: each retains itself, as in `retention`.
  for (let node = firstObject; node < nodes; node++) {
    if (state[node] === 1) retainedBytes += shallowBytesOf(snapshot, node - firstObject)
  }
  return { members: wanted, unreached: 0, retainedObjects: retainedObjects + unreached, retainedBytes }
}

/**
 * Sum of the retained sizes of those objects of a set that no other member dominates: a lower bound of `retainedSet`
 * without looking at the references. O(members · log members).
 */
export function dominatedSum(
  retention: Retention,
  members: Iterable<number>,
): { readonly bytes: number; readonly objects: number } {
  const { firstObject, rank, order } = retention
  const ranks = Uint32Array.from(members, (object) => rank[firstObject + object]!).sort()
  let bytes = 0
  let objects = 0
  let coveredUntil = 0
  for (const at of ranks) {
    if (at === NO_INDEX) break
    if (at < coveredUntil) continue
    const node = order[at]!
    coveredUntil = subtreeEnd(retention, node)
    bytes += retention.retainedBytes[node]!
    objects += retention.retainedObjects[node]!
  }
  return { bytes, objects }
}
