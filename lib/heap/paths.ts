import { edgeNumbering, edgeSourceNode } from './edges.ts'
import { type HeapSnapshot, NO_INDEX, WEAK_EDGE } from './snapshot.ts'

/** Shortest paths from the roots to all objects at once. */
export interface ShortestPaths {
  /** By object: the edge (numbered as in edges.ts) by which the path arrives, or NO_INDEX when no root reaches the object. */
  readonly edge: Uint32Array
  /** Objects that a root reaches. */
  readonly reached: number
}

/** A step of a path: the node (0 super-root, then categories of roots, then objects) and the edge that led to it. */
export interface PathNode {
  readonly node: number
  /** NO_INDEX for the first step, a category of roots. */
  readonly edge: number
}

/**
 * One breadth-first search for all objects: afterwards each path costs its length. It follows strong edges only;
 * among paths of one length the one whose root or reference comes first in the dump wins, class edges come last.
 *
 * Roots that are read conservatively (a stack word that looks like an address) come after all others: a path from one
 * is given only where there is no other path at all. So a path is the shortest from a certain root, where there is one.
 * O(objects + references), 8 bytes an object.
 */
export function shortestPaths(snapshot: HeapSnapshot): ShortestPaths {
  const { objects, roots, references, referenceStart, classIndex } = snapshot
  const { firstClassEdge, firstRootEdge } = edgeNumbering(snapshot)
  const kinds = snapshot.edges?.kind
  const edge = new Uint32Array(objects).fill(NO_INDEX)
  const queue = new Uint32Array(objects)
  let head = 0
  let tail = 0
  for (const conservative of [0, 1]) {
    for (let root = 0; root < roots.count; root++) {
      if ((roots.isConservative?.[root] ?? 0) !== conservative) continue
      for (let k = roots.start[root]!; k < roots.start[root + 1]!; k++)
        arrive(roots.references[k]!, firstRootEdge + k)
    }
    while (head < tail) {
      const object = queue[head++]!
      const end = referenceStart[object + 1]!
      for (let k = referenceStart[object]!; k < end; k++) {
        if (kinds === undefined || (kinds[k]! & WEAK_EDGE) === 0) arrive(references[k]!, k)
      }
      arrive(classIndex[object]!, firstClassEdge + object)
    }
  }
  return { edge, reached: tail }

  function arrive(object: number, by: number): void {
    if (object === NO_INDEX || edge[object] !== NO_INDEX) return
    edge[object] = by
    queue[tail++] = object
  }
}

/** The path to an object, root category first, the object last; empty when no root reaches it. O(length · log objects). */
export function pathTo(snapshot: HeapSnapshot, paths: ShortestPaths, object: number): PathNode[] {
  const steps: PathNode[] = []
  const firstObject = 1 + snapshot.roots.count
  let node = firstObject + object
  while (node >= firstObject) {
    const edge = paths.edge[node - firstObject]!
    if (edge === NO_INDEX) return []
    steps.push({ node, edge })
    node = edgeSourceNode(snapshot, edge)
  }
  steps.push({ node, edge: NO_INDEX })
  return steps.reverse()
}
