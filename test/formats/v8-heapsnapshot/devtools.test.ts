import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { retention } from '#lib/heap/retention'
import { DOM_FLAGS, type HeapSnapshot, shallowBytesOf } from '#lib/heap/snapshot'
import { type DevToolsHeap, devToolsHeap } from '#test/build/devtools'
import { scanV8, snapshotsOf, v8Fixture } from '#test/build/v8-snapshot'
import { v8Bytes } from '#test/build/v8-writer'

const ODD_PROGRAM = join(import.meta.dirname, '../../fixtures/v8/odd.cjs')

/** Nodes on which we and DevTools disagree, by what they disagree on. */
function differences(ours: HeapSnapshot, theirs: DevToolsHeap): Record<string, number> {
  const kept = retention(ours)
  const root = ours.roots.references[0]!
  const count = { dominators: 0, retainedSizes: 0, shallowSizes: 0, classes: 0, detached: 0 }
  for (let node = 0; node < ours.objects; node++) {
    const above = kept.idom[kept.firstObject + node]!
    // What DevTools hangs below its root is below the root, its category or ours above all.
    const dominator = above < kept.firstObject ? root : above - kept.firstObject
    if (dominator !== theirs.dominatorsTree[node]) count.dominators++
    const retained = kept.retainedBytes[node === root ? 0 : kept.firstObject + node]!
    if (retained !== theirs.retainedSizes[node]) count.retainedSizes++
    if (shallowBytesOf(ours, node) !== theirs.selfSize(node)) count.shallowSizes++
    if (ours.strings.text(ours.className[node]!) !== theirs.className(node)) count.classes++
    const isDetached = theirs.detachedness(node) === 2
    if (((ours.flags[node]! & DOM_FLAGS.detached) !== 0) !== isDetached) count.detached++
  }
  return count
}

const weakMapEdge = (table: number): string =>
  `3 / part of key (A @1) -> value (B @3) pair in WeakMap (table @${table})`

const NONE = { dominators: 0, retainedSizes: 0, shallowSizes: 0, classes: 0, detached: 0 }

describe('a V8 snapshot, read by us and by DevTools', () => {
  it('[V8S1] has the same nodes, sizes, classes, dominators and retained sizes: a server of 4,000 requests', async () => {
    const data = v8Fixture()
    const ours = scanV8(data)
    const theirs = await devToolsHeap(data)

    expect(ours.objects).toBe(theirs.nodeCount)
    expect(ours.objects).toBe(112_566)
    expect(differences(ours, theirs)).toEqual(NONE)
  }, 60_000)

  it('[V8S2] has the same for this Node, with WeakMaps, WeakRefs, odd strings and twins of a name', async () => {
    const data = snapshotsOf(ODD_PROGRAM).get('odd')!
    const ours = scanV8(data)
    const theirs = await devToolsHeap(data)

    expect(ours.objects).toBe(theirs.nodeCount)
    expect(differences(ours, theirs)).toEqual(NONE)
  }, 60_000)

  it('[V8S8] has the same for random graphs with orphans, cycles, weak edges, shortcuts, WeakMaps and detached nodes', async () => {
    const graph = fc.integer({ min: 2, max: 25 }).chain((count) =>
      fc.array(
        fc.record({
          type: fc.constantFrom('object', 'native', 'hidden', 'array', 'closure', 'synthetic', 'string'),
          name: fc.constantFrom('A', 'B', '<div id=1>', 'Detached <p x>', '(Document DOM trees)', 'Detached'),
          size: fc.nat(100),
          detachedness: fc.nat(2),
          edges: fc.array(
            fc.oneof(
              fc.record({
                kind: fc.constantFrom('property', 'internal', 'context', 'weak', 'shortcut'),
                name: fc.oneof(
                  fc.constantFrom(
                    'p',
                    '12',
                    ' / part of key (A @1) -> value (B @3) pair in WeakMap (table @5)',
                  ),
                  fc.nat(count).map((n) => weakMapEdge(n * 2 + 1)),
                ),
                to: fc.integer({ min: 1, max: count - 1 }),
              }),
              fc.record({
                kind: fc.constantFrom('element', 'hidden'),
                name: fc.nat(9),
                to: fc.integer({ min: 1, max: count - 1 }),
              }),
            ),
            { maxLength: 4 },
          ),
        }),
        { minLength: count, maxLength: count },
      ),
    )
    // DevTools tells the console of each unreachable node.
    const quiet = vi.spyOn(console, 'warn').mockImplementation(() => {})
    await fc.assert(
      fc.asyncProperty(graph, fc.boolean(), async (drawn, hasField) => {
        const nodeFields = ['type', 'name', 'id', 'self_size', 'edge_count']
        // Only producers without the field write it into the name.
        const nodes = drawn.map((node) => ({
          ...node,
          name: hasField ? node.name.replace('Detached <', '<') : node.name,
        }))
        const data = v8Bytes(nodes, { nodeFields: hasField ? [...nodeFields, 'detachedness'] : nodeFields })

        expect(differences(scanV8(data), await devToolsHeap(data))).toEqual(NONE)
      }),
      { numRuns: 300, seed: 20261123 },
    )
    quiet.mockRestore()
  }, 60_000)

  it('[V8S3] keeps the sizes that V8 wrote; DevTools moves some to their owners, and the sum stays the same', async () => {
    const data = v8Fixture()
    const ours = scanV8(data)
    const moved = await devToolsHeap(data, { movesSizes: true })
    let bytes = 0
    let movedNodes = 0
    for (let node = 0; node < ours.objects; node++) {
      bytes += shallowBytesOf(ours, node)
      if (shallowBytesOf(ours, node) !== moved.selfSize(node)) movedNodes++
    }

    expect(bytes).toBe(moved.totalSize)
    expect(movedNodes).toBeGreaterThan(0)
  }, 60_000)
})
