import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeOwnerTree } from '#lib/findings/owner-tree'
import { retention } from '#lib/heap/retention'
import { OpenHeaps } from '#lib/jobs/open-heaps'
import type { StoredHeap } from '#lib/jobs/tasks'
import { writeHeapColumns } from '#lib/storage/heap-columns'
import { drawHeap } from '#test/build/draw-heap'

describe('opened heaps of a thread', () => {
  let folder: string
  const heaps: StoredHeap[] = []
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'leakroom-heaps-'))
    for (const [at, objects] of [10, 20, 30, 40].entries()) {
      const snapshot = drawHeap({
        objects: Array.from({ length: objects * 1000 }, () => ({ className: `Class${at}` })),
        roots: [['vm', [0]]],
      })
      const columns = join(folder, `columns-${at}`)
      await writeHeapColumns(columns, snapshot, retention(snapshot))
      heaps.push({ id: `heap-${at}`, columns, owners: '' })
    }
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const heap = (at: number): StoredHeap => heaps[at] ?? { id: '', columns: '', owners: '' }

  it('are opened once and stay open', () => {
    const open = new OpenHeaps()
    const first = open.heap(heap(0), 1e9)
    expect(first.snapshot.objects).toBe(10_000)
    expect(open.heap(heap(0), 1e9)).toBe(first)
    expect(open.size).toBe(1)
  })

  it('make room for each other, the least recently used first', () => {
    const open = new OpenHeaps()
    const first = open.heap(heap(0), 1e9)
    const second = open.heap(heap(1), 1e9)
    open.heap(heap(0), 1e9)
    // Of 10, 20 and 30 thousand objects two fit.
    open.heap(heap(2), first.bytes * 4.5)
    expect(open.size).toBe(2)
    // The first was used after the second.
    expect(open.heap(heap(0), 1e9)).toBe(first)
    // Compared here: printing two opened heaps would take seconds.
    expect(open.heap(heap(1), 1e9) === second).toBe(false)
  })

  it('keep the one that is asked about, however large it is', () => {
    const open = new OpenHeaps()
    open.heap(heap(3), 1)
    expect(open.size).toBe(1)
    open.heap(heap(2), 1)
    expect(open.size).toBe(1)
  })

  it('say that stored columns or owners are damaged', () => {
    const open = new OpenHeaps()
    truncateSync(heap(3).columns, 100)
    expect(() => open.heap({ ...heap(3), id: 'other' }, 1e9)).toThrow('being read again')
    expect(() => open.heap({ id: 'x', columns: join(folder, 'nowhere'), owners: '' }, 1e9)).toThrow(
      'being read again',
    )
    const owners = join(folder, 'owners')
    const none = new Uint32Array(1)
    const sums = new Float64Array(1)
    const tree = encodeOwnerTree({
      paths: 1,
      names: [''],
      parent: none,
      name: none,
      edge: none,
      count: sums,
      shallowBytes: sums,
      retainedBytes: sums,
      retainedObjects: sums,
      example: none,
      exampleReferences: none,
      exampleKey: new Float64Array(none.length),
      rowPath: none,
      rowGroup: none,
      rowCount: none,
      rowBytes: sums,
    })
    writeFileSync(owners, tree)
    expect(open.ownerTree(owners).paths).toBe(1)
    const damaged = join(folder, 'damaged')
    writeFileSync(damaged, tree.with(tree.length >> 1, 77))
    expect(() => open.ownerTree(damaged)).toThrow('being read again')
  })
})
