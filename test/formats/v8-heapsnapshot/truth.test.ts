import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { captureTables } from '#lib/findings/capture'
import { edgeFacts } from '#lib/heap/edges'
import { pathTo, shortestPaths } from '#lib/heap/paths'
import { retention } from '#lib/heap/retention'
import { type HeapSnapshot, hasLastingKey, keyText, NO_GENERATION, NO_INDEX } from '#lib/heap/snapshot'
import { edgesOf, leakTrio, objectsOf, scanV8, snapshotsOf, v8Fixture } from '#test/build/v8-snapshot'
import { type DrawnNode, root, v8Bytes } from '#test/build/v8-writer'

const PROGRAMS = join(import.meta.dirname, '../../fixtures/v8')

/** Names of the edges on the shortest path from the root, and the classes that they lead to. */
function pathWords(heap: HeapSnapshot, object: number): string[] {
  return pathTo(heap, shortestPaths(heap), object)
    .filter(({ edge }) => edge !== NO_INDEX)
    .map(({ edge }) => {
      const { name, target } = edgeFacts(heap, edge)
      return `${name} → ${heap.strings.text(heap.className[target]!)}`
    })
}

const siteText = (heap: HeapSnapshot, object: number): string => {
  const site = heap.site[object]!
  const file = heap.strings.text(heap.sites.file[site]!).split('/').at(-1)
  return `${file}:${heap.sites.line[site]} ${heap.strings.text(heap.sites.method[site]!)}`
}

/** Closures of a function of a file, by name. */
const closures = (heap: HeapSnapshot, file: string, name: string): number =>
  objectsOf(heap, 'Function', 'closure').filter(
    (object) => heap.strings.text(heap.label[object]!) === name && siteText(heap, object).startsWith(file),
  ).length

describe('what is known of real V8 snapshots', () => {
  it('[V8S10] finds the planted of 4,000 requests: sessions, listeners with their arrays, timers, a ring', () => {
    const heap = scanV8(v8Fixture())
    const count = (className: string): number => objectsOf(heap, className).length

    expect([count('Session'), count('LogLine'), count('UserCache')]).toEqual([4000, 4000, 1])
    expect([closures(heap, 'leak.js', 'onTick'), closures(heap, 'leak.js:20 ', '')]).toEqual([1000, 40])
    expect(siteText(heap, objectsOf(heap, 'Session')[0]!)).toBe('leak.js:6 Session')
    expect(heap.siteKind).toBe('definition')
  }, 30_000)

  it('[V8S11] names the way to a session: the cache, its map, the table', () => {
    const heap = scanV8(v8Fixture())
    const sessions = objectsOf(heap, 'Session')
    const words = pathWords(heap, sessions[2000]!).join(' | ')

    expect(words).toContain('cache → UserCache | map → Map | table → (array)')
    expect(words).toMatch(/→ Session$/)
    const cache = objectsOf(heap, 'UserCache')[0]!
    const kept = retention(heap)
    expect(kept.retainedBytes[kept.firstObject + cache]).toBeGreaterThan(4000 * 500)
    expect(edgesOf(heap, sessions[0]!).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['id', 'cart', 'created', 'token', '__proto__', 'map']),
    )
  }, 30_000)

  it('[V8S12] counts a trio of this Node exactly, and its sessions keep their ids', () => {
    const heaps = [...leakTrio(400).values()].map((data) => scanV8(data))
    const counts = heaps.map((heap) => [
      objectsOf(heap, 'Session').length,
      closures(heap, 'leak.cjs', 'onTick'),
      closures(heap, 'leak.cjs:59 ', ''),
      objectsOf(heap, 'LogLine').length,
    ])
    const ids = heaps.map(
      (heap) => new Set(objectsOf(heap, 'Session').map((object) => keyText(heap, object))),
    )

    expect(counts).toEqual([
      [400, 100, 4, 400],
      [800, 200, 8, 500],
      [1200, 300, 12, 500],
    ])
    expect(ids[0]!.isSubsetOf?.(ids[2]!) ?? [...ids[0]!].every((id) => ids[2]!.has(id))).toBe(true)
  }, 30_000)

  it('[V8S13] tells in which interval of a recording, and by which function, objects were made', () => {
    const heap = scanV8(snapshotsOf(join(PROGRAMS, 'timeline.cjs')).get('timeline')!)
    const tickets = objectsOf(heap, 'Ticket')
    const bornIn = new Map<number, number>()
    for (const ticket of tickets) {
      const interval = heap.generation[ticket]!
      bornIn.set(interval, (bornIn.get(interval) ?? 0) + 1)
    }
    const traced = tickets.filter((ticket) => heap.site[ticket] !== 0)

    expect(tickets).toHaveLength(1300)
    expect(bornIn.get(NO_GENERATION)).toBe(100)
    const recorded = [...bornIn].filter(([interval]) => interval !== NO_GENERATION)
    expect(recorded.reduce((sum, [, count]) => sum + count, 0)).toBe(1200)
    expect(recorded.some(([, count]) => count >= 700)).toBe(true)
    expect(traced).toHaveLength(1200)
    expect(new Set(traced.map((ticket) => siteText(heap, ticket)))).toEqual(
      new Set(['timeline.cjs:15 openTicket']),
    )
    expect(heap.siteKind).toBe('allocation')
    expect(heap.notes.producerHints).toContain('written with allocation stacks')
  }, 30_000)

  it('[V8S14] shows what strings say: escapes, cut ones; equal ones are one', () => {
    const heap = scanV8(snapshotsOf(join(PROGRAMS, 'odd.cjs')).get('odd')!)
    const strings = objectsOf(heap, '(string)', 'string')
    const texts = new Set(strings.map((object) => heap.strings.text(heap.label[object]!)))

    for (const text of ['"quoted"\\', 'tab\tnew\nline', '__proto__']) expect(texts).toContain(text)
    expect([...texts].every((text) => text.isWellFormed())).toBe(true)
    const long = strings.find((object) => heap.strings.text(heap.label[object]!).startsWith('ééé'))!
    expect(heap.strings.text(heap.label[long]!)).toHaveLength(1024)
    expect(heap.valueHash?.[long]).toBe(0)
    const proto = strings.filter((object) => heap.strings.text(heap.label[object]!) === '__proto__')
    expect(new Set(proto.map((object) => heap.valueHash?.[object])).size).toBe(1)
  }, 30_000)

  it('[V8S15] keeps the value of a WeakMap alive by its key, not by the table', () => {
    const heap = scanV8(snapshotsOf(join(PROGRAMS, 'odd.cjs')).get('odd')!)
    const pairs = []
    for (let object = 0; object < heap.objects; object++)
      for (const edge of edgesOf(heap, object))
        if (/part of key \(Object @\d+\) -> value \(Array @\d+\) pair in WeakMap/.test(edge.name))
          pairs.push({ isWeak: edge.isWeak, from: heap.strings.text(heap.className[object]!) })

    expect(pairs.filter(({ isWeak }) => !isWeak)).toHaveLength(50)
    expect(pairs.filter(({ isWeak, from }) => isWeak && from !== '(array)' && from !== '(system)')).toEqual(
      [],
    )
  }, 30_000)

  it('[V8S16] tells ids that last from those that V8 makes up for native memory', () => {
    const heap = scanV8(
      v8Bytes([
        root(),
        { type: 'native', name: 'system / X', id: 4_000_000_002 },
        { type: 'object', name: 'A', id: 77 },
      ]),
    )

    expect([0, 1, 2].map((object) => hasLastingKey(heap, object))).toEqual([true, false, true])
    expect(keyText(heap, 1)).toBe('@4000000002')
  })

  it('[V8S17] tells minified functions of one line apart by their column', () => {
    const nodes: DrawnNode[] = [
      root(),
      { type: 'closure', name: 'a', edges: [{ kind: 'internal', name: 'shared', to: 3 }] },
      { type: 'closure', name: 'a' },
      { type: 'code', name: 'a', edges: [{ kind: 'internal', name: 'script', to: 4 }] },
      { type: 'code', name: 'https://a.example/app.min.js' },
      { type: 'object', name: 'A' },
    ]
    const locations = new Map([['locations', '[7,5,0,48210\n,14,5,0,52000\n,35,6,9,0]']])
    const heap = scanV8(v8Bytes(nodes, { more: locations }))

    expect([1, 2, 5].map((object) => siteText(heap, object))).toEqual([
      'app.min.js:1:48211 a',
      'app.min.js:1:52001 a',
      'script 6:10 A',
    ])
  })

  it('[V8S30] names scripts through the node that new files of Chromium refer to, and by number where they have no name', () => {
    const fields = ['object_index', 'script_id', 'script_object_index', 'line', 'column']
    const header = v8Bytes(
      [
        root(),
        { type: 'object', name: 'A' },
        { type: 'object', name: 'B' },
        { type: 'code', name: 'system / Script / https://a.example/app.js' },
        { type: 'code', name: 'system / Script' },
      ],
      { style: 'compact', more: new Map([['locations', '[7,2,21,4,0,14,3,28,5,0]']]) },
    )
    const text = new TextDecoder()
      .decode(header)
      .replace('["object_index","script_id","line","column"]', JSON.stringify(fields))
    const heap = scanV8(new TextEncoder().encode(text))

    expect([1, 2].map((object) => siteText(heap, object))).toEqual(['app.js:5 A', 'script 3:6 B'])
  })

  it('[V8S18] tells detached elements from attached ones, and spreads the state to what native nodes hold', () => {
    const nodes: DrawnNode[] = [
      root({ kind: 'element', name: 1, to: 1 }),
      {
        type: 'native',
        name: '<div id="a" class="b">',
        detachedness: 2,
        edges: [{ kind: 'internal', name: 'c', to: 2 }],
      },
      { type: 'native', name: '<span>', edges: [{ kind: 'internal', name: 'c', to: 3 }] },
      { type: 'object', name: 'Listener', edges: [{ kind: 'property', name: 'c', to: 4 }] },
      { type: 'native', name: '<p>' },
      { type: 'native', name: '<b>', detachedness: 1 },
    ]
    const heap = scanV8(v8Bytes(nodes))
    const names = nodes.map((_, object) => heap.strings.text(heap.className[object]!))

    expect(names).toEqual(['(synthetic)', 'Detached <div>', 'Detached <span>', 'Listener', '<p>', '<b>'])
    expect(heap.notes.producerHints).toContain('2 native nodes are detached from their page')
  })

  it('[V8S19] has sizes beyond 4 GiB exactly, in the tables too', () => {
    const heap = scanV8(v8Bytes([root(), { type: 'array', name: '', size: 5 * 2 ** 32 + 3 }]))

    expect(captureTables(heap).totals.shallowBytes).toBe(5 * 2 ** 32 + 3)
  })
})
