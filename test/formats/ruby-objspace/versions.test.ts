import { describe, expect, it } from 'vitest'
import { dominated } from '#lib/heap/dominated'
import { pathTo, shortestPaths } from '#lib/heap/paths'
import { retention } from '#lib/heap/retention'
import { isConservativeRoot, rootLabel } from '#lib/heap/roots'
import { elementsOf, OBJECT_FLAGS, shallowBytesOf } from '#lib/heap/snapshot'
import { tracerMemory } from '#lib/heap/tracer-memory'
import { rubyFixture, rubyLines, scanRuby } from '#test/build/ruby-dump'

// Lines as the sources of ext/objspace/objspace_dump.c write them, version by version.

const ROOT = '{"type":"ROOT", "root":"vm", "references":["0x7f0000000028"]}'
const CLASS =
  '{"address":"0x7f0000000028", "type":"CLASS", "class":"0x7f0000000028", "name":"Thing", "memsize":544}'
const read = (...lines: string[]) => scanRuby(rubyLines(ROOT, CLASS, ...lines))
const typeAt = (heap: ReturnType<typeof scanRuby>, object: number) => heap.typeNames[heap.type[object]!]

describe('what the versions of Ruby write', () => {
  it('[RBY39] 2.1 and 2.2: no spaces after commas within arrays, "long_lived", no real_class_name', () => {
    const heap = read(
      '{"address":"0x7fa8d0", "type":"STRING", "class":"0x7f0000000028", "embedded":true, "fstring":true, "bytesize":4, "value":"each", "encoding":"UTF-8", "memsize":40, "flags":{"wb_protected":true, "old":true, "long_lived":true, "marked":true}}',
      '{"address":"0x7fa8f8", "type":"OBJECT", "class":"0x7f0000000028", "ivars":3, "references":["0x7fa8d0","0x7f0000000028"], "memsize":40, "flags":{"wb_protected":true}}',
    )

    expect(heap.notes).toMatchObject({ badLines: 0, danglingReferences: 0 })
    expect(heap.flags[1]).toBe(
      OBJECT_FLAGS.embedded |
        OBJECT_FLAGS.writeBarrierProtected |
        OBJECT_FLAGS.old |
        OBJECT_FLAGS.uncollectible |
        OBJECT_FLAGS.marked,
    )
    expect(heap.flags[2]).toBe(OBJECT_FLAGS.writeBarrierProtected)
  })

  it('[RBY40] 2.6 and 2.7: COMPLEX, RATIONAL, BIGNUM, MATCH, REGEXP, FILE, ZOMBIE are objects of their own types', () => {
    const types = [
      'COMPLEX',
      'RATIONAL',
      'BIGNUM',
      'MATCH',
      'REGEXP',
      'FILE',
      'ZOMBIE',
      'FLOAT',
      'SYMBOL',
      'STRUCT',
      'NODE',
    ]
    const heap = read(
      ...types.map(
        (type, i) =>
          `{"address":"0x7f0000001${i.toString(16)}00", "type":"${type}", "class":"0x7f0000000028", "fd":7, "value":"1.5", "memsize":40, "flags":{}}`,
      ),
    )

    expect(types.map((_, i) => typeAt(heap, i + 1))).toEqual(types)
    expect(heap.notes.badLines).toBe(0)
  })

  it('[RBY41] 3.1 after GC.compact: moved slots are free slots, and the notes say that addresses changed', () => {
    const heap = read(
      '{"address":"0x7f0000001000", "type":"MOVED", "class":"0x7f0000000028", "flags":{}}',
      '{"address":"0x7f0000001028", "type":"NONE"}',
    )

    expect([heap.objects, heap.notes.freeSlots]).toEqual([1, 2])
    expect(heap.notes.producerHints).toEqual([
      'objects were moved before (GC.compact): addresses are not what they were',
      'written with full: true (free slots are listed)',
    ])
  })

  it('[RBY42] 3.2: shapes with a list of edges or a bare number, slot sizes, too complex shapes', () => {
    const heap = read(
      '{"address":"0x7f0000002000", "type":"SHAPE", "id":1, "parent_id":0, "depth":1, "shape_type":"IVAR", "edge_name":"@a", "edges":1, "memsize":32}',
      '{"address":"0x7f0000002020", "type":"SHAPE", "id":2, "parent_id":1, "depth":2, "shape_type":"FROZEN", "edges":[3, 4], "memsize":40}',
      '{"address":"0x7f0000003000", "type":"OBJECT", "shape_id":2, "slot_size":80, "class":"0x7f0000000028", "embedded":true, "ivars":5, "too_complex_shape":true, "references":["0x7f0000000028"], "memsize":80, "flags":{"wb_protected":true}}',
    )

    expect([heap.objects, heap.notes.shapes, heap.notes.shapeBytes]).toEqual([2, 2, 72])
    expect(shallowBytesOf(heap, 1)).toBe(80)
    expect(heap.notes.producerHints).toEqual(['Ruby 3.2 or later (object shapes)'])
  })

  it('[RBY43] 3.3 and 3.4: call caches with names, chilled strings, capacities', () => {
    const heap = read(
      '{"address":"0x7f0000003000", "type":"IMEMO", "slot_size":40, "imemo_type":"callcache", "called_id":"map", "receiver_class":"0x7f0000000028", "references":["0x7f0000000028"], "memsize":40, "flags":{"wb_protected":true}}',
      '{"address":"0x7f0000003028", "type":"IMEMO", "imemo_type":"callinfo", "mid":"<=>", "memsize":40, "flags":{}}',
      '{"address":"0x7f0000003050", "type":"STRING", "shape_id":0, "slot_size":40, "class":"0x7f0000000028", "chilled":true, "bytesize":3, "capacity":15, "value":"abc", "encoding":"UTF-8", "coderange":"7bit", "memsize":40, "flags":{"wb_protected":true}}',
    )

    expect(heap.notes).toMatchObject({
      badLines: 0,
      producerHints: ['Ruby 3.4 or later (chilled strings)'],
    })
    expect(heap.valueHash![3]).not.toBe(0)
  })

  it('[RBY44] 3.5: flags with numbers among them', () => {
    const heap = read(
      '{"address":"0x7f0000003000", "type":"ARRAY", "slot_size":40, "class":"0x7f0000000028", "length":2, "embedded":true, "references":["0x7f0000000028"], "memsize":40, "flags":{"wb_protected":true, "object_id":16, "age":2, "old":true, "shareable":true}}',
    )

    expect(heap.flags[1]).toBe(OBJECT_FLAGS.embedded | OBJECT_FLAGS.writeBarrierProtected | OBJECT_FLAGS.old)
    expect(elementsOf(heap, 1)).toBe(2)
  })
})

describe('the graph of a Ruby dump', () => {
  it('[RBY45] calls the machine stack uncertain, and other roots not', () => {
    const heap = scanRuby(rubyFixture('weird'))
    const labels = Array.from({ length: heap.roots.count }, (_, root) => rootLabel(heap, root))

    expect(labels).toContain('machine_context (may be a stale word on the stack)')
    expect(labels.filter((label) => label.includes('stale'))).toHaveLength(
      labels.filter((_, root) => isConservativeRoot(heap, root)).length,
    )
    expect(labels).toContain('vm')
  })

  it('[RBY46] knows what the allocation tracer holds, and nothing of it where nobody traced', () => {
    const traced = scanRuby(rubyFixture('trace-1-warm'))
    const memory = tracerMemory(traced, retention(traced))
    const plain = read()

    expect(memory).toMatchObject({ objects: 1 })
    expect(memory!.shallowBytes).toBeGreaterThan(1_000_000)
    expect(memory!.retainedBytes).toBeGreaterThanOrEqual(memory!.shallowBytes)
    expect(tracerMemory(plain, retention(plain))).toBeUndefined()
  })

  // The planted truth: `ENTRIES` of module AuditTrail grows by one entry a request. Sizes as measured without class edges;
  // with them the module also keeps its own singleton class and what that keeps.
  it.each([
    ['trace-1-warm', 2500, 1_409_424],
    ['trace-3-after-8000', 10_500, 5_896_248],
  ])(
    '[RBY51] %s: module AuditTrail keeps an array of %i entries alive, to the byte',
    (name, entries, retained) => {
      const heap = scanRuby(rubyFixture(name))
      const tree = retention(heap)
      const labelAt = (object: number) => heap.strings.text(heap.label[object]!)
      const trail = [...heap.label.subarray(0, heap.objects).keys()].find(
        (object) => labelAt(object) === 'AuditTrail' && typeAt(heap, object) === 'MODULE',
      )!
      const ownClass = heap.classIndex[trail]!
      const [array] = dominated(tree, tree.firstObject + trail, 0, 1).nodes
      const path = pathTo(heap, shortestPaths(heap), trail)

      expect(tree.idom[tree.firstObject + ownClass]).toBe(tree.firstObject + trail)
      expect(tree.retainedBytes[tree.firstObject + trail]).toBe(
        retained + tree.retainedBytes[tree.firstObject + ownClass]!,
      )
      expect([typeAt(heap, array! - tree.firstObject), elementsOf(heap, array! - tree.firstObject)]).toEqual([
        'ARRAY',
        entries,
      ])
      expect(rootLabel(heap, path[0]!.node - 1)).toBe('vm')
      expect(path.slice(1).map(({ node }) => labelAt(node - tree.firstObject))).toEqual([
        'Object',
        'AuditTrail',
      ])
    },
    60_000,
  )

  it('[RBY47] reaches nearly everything of a real dump from its roots, classes included', () => {
    const heap = scanRuby(rubyFixture('trace-1-warm'))
    const tree = retention(heap)

    expect(tree.unreached.objects / heap.objects).toBeLessThan(0.05)
    expect(tree.reached - tree.firstObject + tree.unreached.objects).toBe(heap.objects)
    expect(shortestPaths(heap).reached).toBe(tree.reached - tree.firstObject)
  })
})
