import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { retention } from '#lib/heap/retention'
import { DOM_FLAGS, type HeapSnapshot, shallowBytesOf } from '#lib/heap/snapshot'
import { type DevToolsHeap, devToolsHeap } from '#test/build/devtools'
import { scanV8, snapshotsOf, v8Fixture } from '#test/build/v8-snapshot'

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
