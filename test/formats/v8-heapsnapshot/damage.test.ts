import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UserError } from '#lib/errors/user-error'
import { captureTables } from '#lib/findings/capture'
import { retention } from '#lib/heap/retention'
import { type HeapSnapshot, NO_INDEX } from '#lib/heap/snapshot'
import { objectsOf, scanV8, v8Fixture } from '#test/build/v8-snapshot'
import { type DrawnNode, root, v8Bytes, v8Text } from '#test/build/v8-writer'

/** A page with everything that the linking looks at. */
const page: readonly DrawnNode[] = [
  root(
    { kind: 'shortcut', name: 'window', to: 1 },
    { kind: 'element', name: 1, to: 2 },
    { kind: 'element', name: 2, to: 9 },
  ),
  {
    type: 'object',
    name: 'Window / https://a.example',
    edges: [
      { kind: 'property', name: 'cache', to: 3 },
      { kind: 'internal', name: '1 / part of key (A @7) -> value (B @9) pair in WeakMap (table @3)', to: 4 },
    ],
  },
  { type: 'synthetic', name: '(Document DOM trees)', edges: [{ kind: 'element', name: 1, to: 5 }] },
  { type: 'object', name: 'Map', edges: [{ kind: 'internal', name: 'table', to: 6 }] },
  { type: 'string', name: 'a secret "value"\\\n' },
  {
    type: 'native',
    name: '<div id="a">',
    detachedness: 2,
    edges: [{ kind: 'internal', name: '2', to: 7 }],
  },
  { type: 'array', name: '', edges: [{ kind: 'internal', name: 'x', to: 4 }] },
  { type: 'native', name: '<span>', edges: [{ kind: 'weak', name: 'w', to: 7 }] },
  { type: 'closure', name: 'onClick', edges: [{ kind: 'context', name: 'that', to: 8 }] },
  { type: 'code', name: 'system / Thing', size: 2 ** 33 },
]
const LOCATIONS = new Map([['locations', '[8,12,34,56\n,35,12,2,2000]']])

function checkIndexes(heap: HeapSnapshot): void {
  const edges = heap.referenceStart[heap.objects]!
  for (let k = 0; k < edges; k++) {
    const to = heap.references[k]!
    if (to !== NO_INDEX && to >= heap.objects) throw new Error('reference out of range')
    const kind = heap.edges!.kind[k]! & 0x7f
    if (heap.edges!.kindNames[kind] === undefined) throw new Error('kind out of range')
    if (!heap.edges!.numberedKinds.has(kind) && heap.edges!.name[k]! >= heap.strings.count)
      throw new Error('edge name out of range')
  }
  for (let object = 0; object < heap.objects; object++) {
    if (heap.referenceStart[object]! > heap.referenceStart[object + 1]!) throw new Error('rows overlap')
    if (heap.className[object]! >= heap.strings.count) throw new Error('class name out of range')
    if (heap.label[object]! >= heap.strings.count) throw new Error('label out of range')
    if (heap.site[object]! >= heap.sites.count) throw new Error('site out of range')
    if (heap.typeNames[heap.type[object]!] === undefined) throw new Error('type out of range')
  }
}

/** A result whose every index is in range and whose tables add up, or a sentence for the user. Anything else fails. */
function readsOrSays(data: Uint8Array, step?: number): HeapSnapshot | undefined {
  let heap: HeapSnapshot
  try {
    heap = scanV8(data, step)
  } catch (error) {
    if (error instanceof UserError) return undefined
    throw error
  }
  checkIndexes(heap)
  const tables = captureTables(heap, retention(heap))
  const counted = tables.groups.count.reduce((sum, count) => sum + count, 0)
  if (counted !== heap.objects) throw new Error(`${counted} objects in groups, ${heap.objects} in all`)
  return heap
}

describe('a damaged V8 snapshot', () => {
  it('[V8S20] gives a result or a sentence for every prefix', () => {
    const data = v8Bytes(page, { more: LOCATIONS })
    let results = 0
    for (let end = 0; end < data.length; end++) if (readsOrSays(data.subarray(0, end))) results++

    expect(results).toBeGreaterThan(100)
  }, 60_000)

  it('[V8S21] reads the same whatever the size of the pieces', () => {
    const data = v8Bytes(page, { more: LOCATIONS })
    const whole = captureTables(scanV8(data))
    for (const step of [1, 2, 3, 7, 64, 509]) expect(captureTables(scanV8(data, step))).toEqual(whole)
  })

  it('[V8S22] gives a result or a sentence for flipped, cut and repeated bytes', () => {
    const sample = v8Bytes(page, { more: LOCATIONS })
    const edit = fc.record({
      kind: fc.constantFrom('flip', 'cut', 'repeat', 'digit', 'newline', 'quote', 'bracket'),
      at: fc.nat(sample.length - 1),
      length: fc.nat(60),
      byte: fc.nat(255),
    })
    fc.assert(
      fc.property(
        fc.array(edit, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 900 }),
        (edits, step) => {
          let data = Uint8Array.from(sample)
          for (const { kind, at, length, byte } of edits) {
            const place = at % Math.max(1, data.length)
            if (kind === 'flip') data[place] = byte
            else if (kind === 'digit') data[place] = 0x30 + (byte % 10)
            else if (kind === 'newline') data[place] = 10
            else if (kind === 'quote') data[place] = 0x22
            else if (kind === 'bracket') data[place] = 0x5d
            else if (kind === 'cut')
              data = Uint8Array.from([...data.subarray(0, place), ...data.subarray(place + length)])
            else
              data = Uint8Array.from([
                ...data.subarray(0, place),
                ...data.subarray(Math.max(0, place - length)),
              ])
          }
          readsOrSays(data, step)
        },
      ),
      { numRuns: 1500, seed: 20261123 },
    )
  }, 60_000)

  it('[V8S23] says in which section a file ends, and keeps what is certain', () => {
    const data = v8Fixture()
    const text = new TextDecoder('latin1').decode(data)
    const cutAt = (key: string, share: number): HeapSnapshot => {
      const start = text.indexOf(`\n"${key}":[`)
      const next = text.indexOf('\n"', start + 1)
      return scanV8(
        data.subarray(0, start + Math.floor((next < 0 ? data.length - start : next - start) * share)),
      )
    }

    expect(() => cutAt('nodes', 0.5)).toThrow('This V8 heap snapshot stops short after')
    const withoutEdges = cutAt('edges', 0.5)
    expect(withoutEdges.objects).toBe(112_566)
    expect(withoutEdges.notes).toMatchObject({ isPartial: true })
    expect(withoutEdges.notes.remarks?.[0]).toContain('within its list of edges')
    expect(withoutEdges.roots.count).toBe(0)
    const withoutNames = cutAt('strings', 0.9)
    expect(withoutNames.notes.truncatedAt).toBeDefined()
    expect(withoutNames.notes.remarks?.slice(0, 2)).toEqual([
      'The file ends within its section "strings".',
      expect.stringMatching(/^The names of [\d,]+ objects are not in the file\.$/),
    ])
    expect(retention(withoutNames).retainedBytes[0]).toBe(retention(scanV8(data)).retainedBytes[0])
    expect(objectsOf(withoutNames, '(name not in the file)').length).toBeGreaterThanOrEqual(4000)
  }, 30_000)

  it('[V8S24] goes on after a broken row of edges, and counts it', () => {
    const text = v8Text(page)
    const row = /\n,3,(\d+),42\n/.exec(text)?.[0] ?? ''
    expect(row).not.toBe('')
    const whole = scanV8(v8Bytes(page))
    for (const broken of [row.replace('42', '4x2'), row.replace(',42', ''), row.replace(',42', '42')]) {
      const heap = readsOrSays(new TextEncoder().encode(text.replace(row, broken)))

      expect(heap?.objects).toBe(whole.objects)
      expect(heap?.notes.badLines).toBe(1)
    }
  })

  it('[V8S25] makes up for one broken row of nodes, and refuses a file where edges would go astray', () => {
    const text = v8Text(page)
    const rows = text
      .slice(text.indexOf('"nodes":[') + 9, text.indexOf(']', text.indexOf('"nodes":[')))
      .split('\n')
    const broken = (...places: number[]): Uint8Array =>
      new TextEncoder().encode(
        places.reduce((all, place) => all.replace(rows[place]!, rows[place]!.replace(/,(\d+),/, 'z')), text),
      )
    const heap = readsOrSays(broken(3))

    expect(heap?.objects).toBe(page.length)
    expect(heap?.notes.badLines).toBe(1)
    expect(heap?.referenceStart[4]).toBe(scanV8(v8Bytes(page)).referenceStart[4])
    expect(() => scanV8(broken(3, 5))).toThrow(/^This V8 heap snapshot is damaged: its nodes have \d+ edges/)
  })

  it('[V8S26] takes no memory for what a header promises', () => {
    const heap = scanV8(v8Bytes(page, { nodeCount: 4_000_000_000, edgeCount: 9e15 }))

    expect(heap.objects).toBe(page.length)
    expect(heap.type.length).toBeLessThan(100_000)
    expect(heap.references.length).toBeLessThan(100_000)
  })

  it('[V8S27] refuses headers that lack what nodes and edges cannot be read without', () => {
    const say = (text: string) => () => scanV8(new TextEncoder().encode(text))

    expect(say('')).toThrow('holds nothing to read')
    expect(say('{"snapshot":{"meta":{"node_fields":["type"')).toThrow('stops short')
    expect(say('{"snapshot":{"meta":{}},"nodes":[1]}')).toThrow('does not name the fields of nodes')
    expect(say('{"snapshot":{"meta":nonsense},"nodes":[1]}')).toThrow('header cannot be read')
    expect(say('{"nodes":[1,2,3],"snapshot":{}}')).toThrow('header does not come first')
    expect(say(v8Text([]))).toThrow('holds nothing to read')
    expect(say(`{"snapshot":{"a":"${'x'.repeat(1 << 21)}"}}`)).toThrow('header does not end')
    expect(say(v8Text(page, { edgeFields: ['type', 'to_node'] }))).toThrow('fields of edges')
  })

  it('[V8S28] bears hostile names: object keys, escapes, a megabyte, deep nesting', () => {
    const heap = scanV8(
      v8Bytes(
        [
          root({ kind: 'property', name: '__proto__', to: 1 }),
          { type: 'object', name: '__proto__' },
          { type: 'object', name: `long ${'é'.repeat(600_000)}` },
          { type: 'native', name: `<${'a'.repeat(300_000)} b>` },
          { type: 'object', name: '\0' },
        ],
        { more: new Map([['trace_tree', `${'['.repeat(200_000)}${']'.repeat(200_000)}`]]) },
      ),
    )
    const tables = captureTables(heap)

    expect(tables.groups.classNames).toContain('__proto__')
    expect(tables.groups.classNames).toContain('\0')
    for (const name of tables.groups.classNames) expect(name.length).toBeLessThan(70_000)
  })

  it('[V8S29] is not slowed down by names that are nearly those of WeakMap entries', () => {
    const nearly = `1 / part of key (${'a @1) -> value ('.repeat(4000)}`
    const nodes = Array.from({ length: 200 }, (_, i) => ({ type: 'object', name: `${nearly}${i}` }))
    const heap = scanV8(v8Bytes(nodes))

    expect(heap.objects).toBe(200)
  }, 20_000)
})
