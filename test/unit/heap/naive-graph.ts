import { type HeapSnapshot, NO_INDEX, shallowBytesOf, WEAK_EDGE } from '#lib/heap/snapshot'

/**
 * What retention means, word by word and slowly: the judge of the fast code. It shares nothing with it.
 * Node 0 is the super-root, then the categories of roots, then the objects.
 */
export interface NaiveGraph {
  readonly first: number
  readonly kept: readonly (readonly number[])[]
}

export function naiveGraph(snapshot: HeapSnapshot): NaiveGraph {
  const { roots, objects } = snapshot
  const first = 1 + roots.count
  const kept: number[][] = Array.from({ length: first + objects }, () => [])
  for (let root = 0; root < roots.count; root++) {
    kept[0]!.push(1 + root)
    for (let k = roots.start[root]!; k < roots.start[root + 1]!; k++) {
      if (roots.references[k] !== NO_INDEX) kept[1 + root]!.push(first + roots.references[k]!)
    }
  }
  for (let object = 0; object < objects; object++) {
    for (let k = snapshot.referenceStart[object]!; k < snapshot.referenceStart[object + 1]!; k++) {
      const isWeak = snapshot.edges !== undefined && (snapshot.edges.kind[k]! & WEAK_EDGE) !== 0
      if (!isWeak && snapshot.references[k] !== NO_INDEX)
        kept[first + object]!.push(first + snapshot.references[k]!)
    }
    const kind = snapshot.classIndex[object]!
    if (kind !== NO_INDEX) kept[first + object]!.push(first + kind)
  }
  if (snapshot.orphans === 'under-root') {
    const referred = new Set(kept.flatMap((targets, node) => targets.filter((to) => to !== node)))
    for (let node = first; node < first + objects; node++) if (!referred.has(node)) kept[0]!.push(node)
  }
  return { first, kept }
}

/** What is reachable from the super-root when some nodes are taken away. */
export function naiveReach(graph: NaiveGraph, without: ReadonlySet<number> = new Set()): Set<number> {
  const seen = new Set<number>()
  const open = without.has(0) ? [] : [0]
  while (open.length > 0) {
    const node = open.pop()!
    if (seen.has(node) || without.has(node)) continue
    seen.add(node)
    open.push(...graph.kept[node]!)
  }
  return seen
}

/** What becomes unreachable when these nodes are taken away: themselves included. */
export function naiveRetained(graph: NaiveGraph, removed: ReadonlySet<number>): Set<number> {
  const before = naiveReach(graph)
  const after = naiveReach(graph, removed)
  return new Set([...before].filter((node) => !after.has(node)))
}

/** Bytes of the objects among some nodes. */
export function bytesOf(snapshot: HeapSnapshot, graph: NaiveGraph, nodes: Iterable<number>): number {
  let bytes = 0
  for (const node of nodes) if (node >= graph.first) bytes += shallowBytesOf(snapshot, node - graph.first)
  return bytes
}
