import { sharedUint32 } from './shared.ts'
import { NO_INDEX } from './snapshot.ts'
import type { StrongGraph } from './strong-graph.ts'

/** A depth-first search from node 0. `place` is a node's number in the order of first visits. */
export interface DepthFirst {
  /** Nodes that were reached; entries of columns by place that are used. */
  readonly reached: number
  /** By node: its place, or NO_INDEX. */
  readonly place: Uint32Array
  /** By place: the node. */
  readonly nodeAt: Uint32Array
  /** By place: place of the node from which it was reached. */
  readonly parent: Uint32Array
  /**
   * By place: the node at `v` also refers to the places `target[start[v] … end[v])`, which had been reached already. With
   * `parent` these are all references between reached nodes.
   */
  readonly others: { readonly start: Uint32Array; readonly end: Uint32Array; readonly target: Uint32Array }
  /** Columns of at least one entry a node that nobody needs any more. Large heaps are short of memory at this point. */
  readonly spare: readonly [Uint32Array, Uint32Array]
}

/**
 * Without recursion, and without a stack: the way back up is `parent`. It uses the graph up: each target is looked at
 * once, and where it was reached already its place takes its room. O(nodes + references), 20 bytes a node.
 */
export function depthFirst(graph: StrongGraph): DepthFirst {
  const { nodes, start, target } = graph
  const place = sharedUint32(nodes).fill(NO_INDEX)
  const nodeAt = sharedUint32(nodes)
  const parent = sharedUint32(nodes)
  const first = sharedUint32(nodes)
  /** By place: the reference to look at next, until the node is done. */
  const next = sharedUint32(nodes)
  /** By place: where the node's next other reference goes. */
  const kept = sharedUint32(nodes)
  let orphans: readonly number[] | undefined
  let nextOrphan = 0
  let reached = 1
  let at = 0
  place[0] = 0
  let k = start[0]!
  let end = start[1]!
  let to = k
  first[0] = k
  for (;;) {
    let node = 0
    while (k < end) {
      node = target[k++]!
      const known = place[node]!
      if (known !== NO_INDEX) {
        target[to++] = known
        node = 0
        continue
      }
      // Every second object refers to its class at most: there is no need to go down and up again.
      const own = start[node]!
      const ownEnd = start[node + 1]!
      if (ownEnd - own > 1) break
      if (ownEnd !== own) {
        const only = place[target[own]!]!
        if (only === NO_INDEX) break
        target[own] = only
      }
      parent[reached] = at
      nodeAt[reached] = node
      first[reached] = own
      kept[reached] = ownEnd
      place[node] = reached++
      node = 0
    }
    kept[at] = to
    if (node !== 0) {
      next[at] = k
      parent[reached] = at
      at = reached++
      nodeAt[at] = node
      place[node] = at
      k = start[node]!
      end = start[node + 1]!
      to = k
      first[at] = k
    } else if (at === 0) {
      orphans ??= reached < nodes ? graph.orphans() : []
      const orphan = orphans[nextOrphan++]
      if (orphan === undefined) break
      // As if the super-root referred to it. Where all that it refers to had no references, it was never left before.
      next[0] = k
      parent[reached] = 0
      at = reached++
      nodeAt[at] = orphan
      place[orphan] = at
      k = start[orphan]!
      end = start[orphan + 1]!
      to = k
      first[at] = k
    } else {
      at = parent[at]!
      k = next[at]!
      end = start[nodeAt[at]! + 1]!
      to = kept[at]!
    }
  }
  return { reached, place, nodeAt, parent, others: { start: first, end: kept, target }, spare: [start, next] }
}
