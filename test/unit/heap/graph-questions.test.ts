import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { childrenOf, dominated, dominatedCount, dominatorsOf, largestObjects } from '#lib/heap/dominated'
import { edgeFacts, edgeNumbering, edgeSourceNode, edgesFrom } from '#lib/heap/edges'
import { largestFirst } from '#lib/heap/largest'
import { pathTo, shortestPaths } from '#lib/heap/paths'
import { edgesTo, referrers } from '#lib/heap/referrers'
import { retainedByGroup } from '#lib/heap/retained-groups'
import { dominatedSum, retainedSet } from '#lib/heap/retained-set'
import { retention } from '#lib/heap/retention'
import { type HeapSnapshot, NO_INDEX } from '#lib/heap/snapshot'
import { drawHeap } from '#test/build/draw-heap'
import { randomHeap } from '#test/build/random-heap'
import { bytesOf, naiveGraph, naiveReach, naiveRetained } from './naive-graph.ts'

describe('the shortest path from a root', () => {
  it('[PATH1] exists for exactly the objects that a root reaches, follows strong edges, and none is shorter (seeded)', () => {
    fc.assert(
      fc.property(randomHeap(), (drawing) => {
        const snapshot = drawHeap(drawing)
        const graph = naiveGraph(snapshot)
        const paths = shortestPaths(snapshot)
        const certain = distances(snapshot, false)
        const any = distances(snapshot, true)
        let reached = 0
        for (let object = 0; object < snapshot.objects; object++) {
          const path = pathTo(snapshot, paths, object)
          const distance = certain.get(object) ?? any.get(object)
          expect(path.length).toBe(distance === undefined ? 0 : distance + 1)
          if (path.length === 0) continue
          reached++
          expect(path.at(-1)!.node).toBe(graph.first + object)
          expect([path[0]!.node < graph.first, path[0]!.edge]).toEqual([true, NO_INDEX])
          for (const [i, step] of path.entries()) {
            if (i === 0) continue
            expect(edgeSourceNode(snapshot, step.edge)).toBe(path[i - 1]!.node)
            expect(edgeFacts(snapshot, step.edge)).toMatchObject({
              target: step.node - graph.first,
              isWeak: false,
            })
          }
        }
        expect(paths.reached).toBe(reached)
      }),
      { seed: 21, numRuns: 400 },
    )
  })

  it('[PATH2] starts at a stack slot that may be stale only when there is no other way', () => {
    const snapshot = drawHeap({
      objects: [{ to: [1] }, { to: [2] }, {}, {}],
      roots: [
        ['machine_context', [2, 3]],
        ['vm', [0]],
      ],
    })
    const paths = shortestPaths(snapshot)

    expect(pathTo(snapshot, paths, 2).map((step) => step.node)).toEqual([2, 3, 4, 5])
    expect(pathTo(snapshot, paths, 3).map((step) => step.node)).toEqual([1, 6])
  })

  it('[PATH3] of the last object of a list of 400,000 has 400,001 steps', () => {
    const objects = Array.from({ length: 400_000 }, (_, i) => ({ to: i < 399_999 ? [i + 1] : [] }))
    const snapshot = drawHeap({ objects, roots: [['vm', [0]]] })

    expect(pathTo(snapshot, shortestPaths(snapshot), 399_999)).toHaveLength(400_001)
  })
})

describe('referrers', () => {
  it('[PATH4] are all edges the other way round, weak ones, classes and roots included (seeded)', () => {
    fc.assert(
      fc.property(randomHeap(), (drawing) => {
        const snapshot = drawHeap(drawing)
        const reverse = referrers(snapshot)
        const numbering = edgeNumbering(snapshot)
        const expected = new Map<number, number[]>()
        const seenRoots = new Set<string>()
        for (let edge = 0; edge < numbering.end; edge++) {
          const facts = edgeFacts(snapshot, edge)
          if (facts.target === NO_INDEX) continue
          const key = `${facts.source} ${facts.target}`
          if (facts.origin === 'root' && seenRoots.has(key)) continue
          if (facts.origin === 'root') seenRoots.add(key)
          expected.set(facts.target, [...(expected.get(facts.target) ?? []), edge])
        }
        for (let object = 0; object < snapshot.objects; object++) {
          const all = expected.get(object) ?? []
          expect(edgesTo(reverse, object, 0, 1000)).toEqual({ total: all.length, edges: all })
          expect(edgesTo(reverse, object, 1, 2)).toEqual({ total: all.length, edges: all.slice(1, 3) })
          const from = edgesFrom(snapshot, object, 0, 1000)
          for (const edge of from.edges)
            expect(edgeSourceNode(snapshot, edge)).toBe(1 + snapshot.roots.count + object)
          expect(edgesFrom(snapshot, object, 1, 1).edges).toEqual(from.edges.slice(1, 2))
        }
      }),
      { seed: 22, numRuns: 300 },
    )
  })
})

describe('the dominator tree', () => {
  it('[PATH5] lists exactly the nodes that a node dominates directly, those that retain most first (seeded)', () => {
    fc.assert(
      fc.property(randomHeap({ maxObjects: 40 }), (drawing) => {
        const tree = retention(drawHeap(drawing))
        for (let node = 0; node < tree.nodes; node++) {
          const expected = [...tree.idom.keys()]
            .filter((other) => tree.idom[other] === node)
            .sort((a, b) => tree.retainedBytes[b]! - tree.retainedBytes[a]! || a - b)
          expect(dominated(tree, node, 0, 1000)).toEqual({ total: expected.length, nodes: expected })
          expect(dominated(tree, node, 1, 2).nodes).toEqual(expected.slice(1, 3))
          expect(dominatedCount(tree, node)).toBe(expected.length)
          expect(new Set(childrenOf(tree, node))).toEqual(new Set(expected))
          for (const above of dominatorsOf(tree, node))
            expect(tree.retainedBytes[above]).toBeGreaterThanOrEqual(tree.retainedBytes[node]!)
        }
        const objects = [...tree.rank.keys()].filter(
          (node) => node >= tree.firstObject && tree.rank[node] !== NO_INDEX,
        )
        objects.sort((a, b) => tree.retainedBytes[b]! - tree.retainedBytes[a]! || a - b)
        expect(largestObjects(tree, 0, 5)).toEqual({ total: objects.length, nodes: objects.slice(0, 5) })
      }),
      { seed: 23, numRuns: 300 },
    )
  })

  it('[PATH6] is paged in the order of a full sort, whatever the weights (seeded)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 200 }),
        fc.nat(30),
        fc.nat(30),
        (weights, offset, limit) => {
          const all = [...weights.keys()].sort((a, b) => weights[b]! - weights[a]! || a - b)
          expect(largestFirst(weights.keys(), weights, offset, limit)).toEqual(
            all.slice(offset, offset + limit),
          )
        },
      ),
      { seed: 24, numRuns: 300 },
    )
  })
})

describe('the retained size of a set', () => {
  for (const orphans of ['apart', 'under-root'] as const) {
    it(`[PATH7] is what becomes unreachable without all of its members (seeded, objects without root: ${orphans})`, () => {
      fc.assert(
        fc.property(randomHeap({ orphans }), fc.array(fc.nat(), { maxLength: 6 }), (drawing, picks) => {
          const snapshot = drawHeap(drawing)
          const graph = naiveGraph(snapshot)
          const members = picks.map((pick) => pick % snapshot.objects)
          const nodes = new Set(members.map((object) => graph.first + object))
          const freed = naiveRetained(graph, nodes)
          const reach = naiveReach(graph)
          // Members of circles that hang below the root one by one.
          if (orphans === 'under-root') for (const node of nodes) if (!reach.has(node)) freed.add(node)
          const alive = orphans === 'under-root' ? nodes.size : [...nodes].filter((n) => reach.has(n)).length
          expect(retainedSet(snapshot, members)).toEqual({
            members: alive,
            unreached: nodes.size - alive,
            retainedObjects: freed.size,
            retainedBytes: bytesOf(snapshot, graph, freed),
          })
          const tree = retention(snapshot)
          const lower = dominatedSum(tree, members)
          expect(lower.bytes).toBeLessThanOrEqual(bytesOf(snapshot, graph, freed))
          if (nodes.size === 1)
            expect(lower).toEqual({ bytes: bytesOf(snapshot, graph, freed), objects: freed.size })
        }),
        { seed: 25, numRuns: 400 },
      )
    })
  }

  it('[PATH8] by group counts every byte once per group: outermost members only (seeded)', () => {
    fc.assert(
      fc.property(randomHeap(), fc.infiniteStream(fc.nat(3)), (drawing, groups) => {
        const snapshot = drawHeap(drawing)
        const tree = retention(snapshot)
        const groupOf = Uint32Array.from({ length: snapshot.objects }, () => groups.next().value)
        const found = retainedByGroup(tree, groupOf, 3)
        for (let group = 0; group < 3; group++) {
          const members = [...groupOf.keys()].filter((object) => groupOf[object] === group)
          expect({ bytes: found.bytes[group], objects: found.objects[group] }).toEqual(
            dominatedSum(tree, members),
          )
        }
      }),
      { seed: 26, numRuns: 300 },
    )
  })

  it('[PATH9] counts what two members keep alive together, which neither retains alone', () => {
    const snapshot = drawHeap({
      objects: [{ to: [2] }, { to: [2] }, { bytes: 1000 }],
      roots: [['vm', [0, 1]]],
    })

    expect(retainedSet(snapshot, [0, 1, 0])).toEqual({
      members: 2,
      unreached: 0,
      retainedObjects: 3,
      retainedBytes: 1080,
    })
    expect(dominatedSum(retention(snapshot), [0, 1])).toEqual({ bytes: 80, objects: 2 })
  })
})

/** Edges on the shortest path to each object, by relaxation; from all roots, or only from those that are certain. */
function distances(snapshot: HeapSnapshot, withConservative: boolean): Map<number, number> {
  const graph = naiveGraph(snapshot)
  const found = new Map<number, number>()
  let level: number[] = []
  for (let root = 0; root < snapshot.roots.count; root++) {
    if (withConservative || snapshot.roots.isConservative?.[root] !== 1) level.push(...graph.kept[1 + root]!)
  }
  for (let distance = 1; level.length > 0; distance++) {
    const next: number[] = []
    for (const node of level) {
      if (found.has(node - graph.first)) continue
      found.set(node - graph.first, distance)
      next.push(...graph.kept[node]!)
    }
    level = next
  }
  return found
}
