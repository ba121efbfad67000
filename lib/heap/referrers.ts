import { edgeNumbering } from './edges.ts'
import { type HeapSnapshot, NO_INDEX } from './snapshot.ts'

/** Who refers to each object: `edge[start[i] … start[i + 1])` are the edges (numbered as in edges.ts) that lead to object `i`. */
export interface Referrers {
  readonly start: Uint32Array
  readonly edge: Uint32Array
}

/**
 * All references the other way round: those of objects in the order of the dump, then instances (an object refers to its
 * class), then roots. Weak ones are in it. A category of roots counts once for an object, however often it names it.
 * O(objects + references), 4 bytes for each.
 */
export function referrers(snapshot: HeapSnapshot): Referrers {
  const { objects, references, referenceStart, classIndex, roots } = snapshot
  const { firstClassEdge, firstRootEdge } = edgeNumbering(snapshot)
  const rootEdges = distinctRootReferences(snapshot)
  // Counted two places ahead: after summing, start[i + 1] is where i's entries go next, and ends as the start of i + 1.
  const start = new Uint32Array(objects + 2)
  const first = referenceStart[0]!
  for (let k = first; k < firstClassEdge; k++) if (references[k] !== NO_INDEX) start[references[k]! + 2]!++
  for (let i = 0; i < objects; i++) if (classIndex[i] !== NO_INDEX) start[classIndex[i]! + 2]!++
  for (const k of rootEdges) start[roots.references[k]! + 2]!++
  for (let i = 2; i < objects + 2; i++) start[i]! += start[i - 1]!
  const edge = new Uint32Array(start[objects + 1]!)
  for (let k = first; k < firstClassEdge; k++)
    if (references[k] !== NO_INDEX) edge[start[references[k]! + 1]!++] = k
  for (let i = 0; i < objects; i++)
    if (classIndex[i] !== NO_INDEX) edge[start[classIndex[i]! + 1]!++] = firstClassEdge + i
  for (const k of rootEdges) edge[start[roots.references[k]! + 1]!++] = firstRootEdge + k
  return { start, edge }
}

/** A page of the edges that lead to an object. `total` counts all. O(limit). */
export function edgesTo(
  reverse: Referrers,
  object: number,
  offset: number,
  limit: number,
): { readonly total: number; readonly edges: readonly number[] } {
  const start = reverse.start[object]!
  const total = reverse.start[object + 1]! - start
  return {
    total,
    edges: [
      ...reverse.edge.subarray(start + Math.min(offset, total), start + Math.min(offset + limit, total)),
    ],
  }
}

/** Places in `roots.references` that name an object for the first time in their category. */
function distinctRootReferences({ objects, roots }: HeapSnapshot): number[] {
  /** By object: 1 + the last category that named it. */
  const namedBy = new Uint32Array(objects)
  const places: number[] = []
  for (let root = 0; root < roots.count; root++) {
    for (let k = roots.start[root]!; k < roots.start[root + 1]!; k++) {
      const object = roots.references[k]!
      if (object === NO_INDEX || namedBy[object] === root + 1) continue
      namedBy[object] = root + 1
      places.push(k)
    }
  }
  return places
}
