import { type DepthFirst, depthFirst } from './depth-first.ts'
import { semiNca } from './semi-nca.ts'
import { type HeapSnapshot, NO_INDEX, shallowBytesOf } from './snapshot.ts'
import { type StrongGraph, strongGraph } from './strong-graph.ts'

/**
 * Who keeps whom alive: the dominator tree over GC roots and objects, with exact retained sizes.
 *
 * Nodes: 0 is the super-root above everything; 1 … roots.count are the categories of roots; object `i` is node
 * `firstObject + i`. An object's retained size is what the collector would free with it: its own bytes and those of all
 * objects that are reachable only through it.
 */
export interface Retention {
  readonly nodes: number
  /** 1 + roots.count. */
  readonly firstObject: number
  /** Immediate dominator by node; NO_INDEX for the super-root and for nodes that no root reaches. */
  readonly idom: Uint32Array
  /** Bytes by node. */
  readonly retainedBytes: Float64Array
  /** Objects in the node's dominator subtree, an object itself included. */
  readonly retainedObjects: Uint32Array
  /** Reached nodes in preorder of the dominator tree: parents first, every subtree contiguous. `reached` entries are used. */
  readonly order: Uint32Array
  /** Place in `order` by node; NO_INDEX when unreached. */
  readonly rank: Uint32Array
  /** Nodes that a root reaches, the super-root and root categories included. */
  readonly reached: number
  /** Objects that no root reaches, with their shallow bytes: garbage not yet collected, or a partial dump. */
  readonly unreached: { readonly objects: number; readonly bytes: number }
}

/**
 * Dominators and retained sizes of everything in a snapshot, exact. O(references · log objects) at worst, nearly linear
 * on real heaps: 2.1 M objects with 3.2 M references take about 0.3 s.
 *
 * What counts as keeping alive is `strongGraph`'s: references and the class of each object, nothing weak. So a class that
 * only its instances refer to is part of what their common dominator retains.
 *
 * Objects that no root reaches stay outside (`unreached`) and keep nobody alive. With `orphans: 'under-root'` they
 * are hung below the super-root as DevTools does: those that nothing refers to with all that they keep, and what is
 * left then (objects that only refer to each other in a circle) one by one.
 */
export function retention(snapshot: HeapSnapshot): Retention {
  const graph = strongGraph(snapshot)
  const { nodes } = graph
  const search = depthFirst(graph)
  const dominators = semiNca(search)
  if (snapshot.orphans !== 'under-root') return byNode(snapshot, graph, search, search.reached, dominators)
  const reached = hangBelowRoot(search, nodes)
  const idomAt = new Uint32Array(reached)
  idomAt.set(dominators)
  return byNode(snapshot, graph, search, reached, idomAt)
}

/** Gives all nodes a place that have none yet; their dominator is the super-root, at place 0. Answers how many have one. */
function hangBelowRoot({ reached, nodeAt, place }: DepthFirst, nodes: number): number {
  let total = reached
  if (total === nodes) return total
  for (let node = 0; node < nodes; node++) {
    if (place[node] !== NO_INDEX) continue
    nodeAt[total] = node
    place[node] = total++
  }
  return total
}

/** Sums along the dominator tree, and its preorder, put where the nodes are. `idomAt` is by place. */
function byNode(
  snapshot: HeapSnapshot,
  { nodes, firstObject }: StrongGraph,
  { nodeAt, place }: DepthFirst,
  reached: number,
  idomAt: Uint32Array,
): Retention {
  const { bytesAt, objectsAt } = sums(snapshot, firstObject, nodeAt, place, reached, idomAt)
  const idom = new Uint32Array(nodes).fill(NO_INDEX)
  const rank = new Uint32Array(nodes).fill(NO_INDEX)
  const retainedBytes = new Float64Array(nodes)
  const retainedObjects = new Uint32Array(nodes)
  const order = new Uint32Array(nodes)
  /** By place: the rank that the node's next child gets. */
  const nextRank = new Uint32Array(reached)
  nextRank[0] = 1
  rank[0] = 0
  retainedBytes[0] = bytesAt[0]!
  retainedObjects[0] = objectsAt[0]!
  for (let at = 1; at < reached; at++) {
    const node = nodeAt[at]!
    const above = idomAt[at]!
    const objects = objectsAt[at]!
    const own = nextRank[above]!
    nextRank[above] = own + objects + (node < firstObject ? 1 : 0)
    nextRank[at] = own + 1
    retainedBytes[node] = bytesAt[at]!
    retainedObjects[node] = objects
    idom[node] = nodeAt[above]!
    rank[node] = own
    order[own] = node
  }
  return {
    nodes,
    firstObject,
    idom,
    retainedBytes,
    retainedObjects,
    order,
    rank,
    reached,
    unreached: reached === nodes ? { objects: 0, bytes: 0 } : unreached(snapshot, firstObject, rank),
  }
}

/** Bytes and objects of each dominator subtree, by place: dominators are always at a smaller place. */
function sums(
  snapshot: HeapSnapshot,
  firstObject: number,
  nodeAt: Uint32Array,
  place: Uint32Array,
  reached: number,
  idomAt: Uint32Array,
): { readonly bytesAt: Float64Array; readonly objectsAt: Uint32Array } {
  const { shallowBytes } = snapshot
  const bytesAt = new Float64Array(reached)
  const objectsAt = new Uint32Array(reached)
  for (let at = 0; at < reached; at++) {
    const node = nodeAt[at]!
    if (node < firstObject) continue
    bytesAt[at] = shallowBytes[node - firstObject]!
    objectsAt[at] = 1
  }
  for (const object of snapshot.hugeBytes.keys()) {
    const at = place[firstObject + object]!
    if (at !== NO_INDEX) bytesAt[at] = shallowBytesOf(snapshot, object)
  }
  for (let at = reached - 1; at > 0; at--) {
    const above = idomAt[at]!
    bytesAt[above]! += bytesAt[at]!
    objectsAt[above]! += objectsAt[at]!
  }
  return { bytesAt, objectsAt }
}

function unreached(
  snapshot: HeapSnapshot,
  firstObject: number,
  rank: Uint32Array,
): { objects: number; bytes: number } {
  let objects = 0
  let bytes = 0
  for (let object = 0; object < snapshot.objects; object++) {
    if (rank[firstObject + object] !== NO_INDEX) continue
    objects++
    bytes += shallowBytesOf(snapshot, object)
  }
  return { objects, bytes }
}

/** Where the subtree of a reached node ends in `order`, exclusive: it begins at the node's own rank. */
export function subtreeEnd(
  retention: Pick<Retention, 'rank' | 'retainedObjects' | 'firstObject' | 'reached'>,
  node: number,
): number {
  if (node === 0) return retention.reached
  // A category of roots is no object, but it stands at the head of its subtree.
  return retention.rank[node]! + retention.retainedObjects[node]! + (node < retention.firstObject ? 1 : 0)
}
