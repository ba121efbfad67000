import type { Retention } from './retention.ts'
import { NO_INDEX } from './snapshot.ts'

/** What a retention is made of again: the rest follows from it. */
export interface StoredRetention {
  readonly nodes: number
  readonly firstObject: number
  /** As in `Retention`. */
  readonly idom: Uint32Array
  readonly reached: number
}
type Restored = Pick<Retention, 'order' | 'rank' | 'retainedBytes' | 'retainedObjects'>

/**
 * Sizes and preorder of a dominator tree from its immediate dominators, without looking at the references: what
 * `retention` says, but children come in the order of their numbers. `shallowBytes` is by object.
 * O(nodes): 2.1 M take about 0.1 s, a third of finding dominators.
 * @throws Error when `idom` is no tree of `reached` nodes below node 0.
 */
export function restoredRetention(
  stored: StoredRetention,
  shallowBytes: Uint32Array,
  hugeBytes: ReadonlyMap<number, number>,
): Restored {
  const { nodes, firstObject, idom, reached } = stored
  const order = preorder(nodes, idom, reached)
  const rank = new Uint32Array(nodes).fill(NO_INDEX)
  const retainedBytes = new Float64Array(nodes)
  const retainedObjects = new Uint32Array(nodes)
  for (let at = 0; at < reached; at++) {
    const node = order[at]!
    rank[node] = at
    if (node < firstObject) continue
    retainedBytes[node] = shallowBytes[node - firstObject]!
    retainedObjects[node] = 1
  }
  for (const [object, bytes] of hugeBytes) {
    if (rank[firstObject + object] !== NO_INDEX) retainedBytes[firstObject + object] = bytes
  }
  for (let at = reached - 1; at > 0; at--) {
    const node = order[at]!
    const above = idom[node]!
    retainedBytes[above]! += retainedBytes[node]!
    retainedObjects[above]! += retainedObjects[node]!
  }
  return { order, rank, retainedBytes, retainedObjects }
}

/** The tree's nodes, parents first and subtrees together. */
function preorder(nodes: number, idom: Uint32Array, reached: number): Uint32Array {
  /** The children of each node as a list: the first, and for each child the next one. 0 ends it: node 0 is nobody's child. */
  const first = new Uint32Array(nodes)
  const next = new Uint32Array(nodes)
  for (let node = nodes - 1; node > 0; node--) {
    const above = idom[node]!
    if (above === NO_INDEX) continue
    if (above >= nodes) throw new Error('a dominator is no node')
    next[node] = first[above]!
    first[above] = node
  }
  const order = new Uint32Array(nodes)
  let count = 1
  let node = 0
  for (;;) {
    let to = first[node]!
    while (to === 0 && node !== 0) {
      to = next[node]!
      node = idom[node]!
    }
    if (to === 0) break
    if (count === nodes) throw new Error('dominators in a circle')
    order[count++] = to
    node = to
  }
  if (count !== reached) throw new Error(`${count} nodes hang below the root, ${reached} were written`)
  return order
}
