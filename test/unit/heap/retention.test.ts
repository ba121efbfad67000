import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Retention, retention, subtreeEnd } from '#lib/heap/retention'
import { NO_INDEX } from '#lib/heap/snapshot'
import { drawHeap } from '#test/build/draw-heap'
import { randomHeap } from '#test/build/random-heap'
import { bytesOf, naiveGraph, naiveReach, naiveRetained } from './naive-graph.ts'

describe('retained sizes', () => {
  it('[RETAIN1] are what becomes unreachable without the object, for every object of 600 random heaps', () => {
    fc.assert(
      fc.property(randomHeap(), (drawing) => {
        const snapshot = drawHeap(drawing)
        const graph = naiveGraph(snapshot)
        const found = retention(snapshot)
        const reach = naiveReach(graph)
        expect(found.reached).toBe(reach.size)
        for (let node = 0; node < found.nodes; node++) {
          if (!reach.has(node)) {
            expect([found.idom[node], found.rank[node]]).toEqual([NO_INDEX, NO_INDEX])
            expect(found.retainedBytes[node]).toBe(0)
            continue
          }
          const freed = naiveRetained(graph, new Set([node]))
          expect(found.retainedBytes[node]).toBe(bytesOf(snapshot, graph, freed))
          expect(found.retainedObjects[node]).toBe([...freed].filter((n) => n >= graph.first).length)
          // The range of the dominator tree below the node is the same set.
          expect(subtreeOf(found, node)).toEqual(freed)
        }
      }),
      { seed: 11, numRuns: 600 },
    )
  })

  it('[RETAIN2] name the nearest dominator: the last node that all ways from the roots go through', () => {
    fc.assert(
      fc.property(randomHeap(), (drawing) => {
        const snapshot = drawHeap(drawing)
        const graph = naiveGraph(snapshot)
        const found = retention(snapshot)
        const reach = [...naiveReach(graph)]
        const retainedBy = new Map(reach.map((node) => [node, naiveRetained(graph, new Set([node]))]))
        expect(found.idom[0]).toBe(NO_INDEX)
        for (const node of reach) {
          if (node === 0) continue
          const dominators = reach.filter((other) => other !== node && retainedBy.get(other)!.has(node))
          // The nearest one is dominated by all the others.
          const nearest = dominators.find((other) =>
            dominators.every((one) => retainedBy.get(one)!.has(other)),
          )
          expect(found.idom[node]).toBe(nearest)
        }
      }),
      { seed: 12, numRuns: 300 },
    )
  })

  it('[RETAIN3] leave out what no root reaches, and count it', () => {
    const found = retention(
      drawHeap({
        objects: [{ to: [1] }, {}, { bytes: 100, to: [1, 3] }, { bytes: 50, to: [2] }],
        roots: [['vm', [0]]],
      }),
    )

    expect(found.unreached).toEqual({ objects: 2, bytes: 150 })
    expect([...found.idom]).toEqual([NO_INDEX, 0, 1, 2, NO_INDEX, NO_INDEX])
    expect(found.retainedBytes[0]).toBe(80)
  })

  it('[RETAIN4] hang unreferenced objects below the root with what they keep, and circles one by one, where the dump asks for it', () => {
    const found = retention(
      drawHeap({
        // 0 is reached; 1 keeps 2 and shares 0; 3 and 4 keep each other, and 4 also refers to 2.
        objects: [{}, { to: [0, 2] }, {}, { to: [4] }, { to: [3, 2] }],
        roots: [['roots', [0]]],
        orphans: 'under-root',
      }),
    )

    expect(found.unreached).toEqual({ objects: 0, bytes: 0 })
    expect([...found.idom]).toEqual([NO_INDEX, 0, 0, 0, 3, 0, 0])
    expect([...found.retainedBytes]).toEqual([200, 0, 40, 80, 40, 40, 40])
    expect([...found.order.subarray(0, found.reached)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  it('[RETAIN10] come to an end where a category of roots is empty and objects hang below the root', () => {
    const found = retention(
      drawHeap({ objects: [{ to: [1] }, { to: [2] }, {}], roots: [['empty', []]], orphans: 'under-root' }),
    )

    expect([...found.idom]).toEqual([NO_INDEX, 0, 0, 2, 3])
    expect(found.retainedObjects[0]).toBe(3)
  })

  it('[RETAIN5] agree with the definition when unreferenced objects hang below the root (seeded)', () => {
    fc.assert(
      fc.property(randomHeap({ orphans: 'under-root' }), (drawing) => {
        const snapshot = drawHeap(drawing)
        const graph = naiveGraph(snapshot)
        const found = retention(snapshot)
        const reach = naiveReach(graph)
        expect(found.reached).toBe(found.nodes)
        for (let node = 1; node < found.nodes; node++) {
          if (reach.has(node))
            expect(found.retainedBytes[node]).toBe(
              bytesOf(snapshot, graph, naiveRetained(graph, new Set([node]))),
            )
          else
            expect([found.idom[node], found.retainedBytes[node]]).toEqual([
              0,
              bytesOf(snapshot, graph, [node]),
            ])
        }
      }),
      { seed: 13, numRuns: 300 },
    )
  })

  it('[RETAIN6] ignore weak references and count sizes beyond 4 GiB exactly', () => {
    const found = retention(
      drawHeap({
        objects: [{ to: [1], weakTo: [2] }, { bytes: 2 ** 34 + 1 }, { bytes: 7 }],
        roots: [['vm', [0]]],
      }),
    )

    expect(found.retainedBytes[2]).toBe(2 ** 34 + 41)
    expect(found.unreached).toEqual({ objects: 1, bytes: 7 })
  })

  it('[RETAIN7] let an object keep its class alive: a singleton class belongs to its object', () => {
    const found = retention(
      drawHeap({ objects: [{ to: [1] }, { classIndex: 2 }, { bytes: 700 }], roots: [['vm', [0]]] }),
    )

    expect(found.retainedBytes[2 + 1]).toBe(740)
    expect(found.idom[2 + 2]).toBe(2 + 1)
  })

  it('[RETAIN8] cope with a chain of 400,000 objects, a circle of 200,000 and a fan of 200,000, without recursion', () => {
    const chain = 400_000
    const circle = 200_000
    const fan = 200_000
    const objects = Array.from({ length: chain + circle + fan + 1 }, (_, i) => ({
      to:
        i < chain - 1
          ? [i + 1]
          : i < chain
            ? []
            : i < chain + circle
              ? [i + 1 === chain + circle ? chain : i + 1]
              : i === chain + circle
                ? Array.from({ length: fan }, (_, k) => chain + circle + 1 + k)
                : [],
    }))
    const found = retention(drawHeap({ objects, roots: [['vm', [0, chain, chain + circle]]] }))

    expect(found.retainedObjects[2]).toBe(chain)
    expect(found.retainedBytes[2 + chain - 1]).toBe(40)
    expect(found.retainedObjects[2 + chain]).toBe(circle)
    expect(found.retainedObjects[2 + chain + circle]).toBe(fan + 1)
    expect(found.reached).toBe(objects.length + 2)
  })

  it('[RETAIN9] of a dump without roots are nobody’s', () => {
    const found = retention(drawHeap({ objects: [{ to: [1] }, {}], roots: [] }))

    expect([found.reached, found.retainedBytes[0]]).toEqual([1, 0])
    expect(found.unreached.objects).toBe(2)
  })
})

const subtreeOf = (found: Retention, node: number): Set<number> =>
  new Set(found.order.subarray(found.rank[node]!, subtreeEnd(found, node)))
