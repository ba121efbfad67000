import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { captureTables } from '#lib/findings/capture'
import { groupedObjects } from '#lib/findings/groups'
import { SMALLER_PATHS } from '#lib/findings/owner-names'
import { ownerTree } from '#lib/findings/owner-paths'
import { decodeOwnerTree, encodeOwnerTree, MAX_OWNER_DEPTH, type OwnerTree } from '#lib/findings/owner-tree'
import { retention } from '#lib/heap/retention'
import { type HeapSnapshot, NO_INDEX } from '#lib/heap/snapshot'
import { type DrawnObject, drawHeap } from '#test/build/draw-heap'
import { randomHeap } from '#test/build/random-heap'
import { rubyFixture, scanRuby } from '#test/build/ruby-dump'
import { RubyProcess } from '#test/build/ruby-process'
import { objectsOf, scanV8, v8Fixture } from '#test/build/v8-snapshot'

function treeOf(snapshot: HeapSnapshot, maxPaths?: number): OwnerTree {
  return ownerTree(snapshot, retention(snapshot), groupedObjects(snapshot), maxPaths)
}

/** "vm / Cache / Entry" of a path. */
function wordsOf(tree: OwnerTree, path: number): string {
  const names: string[] = []
  for (let at = path; at !== 0; at = tree.parent[at]!) names.unshift(tree.names[tree.name[at]!]!)
  return names.join(' / ')
}

const linesOf = (tree: OwnerTree): string[] =>
  Array.from({ length: tree.paths - 1 }, (_, at) => {
    const path = at + 1
    return `${wordsOf(tree, path)}: ${tree.count[path]} objects, ${tree.shallowBytes[path]} of ${tree.retainedBytes[path]} B`
  })

describe('the owner tree', () => {
  it('[OWN1] folds the dominator tree by names, with exact sums', () => {
    const heap = drawHeap({
      objects: [
        { className: 'Cache', bytes: 100, to: [1, 2] },
        { className: 'Entry', bytes: 10, to: [3] },
        { className: 'Entry', bytes: 20 },
        { className: 'String', bytes: 5 },
      ],
      roots: [['vm', [0]]],
    })
    expect(linesOf(treeOf(heap))).toEqual([
      '(root: vm): 0 objects, 0 of 135 B',
      '(root: vm) / Cache: 1 objects, 100 of 135 B',
      '(root: vm) / Cache / Entry: 2 objects, 30 of 35 B',
      '(root: vm) / Cache / Entry / String: 1 objects, 5 of 5 B',
    ])
  })

  it('[OWN2] makes a run of one name one step: a list of 100,000 nodes is one path', () => {
    const nodes = Array.from(
      { length: 100_000 },
      (_, at): DrawnObject => ({ className: 'Node', to: at < 99_999 ? [at + 1] : [] }),
    )
    const tree = treeOf(drawHeap({ objects: nodes, roots: [['vm', [0]]] }))

    expect(linesOf(tree)).toEqual([
      '(root: vm): 0 objects, 0 of 4000000 B',
      '(root: vm) / Node: 100000 objects, 4000000 of 4000000 B',
    ])
    expect(tree.example[2]).toBe(0)
  })

  it('[OWN3] ends paths at the depth limit and counts what is below at the last step', () => {
    const chain = Array.from(
      { length: 500 },
      (_, at): DrawnObject => ({ className: at % 2 === 0 ? 'A' : 'B', to: at < 499 ? [at + 1] : [] }),
    )
    const tree = treeOf(drawHeap({ objects: chain, roots: [['vm', [0]]] }))

    expect(tree.paths).toBe(MAX_OWNER_DEPTH + 1)
    expect(tree.count.reduce((sum, count) => sum + count, 0)).toBe(500)
    expect(tree.retainedBytes[0]).toBe(500 * 40)
  })

  it('[OWN4] calls a class by its own name and everything else by its class, without addresses', () => {
    const process = new RubyProcess()
    const audit = process.addClass('AuditTrail', 'MODULE')
    const string = process.addClass('String')
    process.addClass('#<Class:0x00007f1234567890>::Row')
    process.link(audit, process.add({ type: 'STRING', class: string }))
    const lines = linesOf(treeOf(process.dump())).map((line) => line.split(': ')[1])

    expect(linesOf(treeOf(process.dump())).join('\n')).toContain('(root: vm) / module AuditTrail / String')
    expect(lines.join('\n')).not.toContain('7f1234567890')
  })

  it('[OWN5] sums to what the roots reach, object by object, on random heaps (seeded)', () => {
    fc.assert(
      fc.property(randomHeap({ maxObjects: 30 }), (drawing) => {
        const heap = drawHeap(drawing)
        const found = retention(heap)
        const tree = treeOf(heap)
        expect(tree.retainedBytes[0]).toBe(found.retainedBytes[0])
        expect(tree.retainedObjects[0]).toBe(found.retainedObjects[0])
        expect(tree.rowCount.reduce((sum, count) => sum + count, 0)).toBe(tree.retainedObjects[0])
        expect(tree.rowBytes.reduce((sum, bytes) => sum + bytes, 0)).toBe(tree.retainedBytes[0])
        for (let path = 1; path < tree.paths; path++) expect(tree.parent[path]).toBeLessThan(path)
        for (const object of tree.example) if (object !== NO_INDEX) expect(object).toBeLessThan(heap.objects)
      }),
      { seed: 20261123, numRuns: 300 },
    )
  })

  it('[OWN6] folds the paths that retain least, below their parents, and keeps every other number', () => {
    const heap = scanRuby(rubyFixture('1-end-of-up'))
    const all = treeOf(heap)
    const few = treeOf(heap, 100)

    expect(all.paths).toBeGreaterThan(1000)
    expect(few.paths).toBeLessThanOrEqual(200)
    expect(few.names).toContain(SMALLER_PATHS)
    expect(few.retainedBytes[0]).toBe(all.retainedBytes[0])
    const before = new Set(linesOf(all))
    for (const line of linesOf(few)) if (!line.includes(SMALLER_PATHS)) expect(before).toContain(line)
    expect(few.rowCount.reduce((sum, count) => sum + count, 0)).toBe(all.retainedObjects[0])
  })

  it('[OWN7] comes back from storage as it was, and damage is noticed', () => {
    const tree = captureTables(scanRuby(rubyFixture('1-end-of-up')))
    expect(tree.owners).toBeUndefined()
    const owners = treeOf(scanRuby(rubyFixture('1-end-of-up')))
    const stored = encodeOwnerTree(owners)
    expect(decodeOwnerTree(stored)).toEqual(owners)
    stored[stored.length >> 1]! ^= 1
    expect(() => decodeOwnerTree(stored)).toThrow('damaged')
  })

  it('[OWN8] names the references where a dump has names, but not the keys of a dictionary', () => {
    const heap = scanV8(v8Fixture())
    const tree = treeOf(heap)
    const edges = Array.from({ length: tree.paths }, (_, path) => tree.names[tree.edge[path]!]!)

    expect(edges).toContain('cache')
    expect(edges).toContain('_events')
    expect(edges.some((edge) => /^\d/.test(edge))).toBe(false)
    const sessions = Array.from({ length: tree.paths }, (_, path) => path).filter(
      (path) => tree.names[tree.name[path]!] === 'Session',
    )
    const total = sessions.reduce((sum, path) => sum + tree.count[path]!, 0)
    expect(total).toBe(objectsOf(heap, 'Session').length)
    expect(sessions.length).toBeLessThan(10)
  })
})
