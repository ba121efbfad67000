import { type HeapSnapshot, NO_INDEX, WEAK_EDGE } from './snapshot.ts'

/**
 * One number for everything that leads to an object. With R references and N objects:
 * 0 … R − 1 are `references`, R + i is the class edge of object `i`, R + N + k is `roots.references[k]`.
 */
export interface EdgeNumbering {
  readonly firstClassEdge: number
  readonly firstRootEdge: number
  readonly end: number
}

/** Where the kinds of edges begin. */
export function edgeNumbering(
  snapshot: Pick<HeapSnapshot, 'objects' | 'referenceStart' | 'roots'>,
): EdgeNumbering {
  const firstClassEdge = snapshot.referenceStart[snapshot.objects]!
  const firstRootEdge = firstClassEdge + snapshot.objects
  return { firstClassEdge, firstRootEdge, end: firstRootEdge + snapshot.roots.references.length }
}

/** An edge, looked up. */
export interface EdgeFacts {
  /** 'class': from an object to its class. 'root': from a category of roots. */
  readonly origin: 'reference' | 'class' | 'root'
  /** Index of the object, or of the category of roots, from which it leads. */
  readonly source: number
  /** Index of the object to which it leads, or NO_INDEX when that is not in the dump. */
  readonly target: number
  /** Does it not keep its target alive? */
  readonly isWeak: boolean
  /** Kind and name as the dump has them ("property", "next"); undefined where it has none. A number is an element's index. */
  readonly kind: string | undefined
  readonly name: string | number | undefined
}

/** Everything about one edge. O(log objects). */
export function edgeFacts(snapshot: HeapSnapshot, edge: number): EdgeFacts {
  const { firstClassEdge, firstRootEdge } = edgeNumbering(snapshot)
  const nameless = { isWeak: false, kind: undefined, name: undefined }
  if (edge >= firstRootEdge) {
    const place = edge - firstRootEdge
    const { start, count, references } = snapshot.roots
    return { origin: 'root', source: ownerOf(start, count, place), target: references[place]!, ...nameless }
  }
  if (edge >= firstClassEdge) {
    const source = edge - firstClassEdge
    return { origin: 'class', source, target: snapshot.classIndex[source]!, ...nameless }
  }
  const source = ownerOf(snapshot.referenceStart, snapshot.objects, edge)
  const target = snapshot.references[edge]!
  const { edges } = snapshot
  if (edges === undefined) return { origin: 'reference', source, target, ...nameless }
  const kind = edges.kind[edge]! & ~WEAK_EDGE
  const name = edges.name[edge]!
  return {
    origin: 'reference',
    source,
    target,
    isWeak: (edges.kind[edge]! & WEAK_EDGE) !== 0,
    kind: edges.kindNames[kind],
    name: edges.numberedKinds.has(kind) ? name : snapshot.strings.text(name),
  }
}

/** The node from which an edge leads: a category of roots is node 1 + category, object `i` is node 1 + roots.count + i. */
export function edgeSourceNode(snapshot: HeapSnapshot, edge: number): number {
  const { firstClassEdge, firstRootEdge } = edgeNumbering(snapshot)
  const { roots } = snapshot
  if (edge >= firstRootEdge) return 1 + ownerOf(roots.start, roots.count, edge - firstRootEdge)
  const firstObject = 1 + roots.count
  if (edge >= firstClassEdge) return firstObject + edge - firstClassEdge
  return firstObject + ownerOf(snapshot.referenceStart, snapshot.objects, edge)
}

/** Edges that leave an object, in the order of the dump, its class edge last. `total` counts all. O(limit). */
export function edgesFrom(
  snapshot: HeapSnapshot,
  object: number,
  offset: number,
  limit: number,
): { readonly total: number; readonly edges: readonly number[] } {
  const start = snapshot.referenceStart[object]!
  const count = snapshot.referenceStart[object + 1]! - start
  const hasClass = snapshot.classIndex[object] !== NO_INDEX
  const total = count + (hasClass ? 1 : 0)
  const edges: number[] = []
  for (let k = offset; k < Math.min(total, offset + limit); k++)
    edges.push(k < count ? start + k : edgeNumbering(snapshot).firstClassEdge + object)
  return { total, edges }
}

/** The row whose range of compressed sparse rows holds `place`. Empty rows hold nothing. */
function ownerOf(start: Uint32Array, rows: number, place: number): number {
  let low = 0
  let high = rows
  // The last row that starts at or before `place`.
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (start[middle]! <= place) low = middle
    else high = middle
  }
  return low
}
