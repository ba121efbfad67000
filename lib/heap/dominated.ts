import { largestFirst } from './largest.ts'
import { type Retention, subtreeEnd } from './retention.ts'
import { NO_INDEX } from './snapshot.ts'

/** A page of nodes and how many there are in all. */
export interface NodePage {
  readonly total: number
  readonly nodes: readonly number[]
}

/**
 * Children of a node in the dominator tree, those that retain most first: what it alone keeps alive, one level down.
 * Node 0 is the super-root. Nothing for a node that no root reaches. O(children).
 */
export function dominated(retention: Retention, node: number, offset: number, limit: number): NodePage {
  const children: number[] = []
  for (const child of childrenOf(retention, node)) children.push(child)
  return { total: children.length, nodes: largestFirst(children, retention.retainedBytes, offset, limit) }
}

/** How many children a node has in the dominator tree. O(children). */
export function dominatedCount(retention: Retention, node: number): number {
  let count = 0
  for (const _ of childrenOf(retention, node)) count++
  return count
}

/** Children in the dominator tree, in the order of `retention.order`. */
export function* childrenOf(retention: Retention, node: number): Generator<number> {
  const rank = retention.rank[node]!
  if (rank === NO_INDEX) return
  const end = subtreeEnd(retention, node)
  for (let at = rank + 1; at < end; ) {
    const child = retention.order[at]!
    yield child
    at = subtreeEnd(retention, child)
  }
}

/** Dominators of a node, the super-root first, the node itself not among them. O(depth). */
export function dominatorsOf(retention: Retention, node: number): number[] {
  const chain: number[] = []
  if (retention.rank[node] === NO_INDEX) return chain
  for (let above = retention.idom[node]!; above !== NO_INDEX; above = retention.idom[above]!)
    chain.push(above)
  return chain.reverse()
}

/** The objects (not nodes) that retain most, wherever they are in the tree. O(objects). */
export function largestObjects(retention: Retention, offset: number, limit: number): NodePage {
  const { firstObject, rank, nodes } = retention
  const found = largestFirst(reachedObjects(), retention.retainedBytes, offset, limit)
  let total = retention.reached
  for (let node = 0; node < firstObject; node++) if (rank[node] !== NO_INDEX) total--
  return { total, nodes: found }

  function* reachedObjects(): Generator<number> {
    for (let node = firstObject; node < nodes; node++) if (rank[node] !== NO_INDEX) yield node
  }
}
