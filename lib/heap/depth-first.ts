import { NO_INDEX } from './snapshot.ts'
import type { StrongGraph } from './strong-graph.ts'

/** A depth-first search from node 0. `place` is a node's number in the order of first visits. */
export interface DepthFirst {
  /** Nodes that were reached; entries of `nodeAt` and `parent` that are used. */
  readonly reached: number
  /** By node: its place, or NO_INDEX. */
  readonly place: Uint32Array
  /** By place: the node. */
  readonly nodeAt: Uint32Array
  /** By place: place of the node from which it was reached. */
  readonly parent: Uint32Array
  /** A column that is not needed any more, one entry a node: for the next step, which would otherwise need another. */
  readonly spare: Uint32Array
}

/** Without recursion, and without a stack: the way back up is `parent`. O(nodes + references). */
export function depthFirst(graph: StrongGraph): DepthFirst {
  const { nodes, start, target } = graph
  const place = new Uint32Array(nodes).fill(NO_INDEX)
  const nodeAt = new Uint32Array(nodes)
  const parent = new Uint32Array(nodes)
  /** By place: the next reference to look at. */
  const next = new Uint32Array(nodes)
  let reached = 1
  let at = 0
  let node = 0
  place[0] = 0
  let k = start[0]!
  let end = start[1]!
  for (;;) {
    while (k < end && place[target[k]!] !== NO_INDEX) k++
    if (k < end) {
      next[at] = k + 1
      node = target[k]!
      parent[reached] = at
      nodeAt[reached] = node
      place[node] = reached
      at = reached++
      k = start[node]!
    } else {
      if (at === 0) break
      at = parent[at]!
      node = nodeAt[at]!
      k = next[at]!
    }
    end = start[node + 1]!
  }
  return { reached, place, nodeAt, parent, spare: next }
}
