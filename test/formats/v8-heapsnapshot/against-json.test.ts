import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type HeapSnapshot, keyText, NO_INDEX, shallowBytesOf } from '#lib/heap/snapshot'
import { scanV8, v8Fixture } from '#test/build/v8-snapshot'
import { type DrawnNode, EDGE_TYPES, NODE_TYPES, v8Bytes } from '#test/build/v8-writer'

interface Json {
  snapshot: { meta: { node_fields: string[]; node_types: string[][]; edge_types: string[][] } }
  nodes: number[]
  edges: number[]
  strings: string[]
}

/** What differs from JSON.parse, the first few. */
function differencesFromJson(data: Uint8Array, heap: HeapSnapshot): string[] {
  // reason: the oracle; a wrong shape shows as a difference.
  const json = JSON.parse(new TextDecoder().decode(data)) as Json
  const { node_fields: fields, node_types: types, edge_types: kinds } = json.snapshot.meta
  const at = (node: number, field: string): number =>
    json.nodes[node * fields.length + fields.indexOf(field)]!
  const found: string[] = []
  const check = (what: string, ours: unknown, theirs: unknown): void => {
    if (ours !== theirs && found.length < 5) found.push(`${what}: ${ours} is not ${theirs}`)
  }
  const nodes = json.nodes.length / fields.length
  check('nodes', heap.objects, nodes)
  let edge = 0
  for (let node = 0; node < nodes; node++) {
    check(
      `type of ${node}`,
      heap.typeNames[heap.type[node]!],
      types[fields.indexOf('type')]![at(node, 'type')],
    )
    check(
      `name of ${node}`,
      heap.strings.text(heap.label[node]!),
      json.strings[at(node, 'name')]!.toWellFormed(),
    )
    check(`key of ${node}`, keyText(heap, node), `@${at(node, 'id')}`)
    check(`size of ${node}`, shallowBytesOf(heap, node), at(node, 'self_size'))
    check(
      `edges of ${node}`,
      heap.referenceStart[node + 1]! - heap.referenceStart[node]!,
      at(node, 'edge_count'),
    )
    for (let k = heap.referenceStart[node]!; k < heap.referenceStart[node + 1]!; k++, edge++) {
      const kind = heap.edges!.kind[k]! & 0x7f
      const name = heap.edges!.name[k]!
      const [type, theirs, to] = [json.edges[edge * 3]!, json.edges[edge * 3 + 1]!, json.edges[edge * 3 + 2]!]
      check(`kind of edge ${edge}`, heap.edges!.kindNames[kind], kinds[0]![type])
      if (heap.edges!.numberedKinds.has(kind)) check(`index of edge ${edge}`, name, theirs)
      else check(`name of edge ${edge}`, heap.strings.text(name), json.strings[theirs]!.toWellFormed())
      check(`target of edge ${edge}`, heap.references[k], to / fields.length)
    }
  }
  check('edges', edge, json.edges.length / 3)
  return found
}

describe('the V8 scanner against JSON.parse', () => {
  it.each([1 << 18, 100_003, 4099])(
    '[V8S4] reads every node, edge and string of a real snapshot in pieces of %i bytes',
    (step) => {
      const data = v8Fixture()
      const heap = scanV8(data, step)

      expect(differencesFromJson(data, heap)).toEqual([])
      expect(heap.notes).toMatchObject({ badLines: 0, danglingReferences: 0, truncatedAt: undefined })
    },
    30_000,
  )

  const seed = 20261123
  const FIELDS = ['type', 'name', 'id', 'self_size', 'edge_count']
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom(
      '__proto__',
      'constructor',
      'toString',
      '\\',
      '"',
      '\\"],"strings":["',
      '\ud83d',
      '\udc00x',
      'null\0',
      ']',
      '}',
      '\ufeffmark',
    ),
  )
  const drawing: fc.Arbitrary<DrawnNode[]> = fc.integer({ min: 1, max: 30 }).chain((count) =>
    fc.array(
      fc.record({
        type: fc.constantFrom(...NODE_TYPES),
        name: text,
        id: fc.integer({ min: 0, max: 0xffffffff }),
        size: fc.oneof(
          fc.nat(1000),
          fc.constantFrom(0xfffffffe, 0xffffffff, 2 ** 32, 2 ** 40 + 1, 999_999_999, 2 ** 31),
        ),
        detachedness: fc.nat(2),
        edges: fc.array(
          fc.constantFrom(...EDGE_TYPES).chain((kind) =>
            fc.record({
              kind: fc.constant(kind),
              name: kind === 'element' || kind === 'hidden' ? fc.nat(0xfffffff0) : text,
              to: fc.nat(count - 1),
            }),
          ),
          { maxLength: 5 },
        ),
      }),
      { minLength: count, maxLength: count },
    ),
  )

  it('[V8S5] reads any layout: fields in any order, further ones, sections in any order, unknown sections, any white space', () => {
    fc.assert(
      fc.property(
        drawing,
        fc
          .shuffledSubarray(['trace_node_id', 'detachedness', 'other', 'more'])
          .chain((extra) =>
            fc.shuffledSubarray([...FIELDS, ...extra], { minLength: FIELDS.length + extra.length }),
          ),
        fc.constantFrom<'v8' | 'compact' | 'pretty'>('v8', 'compact', 'pretty'),
        fc.shuffledSubarray(['nodes', 'edges', 'strings', 'scopes', 'unknown', 'samples'], { minLength: 6 }),
        fc.integer({ min: 1, max: 700 }),
        (nodes, nodeFields, style, sections, step) => {
          const more = new Map([
            ['scopes', '[1,2,[3,{"nodes":["]"]}]]'],
            ['unknown', '{"a":"}\\"{","b":[null,true,-1.5e3]}'],
          ])
          const data = v8Bytes(nodes, { nodeFields, style, sections, more })

          expect(differencesFromJson(data, scanV8(data, step))).toEqual([])
        },
      ),
      { numRuns: 150, seed },
    )
  }, 30_000)

  it('[V8S6] reads edges with their fields in any order', () => {
    const nodes: DrawnNode[] = [
      { type: 'synthetic', name: '', edges: [{ kind: 'property', name: 'a', to: 1 }] },
      { type: 'object', name: 'Thing' },
    ]
    const heap = scanV8(v8Bytes(nodes, { edgeFields: ['to_node', 'other', 'type', 'name_or_index'] }))

    expect(heap.references[0]).toBe(1)
    expect(heap.strings.text(heap.edges!.name[0]!)).toBe('a')
    expect(heap.edges!.kindNames[heap.edges!.kind[0]!]).toBe('property')
  })

  it('[V8S7] keeps types and kinds that the header does not name, and targets that are no nodes', () => {
    const data = new TextDecoder()
      .decode(v8Bytes([{ type: 'object', name: 'A', edges: [{ kind: 'property', name: 'p', to: 9 }] }]))
      .replace('[3,1,1,', '[77,1,1,')
    const heap = scanV8(new TextEncoder().encode(data))

    expect(heap.typeNames[heap.type[0]!]).toBe('unknown')
    expect(heap.references[0]).toBe(NO_INDEX)
    expect(heap.notes.danglingReferences).toBe(1)
  })
})
