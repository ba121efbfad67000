import { describe, expect, it } from 'vitest'
import { heapFormatOf } from '#lib/formats/index'
import { memprof } from '#lib/formats/memprof/index'
import { edgeFacts, edgeNumbering, edgesFrom } from '#lib/heap/edges'
import { pathTo, shortestPaths } from '#lib/heap/paths'
import { retention } from '#lib/heap/retention'
import { type HeapSnapshot, keyText, NO_INDEX } from '#lib/heap/snapshot'
import { memprofDump, memprofLine, pointer, type Row } from '#test/build/memprof-dump'

// No dump of a real process was to be had: test/build/memprof-dump.ts makes files from memprof's source code.

function scan(content: Uint8Array): HeapSnapshot {
  const scanner = memprof.scanner()
  scanner.feed(content)
  return scanner.finish()
}
const rows = (...lines: (Row | string)[]): Uint8Array =>
  Buffer.concat(
    lines.flatMap((line) => [
      typeof line === 'string' ? Buffer.from(line, 'latin1') : memprofLine(line),
      Buffer.from('\n'),
    ]),
  )
const read = (...lines: (Row | string)[]) => scan(rows(...lines))
const at = (n: number, row: Row): Row => ({ _id: pointer(n), ...row })
const string = (n: number, data: string): Row =>
  at(n, { type: 'string', class_name: 'String', length: data.length, data })
const globals = (...targets: number[]): Row => ({
  _id: 'globals',
  type: 'globals',
  variables: Object.fromEntries(targets.map((n) => [`:$g${n}`, pointer(n)])),
})

const indexOf = (heap: HeapSnapshot, n: number): number =>
  Array.from({ length: heap.objects }, (_, object) => keyText(heap, object)).indexOf(pointer(n))
const className = (heap: HeapSnapshot, object: number) => heap.strings.text(heap.className[object]!)
const rootNames = (heap: HeapSnapshot) => [...heap.roots.name].map((name) => heap.strings.text(name))

/** "kind name → address" of what an object holds. */
function held(heap: HeapSnapshot, object: number): string[] {
  return edgesFrom(heap, object, 0, 100).edges.map((edge) => {
    const { kind, name, target, origin } = edgeFacts(heap, edge)
    const to = target === NO_INDEX ? 'nothing' : keyText(heap, target)
    return origin === 'class' ? `class → ${to}` : `${kind} ${name} → ${to}`
  })
}

describe('a memprof dump', () => {
  it('[MEM1] is read with classes, sites, labels, sizes and named references', () => {
    const heap = scan(memprofDump({ entries: 3, cached: 2 }))

    expect(heap.notes).toMatchObject({ badLines: 0, danglingReferences: 0, isPartial: false })
    const entry = indexOf(heap, 100_000)
    expect(className(heap, entry)).toBe('AuditTrail::Entry')
    expect(heap.strings.text(heap.sites.file[heap.site[entry]!]!)).toBe('/app/audit.rb')
    expect(heap.sites.line[heap.site[entry]!]).toBe(12)
    expect(held(heap, entry)).toEqual([
      `instance variable @path → ${pointer(100_001)}`,
      `class → ${pointer(5)}`,
    ])
    const trail = indexOf(heap, 7)
    expect(heap.typeNames[heap.type[trail]!]).toBe('MODULE')
    expect(heap.strings.text(heap.label[trail]!)).toBe('AuditTrail')
    expect(held(heap, trail)).toEqual([
      `internal super → ${pointer(1)}`,
      `constant ENTRIES → ${pointer(8)}`,
      `constant Entry → ${pointer(5)}`,
      `method call → ${pointer(15)}`,
      `class → ${pointer(2)}`,
    ])
    expect(heap.elements?.[indexOf(heap, 8)]).toBe(3)
  })

  it('[MEM2] tells by a path which constant keeps the entries of a leak, and what it retains', () => {
    const heap = scan(memprofDump({ entries: 50, cached: 5 }))
    const retained = retention(heap)
    const entries = indexOf(heap, 8)

    // 50 entries of 40 bytes and a table entry for each of three variables, their paths, and the array.
    const path = Buffer.byteLength('/orders/100000/caf') + 1
    expect(retained.retainedBytes[retained.firstObject + entries]).toBe(
      40 + 50 * 8 + 50 * (40 + 3 * 48 + 41 + path),
    )
    const steps = pathTo(heap, shortestPaths(heap), indexOf(heap, 100_001))
    const names = steps
      .slice(1)
      .map(({ edge }) => edgeFacts(heap, edge))
      .map(({ name, origin }) => name ?? origin)
    expect(names.slice(-4)).toEqual(['AuditTrail', 'ENTRIES', 0, '@path'])
  })

  it('[MEM3] has a category of roots for each global variable and frame; a finalizer does not keep its object', () => {
    const heap = scan(memprofDump({ entries: 0, cached: 0 }))

    expect(rootNames(heap)).toEqual([
      'finalizers',
      'global $stdout',
      'global $cache',
      'frame :call',
      'frame :main',
    ])
    const first = [...heap.roots.references.subarray(0, heap.roots.start[1])]
    expect(first).toEqual([indexOf(heap, 16)])
  })

  it('[MEM4] takes no text for a reference, and no number, symbol or address of C memory', () => {
    const heap = read(
      globals(1),
      at(1, { type: 'array', length: 4, data: [pointer(2), 7, ':sym', pointer(3)] }),
      string(2, pointer(3)),
      at(3, { type: 'data', class_name: pointer(2), data: pointer(2) }),
      at(4, { type: 'node', node_type: 'CFUNC', n1: `${pointer(2)}: rb_call`, n2: 1, n3: '0x0' }),
      at(5, { type: 'file', path: pointer(2), fileno: 3 }),
    )

    expect(held(heap, indexOf(heap, 1))).toEqual([`element 0 → ${pointer(2)}`, `element 3 → ${pointer(3)}`])
    for (const n of [2, 3, 4, 5]) expect(held(heap, indexOf(heap, n))).toEqual([])
  })

  it('[MEM5] names the entries of a hash by symbol keys, keeps the objects that are keys, and the string of a match', () => {
    const heap = read(
      globals(1, 4),
      at(1, {
        type: 'hash',
        length: 3,
        default: null,
        data: [
          [pointer(2), pointer(3)],
          [':a', pointer(3)],
          [4, pointer(2)],
        ],
      }),
      string(2, 'k'),
      string(3, 'v'),
      at(4, { type: 'match', data: pointer(3) }),
    )

    expect(held(heap, indexOf(heap, 1))).toEqual([
      `key 0 → ${pointer(2)}`,
      `entry 0 → ${pointer(3)}`,
      `value a → ${pointer(3)}`,
      `entry 2 → ${pointer(2)}`,
    ])
    expect(held(heap, indexOf(heap, 4))).toEqual([`internal data → ${pointer(3)}`])
  })

  it('[MEM6] keeps both of two objects at one address: a reference leads to both, and a sentence says so', () => {
    const heap = read(
      globals(1, 2),
      at(1, { type: 'array', length: 1, data: [pointer(3)] }),
      at(2, { type: 'array', length: 1, data: [pointer(4)] }),
      string(3, 'one'),
      string(3, 'the other one'),
      string(4, 'alone'),
    )

    expect(heap.objects).toBe(5)
    const start = heap.referenceStart
    expect([...heap.references.subarray(start[0], start[1])]).toEqual([2, 3])
    expect([...heap.references.subarray(start[1], start[2])]).toEqual([4])
    expect(heap.edges?.kind).toHaveLength(heap.references.length)
    expect(edgeNumbering(heap).firstClassEdge).toBe(3)
    expect(heap.notes.remarks?.join(' ')).toContain(
      'One address belongs to several objects, because memprof prints half of each. References to them (1) lead to both',
    )
    expect(scan(memprofDump({ entries: 1, cached: 1 })).notes.remarks?.join(' ')).not.toContain(
      'more than one',
    )
  })

  it('[MEM7] takes for a class only what is one, also at an address that two objects have', () => {
    const heap = read(
      globals(1, 3),
      at(1, { type: 'object', class: pointer(2), class_name: 'Session', ivars: { '@a': 1 } }),
      at(2, { type: 'class', name: 'Session', super: null }),
      string(2, 'not a class'),
      at(3, { type: 'object', class: pointer(4), class_name: 'Lost' }),
      string(4, 'no class either'),
    )

    expect([heap.classIndex[0], heap.classIndex[3]]).toEqual([1, NO_INDEX])
    expect([className(heap, 0), className(heap, 3)]).toEqual(['Session', 'Lost'])
  })

  it('[MEM8] names objects of a singleton class after its nearest named ancestor, in a circle of them too', () => {
    const heap = read(
      globals(1),
      at(1, { type: 'object', class: pointer(2) }),
      at(2, { type: 'class', name: null, super: pointer(3), singleton: true }),
      at(3, { type: 'class', name: 'Account', super: null }),
      at(4, { type: 'object', class: pointer(5) }),
      at(5, { type: 'class', name: null, super: pointer(6), singleton: true }),
      at(6, { type: 'class', name: null, super: pointer(5), singleton: true }),
      at(7, { type: 'scope' }),
    )

    expect(className(heap, 0)).toBe('Account')
    expect(className(heap, 3)).toBe('(anonymous class)')
    expect(className(heap, 6)).toBe('(internal: local variables)')
  })

  it('[MEM9] estimates sizes, says so, and believes no length that the line cannot hold', () => {
    const heap = read(
      globals(1),
      string(1, 'x'.repeat(100)),
      at(2, { type: 'string', length: 100, shared: pointer(1), flags: ['elts_shared'] }),
      at(3, { type: 'array', length: 9e15, data: [1, 2] }),
      at(4, { type: 'string', length: -5, data: '' }),
      at(5, { type: 'bignum', negative: false, length: 4, data: 'abcd' }),
    )

    expect([...heap.shallowBytes.subarray(0, 2)]).toEqual([141, 40])
    expect(heap.shallowBytes[2]).toBeLessThan(1024)
    expect([...heap.shallowBytes.subarray(3, 5)]).toEqual([41, 56])
    expect(heap.notes.remarks?.[0]).toMatch(/^Sizes are estimated: memprof writes none\./)
  })

  it('[MEM10] reads raw bytes, floats that are none, escapes, and names that an empty name has shifted', () => {
    const heap = read(
      globals(1, 4),
      '{"_id":"' +
        pointer(1) +
        '","type":"string","class_name":"caf\xe9","length":3,"data":"\xff\xfe\x80","code":7}',
      `{"_id":"${pointer(2)}","type":"float","data":nan,"code":6}`,
      `{"_id":"${pointer(3)}","type":"float","data":-inf,"code":6}\r`,
      '{"_id":"' +
        pointer(4) +
        '","type":"object","class_name":"A\\"\\u0042","ivars":{"' +
        pointer(1) +
        '":":@b"},"new_key":{"deep":[[{"x":"' +
        pointer(2) +
        '"}]]}}',
    )

    expect(heap.notes.badLines).toBe(0)
    expect(className(heap, 0)).toBe('caf\ufffd')
    expect(className(heap, 3)).toBe('A"B')
    expect(held(heap, 3)).toEqual([`internal  → ${pointer(1)}`])
  })

  it('[MEM11] keeps what ps and lsof said as facts about the process, not as objects', () => {
    const heap = scan(memprofDump({ entries: 1, cached: 1 }))

    expect(heap.notes.producerHints).toEqual([
      'written by memprof (Ruby 1.8 or REE)',
      'the process that wrote it, often a forked child, held 40.0 MiB and had 2 open files',
    ])
  })

  it('[MEM12] has no roots when only tracked objects were dumped, and is partial then', () => {
    const heap = read(string(1, 'a'), string(2, 'b'))

    expect(heap.notes.isPartial).toBe(true)
    expect(heap.orphans).toBe('apart')
  })

  it('[MEM13] shows what no listed root reaches as kept by the root: the dump lists no C stack', () => {
    const heap = scan(memprofDump({ entries: 1, cached: 1, inFlight: 10 }))
    const { unreached } = retention(heap)

    expect(unreached).toEqual({ objects: 0, bytes: 0 })
    expect(heap.notes.remarks?.[1]).toContain('no C stack')
  })

  it('[MEM14] counts bad lines and says where the file was cut', () => {
    const heap = read(
      globals(1),
      string(1, 'a'),
      string(2, 'b'),
      'not a line',
      '{"_id":"x","type":"y"}',
      string(3, 'c'),
    )
    expect(heap.notes).toMatchObject({ lines: 6, badLines: 2 })

    const whole = memprofDump({ entries: 5, cached: 2 })
    const cut = scan(whole.subarray(0, whole.length - 10))
    expect(cut.notes.truncatedAt).toBe(whole.lastIndexOf('\n', whole.length - 2) + 1)
    expect(cut.notes.badLines).toBe(0)
  })

  it('[MEM15] refuses with a sentence what holds nothing, and what is another file', () => {
    expect(() => scan(new Uint8Array(0))).toThrow('This memprof dump holds nothing to read.')
    expect(() => scan(rows(globals(1)))).toThrow('This memprof dump holds nothing to read.')
    expect(() => scan(Buffer.from('{"_id":"0x12","type":"str'))).toThrow('stops short')
    expect(() => read(string(1, 'a'), 'x', 'y', 'z')).toThrow(
      '3 of 4 lines of this memprof dump cannot be read',
    )
  })

  it('[MEM16] is the same whatever the size of the pieces', () => {
    const content = memprofDump({ entries: 20, cached: 5, inFlight: 5 })
    const whole = scan(content)
    for (const size of [1, 7, 64, 1000]) {
      const scanner = memprof.scanner()
      for (let from = 0; from < content.length; from += size)
        scanner.feed(content.subarray(from, from + size))
      const pieces = scanner.finish()
      expect(pieces.objects).toBe(whole.objects)
      expect([...pieces.references]).toEqual([...whole.references])
      expect([...pieces.shallowBytes.subarray(0, whole.objects)]).toEqual([
        ...whole.shallowBytes.subarray(0, whole.objects),
      ])
    }
  })

  it('[MEM17] is known by its first lines, and no other format takes it for its own', () => {
    const head = (content: Uint8Array) => heapFormatOf(content.subarray(0, 4096), 'dump.json')?.id
    expect(head(memprofDump({ entries: 1, cached: 1 }))).toBe('memprof')
    expect(head(rows(globals(1)))).toBe('memprof')
    expect(head(rows({ ...at(1, { file: '/a.rb', line: 3, type: 'string' }) }))).toBe('memprof')
    expect(head(Buffer.from('{"address":"0x7f00", "type":"STRING", "memsize":40}\n'))).toBe('ruby-objspace')
    expect(head(Buffer.from('{"_id":"64f0","type":"order"}\n'))).toBeUndefined()
  })
})
