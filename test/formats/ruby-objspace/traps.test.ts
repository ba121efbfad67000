import { describe, expect, it } from 'vitest'
import { LineBuffer } from '#lib/formats/ruby-objspace/line-buffer'
import { NO_GENERATION, NO_INDEX, OBJECT_FLAGS, shallowBytesOf } from '#lib/heap/snapshot'
import { plainObject, rubyLines, scanRuby } from '#test/build/ruby-dump'

const ROOT = '{"type":"ROOT", "root":"vm", "references":["0x7f0000000028"]}'
const HASH_CLASS = '{"address":"0x7f0000000028", "type":"CLASS", "name":"Hash", "memsize":608}'
const PLAIN = '{"address":"0x7f0000000050", "type":"HASH", "class":"0x7f0000000028", "size":0, "memsize":40}'
const read = (...lines: string[]) => scanRuby(rubyLines(...lines))
const classNameAt = (heap: ReturnType<typeof scanRuby>, object: number): string =>
  heap.strings.text(heap.className[object]!)

describe('lines of a Ruby dump', () => {
  it('[RBY4] reads a file name that Ruby wrote unescaped, with quotes and backslashes in it', () => {
    const heap = read(
      '{"address":"0x7f0000000050", "type":"STRING", "file":"a "b", \\ c.rb", "line":3, "method":"x", "generation":7, "memsize":40}',
    )

    expect(plainObject(heap, 0)).toMatchObject({
      file: 'a "b", \\ c.rb',
      line: 3,
      method: 'x',
      generation: 7,
    })
  })

  it('[RBY5] takes a file without a line, and a file that is the last key', () => {
    const heap = read(
      '{"address":"0x7f0000000050", "type":"STRING", "file":"date_core.so", "generation":7, "memsize":40}',
      '{"address":"0x7f0000000078", "type":"STRING", "file":"last.rb"}',
    )

    expect(plainObject(heap, 0)).toMatchObject({ file: 'date_core.so', line: 0, generation: 7 })
    expect(plainObject(heap, 1)).toMatchObject({ file: 'last.rb', generation: NO_GENERATION })
  })

  it('[RBY6] never takes the "class" of an IMEMO for a class', () => {
    const heap = read(
      HASH_CLASS,
      '{"address":"0x7f0000000050", "type":"IMEMO", "class":"0x11", "imemo_type":"constcache", "memsize":40}',
      '{"address":"0x7f0000000078", "type":"IMEMO", "class":"0x7f0000000028", "imemo_type":"ment", "memsize":48}',
    )

    expect([heap.classIndex[1], heap.classIndex[2]]).toEqual([NO_INDEX, NO_INDEX])
    expect([classNameAt(heap, 1), classNameAt(heap, 2)]).toEqual([
      '(internal: constant cache)',
      '(internal: method entry)',
    ])
  })

  it('[RBY7] counts the free slots of a full dump, with or without an address, and keeps them out of the objects', () => {
    const heap = read(
      ROOT,
      PLAIN,
      '{"address":"0x7f0000000078", "type":"NONE"}',
      '{"type":"NONE", "class":"0x7f00000000a0"}',
    )

    expect(heap.objects).toBe(1)
    expect(heap.notes).toMatchObject({ freeSlots: 2, badLines: 0 })
    expect(heap.notes.producerHints).toContain('written with full: true (free slots are listed)')
  })

  it('[RBY8] keeps roots by category, also when a name recurs', () => {
    const heap = read(
      ROOT,
      '{"type":"ROOT", "root":"machine_context", "references":["0x7f0000000050", "0x7f0000000050"]}',
      ROOT,
      HASH_CLASS,
      PLAIN,
    )

    expect(heap.roots.count).toBe(3)
    expect([...heap.roots.start]).toEqual([0, 1, 3, 4])
    expect([...heap.roots.references]).toEqual([0, 1, 1, 0])
    expect(heap.strings.text(heap.roots.name[1]!)).toBe('machine_context')
    expect(heap.notes.isPartial).toBe(false)
  })

  it('[RBY9] marks a dump without roots as partial and names a class that is missing in it', () => {
    const heap = read(PLAIN)

    expect(heap.notes.isPartial).toBe(true)
    expect(classNameAt(heap, 0)).toBe('(class not in this dump)')
  })

  it('[RBY10] counts the shapes of Ruby 3.2 apart from objects, in both of their forms', () => {
    const heap = read(
      '{"type":"SHAPE", "id":1, "parent_id":0, "depth":1, "shape_type":"IVAR", "edge_name":"@a", "edges":1, "memsize":64}',
      '{"address":"0x7f00000000c8", "type":"SHAPE", "id":2, "edges":[{"a":[1,"]}"]}], "memsize":32}',
      '{"address":"0x7f0000000050", "type":"OBJECT", "shape_id":2, "slot_size":40, "class":"0x7f0000000028", "embedded":true, "ivars":1, "memsize":40}',
    )

    expect(heap.objects).toBe(1)
    expect(heap.notes).toMatchObject({ shapes: 2, shapeBytes: 96, badLines: 0 })
    expect(heap.notes.producerHints).toEqual(['Ruby 3.2 or later (object shapes)'])
  })

  it('[RBY11] reads addresses of any length', () => {
    const heap = read(
      '{"address":"0x28", "type":"HASH", "references":["0x7f0000000050", "0x28"]}',
      '{"address":"0x7f0000000050", "type":"HASH", "references":["0x28"]}',
      '{"address":"0x0000556677889900", "type":"HASH"}',
    )

    expect([0, 1, 2].map((object) => plainObject(heap, object).address)).toEqual([
      0x28, 0x7f0000000050, 0x556677889900,
    ])
    expect([...heap.references.subarray(0, 3)]).toEqual([1, 0, 0])
  })

  it('[RBY12] reads lines that end in CR and LF, and skips empty ones', () => {
    const heap = scanRuby(new TextEncoder().encode(`${HASH_CLASS}\r\n\r\n${PLAIN}\r\n\n`))

    expect(heap.objects).toBe(2)
    expect(heap.notes).toMatchObject({ lines: 2, badLines: 0, truncatedAt: undefined })
  })

  it('[RBY13] skips unknown keys whatever they hold, and reads keys in any order without spaces', () => {
    const heap = read(
      '{"memsize":40,"unknown":{"a":["}",{"memsize":99}],"b":"\\""},"also":-1.5e3,"nothing":null,"no":false,"type":"HASH","address":"0x7f0000000050","flags":{"old":true}}',
    )

    expect(plainObject(heap, 0)).toMatchObject({ type: 'HASH', shallowBytes: 40 })
    expect(heap.flags[0]).toBe(OBJECT_FLAGS.old)
  })

  it('[RBY14] takes keys that only begin like known ones for what they are: unknown', () => {
    const heap = read(
      '{"address":"0x7f0000000050", "type":"HASH", "memsize_of":7, "class_of":"0x11", "liner":5, "references_to":[], "filename":"x", "memsize":40}',
    )

    expect(plainObject(heap, 0)).toMatchObject({ shallowBytes: 40, line: 0, file: '' })
    expect(heap.notes.badLines).toBe(0)
  })

  it('[RBY15] reads flags that are numbers or strings beside those that are true', () => {
    const heap = read(
      '{"address":"0x7f0000000050", "type":"HASH", "flags":{"wb_protected":true, "object_id":16, "old":true, "word":"x,}", "marking":true, "uncollectible":true}}',
    )

    const { writeBarrierProtected, old, marked, uncollectible } = OBJECT_FLAGS
    expect(heap.flags[0]).toBe(writeBarrierProtected | old | marked | uncollectible)
  })

  it('[RBY16] is not fooled by a value that looks like a dump line', () => {
    const value = '\\", \\"references\\":[\\"0x1\\"], \\"memsize\\":999}'
    const heap = read(
      `{"address":"0x7f0000000050", "type":"STRING", "bytesize":38, "value":"${value}", "encoding":"UTF-8", "memsize":88}`,
    )

    expect(plainObject(heap, 0).shallowBytes).toBe(88)
    expect(heap.referenceStart[1]).toBe(0)
  })

  it('[RBY17] does not jump over a line end when a string is cut in the middle', () => {
    const cut = '{"address":"0x7f0000000078", "type":"STRING", "bytesize":99, "value":"cut here'
    const heap = read(HASH_CLASS, cut, PLAIN, '{"address":"0x7f00000000a0", "type":"HASH", "memsize":40}')

    expect(heap.objects).toBe(3)
    expect(heap.notes).toMatchObject({ badLines: 1, badLineOffsets: [HASH_CLASS.length + 1] })
  })

  it('[RBY18] keeps sizes beyond 4 GiB exact', () => {
    const heap = read('{"address":"0x7f0000000050", "type":"ARRAY", "memsize":5000000000}')

    expect(shallowBytesOf(heap, 0)).toBe(5_000_000_000)
  })

  it('[RBY19] takes a type that it does not know as an object of type UNKNOWN', () => {
    const heap = read(
      '{"address":"0x7f0000000050", "type":"NOVELTY", "memsize":40}',
      '{"address":"0x7f0000000078", "type":"STRINGS", "memsize":40}',
    )

    expect([0, 1].map((object) => plainObject(heap, object).type)).toEqual(['UNKNOWN', 'UNKNOWN'])
  })

  it('[RBY20] survives hostile names', () => {
    const names = ['__proto__', 'constructor', 'toString', 'a\u0000b', '\u{1f4a3}']
    const heap = read(
      ...names.map(
        (name, i) =>
          `{"address":"0x7f0000000${(i + 1) * 40 + 100}", "type":"CLASS", "name":"${name}", "file":"${name}", "line":1, "memsize":40}`,
      ),
    )

    expect(names.map((_, object) => plainObject(heap, object).label)).toEqual(names)
  })

  it('[RBY21] keeps bytes that are not UTF-8 from doing harm', () => {
    const line = rubyLines(
      '{"address":"0x7f0000000050", "type":"STRING", "file":"??.rb", "line":1, "memsize":40}',
    )
    const at = line.indexOf(0x3f)
    line[at] = 0xff
    line[at + 1] = 0xfe

    expect(plainObject(scanRuby(line), 0).file).toBe('\ufffd\ufffd.rb')
  })
})

describe('damage in a Ruby dump', () => {
  it('[RBY22] counts other output between lines and keeps the offsets of the first 20', () => {
    const noise = Array.from({ length: 30 }, (_, i) => `I, [2026] request ${i}`)
    const objects = Array.from(
      { length: 40 },
      (_, i) => `{"address":"0x7f00000${10_000 + i * 40}", "type":"HASH", "memsize":40}`,
    )
    const heap = read(...noise, ...objects)

    expect(heap.objects).toBe(40)
    expect(heap.notes.badLines).toBe(30)
    expect(heap.notes.badLineOffsets).toHaveLength(20)
    expect(heap.notes.badLineOffsets.slice(0, 2)).toEqual([0, noise[0]!.length + 1])
  })

  it('[RBY23] says where the last line starts when the file stops in the middle of it', () => {
    const heap = scanRuby(new TextEncoder().encode(`${HASH_CLASS}\n${PLAIN.slice(0, 60)}`))

    expect(heap.notes).toMatchObject({ truncatedAt: HASH_CLASS.length + 1, badLines: 0 })
    expect(heap.objects).toBe(1)
  })

  it('[RBY24] reads a complete last line without its newline', () => {
    const heap = scanRuby(new TextEncoder().encode(`${HASH_CLASS}\n${PLAIN}`))

    expect(heap.objects).toBe(2)
    expect(heap.notes.truncatedAt).toBeUndefined()
  })

  it('[RBY25] says so when most lines are no dump lines, when there is nothing, and when it is cut at once', () => {
    expect(() => read(PLAIN, 'one', 'two')).toThrow('2 of 3 lines of this Ruby heap dump cannot be read')
    expect(() => read(ROOT)).toThrow('This Ruby heap dump holds nothing to read')
    expect(() => scanRuby(new TextEncoder().encode('{"address":"0x7f'))).toThrow('stops short after 16 B')
  })

  it('[RBY26] reads lines of several megabytes in one pass', () => {
    const references = Array.from({ length: 200_000 }, () => '"0x7f0000000028"').join(', ')
    const value = 'x'.repeat(3_000_000)
    const heap = read(
      HASH_CLASS,
      `{"address":"0x7f0000000050", "type":"ARRAY", "references":[${references}], "memsize":40}`,
      `{"address":"0x7f0000000078", "type":"STRING", "bytesize":3000000, "value":"${value}", "memsize":3000040}`,
      PLAIN.replace('0050', '00a0'),
    )

    expect(heap.objects).toBe(4)
    expect(heap.referenceStart[2]! - heap.referenceStart[1]!).toBe(200_000)
    expect(heap.notes).toMatchObject({ badLines: 0, danglingReferences: 0 })
  })

  it('[RBY27] gives up a line beyond the limit, counts it, and goes on behind it', () => {
    const buffer = new LineBuffer(1000)
    const give = (text: string): number => {
      const bytes = new TextEncoder().encode(text)
      buffer.space().set(bytes)
      return buffer.take(bytes.length)
    }

    expect(give('x'.repeat(1500))).toBe(0)
    expect(give('y'.repeat(1500))).toBe(0)
    expect(give('end of it\nnext\nlast')).toBe(5)
    expect(buffer.offset).toBe(3010)
    const offsets: number[] = []
    expect(buffer.takeOverlongLines((offset) => offsets.push(offset))).toBe(1)
    expect(offsets).toEqual([0])
  })

  it('[RBY28] links a heap with one object per page through a hash, in bounded memory', () => {
    const count = 20_000
    const address = (i: number) => `0x${(0x7f0000000000 + i * 65_536 + 40).toString(16)}`
    const lines = Array.from(
      { length: count },
      (_, i) =>
        `{"address":"${address(i)}", "type":"ARRAY", "references":["${address((i + 1) % count)}"], "memsize":40}`,
    )
    const before = process.memoryUsage().arrayBuffers
    const heap = read(...lines)

    expect(heap.slots.pages).toBe(count)
    expect(heap.notes.danglingReferences).toBe(0)
    expect(heap.references[count - 1]).toBe(0)
    // A table of all slots would have taken 655 MB.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024)
  })

  it('[RBY29] lets the later of two objects at one address stand and counts the earlier', () => {
    const heap = read(
      HASH_CLASS,
      PLAIN,
      PLAIN,
      '{"address":"0x7f0000000078", "type":"ARRAY", "references":["0x7f0000000050"]}',
    )

    expect(heap.notes.repeatedAddresses).toBe(1)
    expect(heap.references[0]).toBe(2)
  })
})

describe('class names', () => {
  const singleton = (address: string, real: string) =>
    `{"address":"${address}", "type":"CLASS", "class":"0x7f0000000028", "superclass":"0x7f0000000028", "real_class_name":"${real}", "singleton":true}`

  it('[RBY30] names an object with a singleton class after its real class', () => {
    const heap = read(
      singleton('0x7f0000001000', 'Session'),
      '{"address":"0x7f0000000050", "type":"OBJECT", "class":"0x7f0000001000"}',
    )

    expect(classNameAt(heap, 1)).toBe('Session')
  })

  it('[RBY31] names an anonymous class after its nearest named ancestor, with and without real_class_name', () => {
    const anonymous = (extra: string) => [
      '{"address":"0x7f0000001000", "type":"CLASS", "name":"Base"}',
      `{"address":"0x7f0000001028", "type":"CLASS", "superclass":"0x7f0000001000"${extra}}`,
      '{"address":"0x7f0000000050", "type":"OBJECT", "class":"0x7f0000001028"}',
    ]

    expect(classNameAt(read(...anonymous(', "real_class_name":"#<Class:0x00007f0000001028>"')), 2)).toBe(
      '(anonymous class < Base)',
    )
    expect(classNameAt(read(...anonymous('')), 2)).toBe('Base')
  })

  it('[RBY32] ends when superclasses form a circle', () => {
    const heap = read(
      '{"address":"0x7f0000001000", "type":"CLASS", "superclass":"0x7f0000001028"}',
      '{"address":"0x7f0000001028", "type":"CLASS", "superclass":"0x7f0000001000"}',
      '{"address":"0x7f0000000050", "type":"OBJECT", "class":"0x7f0000001000"}',
    )

    expect(classNameAt(heap, 2)).toBe('(anonymous class)')
  })

  it('[RBY33] leaves addresses out of names, so that they are the same in every capture', () => {
    const heap = read(
      '{"address":"0x7f0000001000", "type":"CLASS", "name":"#<Class:0x00007f12ab>::Row"}',
      '{"address":"0x7f0000000050", "type":"STRUCT", "class":"0x7f0000001000"}',
    )

    expect(classNameAt(heap, 1)).toBe('#<Class:0x…>::Row')
  })

  it('[RBY34] names hidden objects by their C struct, or says that they are internal', () => {
    const heap = read(
      '{"address":"0x7f0000000050", "type":"DATA", "struct":"autoload_const", "memsize":40}',
      '{"address":"0x7f0000000078", "type":"HASH", "memsize":40}',
      '{"address":"0x7f00000000a0", "type":"IMEMO", "imemo_type":"iseq", "memsize":40}',
      '{"address":"0x7f00000000c8", "type":"IMEMO", "imemo_type":"ment", "memsize":40}',
      '{"address":"0x7f00000000f0", "type":"IMEMO", "imemo_type":"ment", "memsize":40}',
      '{"address":"0x7f0000000118", "type":"IMEMO", "memsize":40}',
    )

    expect([0, 1, 2, 3, 4, 5].map((object) => classNameAt(heap, object))).toEqual([
      'autoload_const',
      '(internal, no class)',
      '(internal: iseq)',
      '(internal: method entry)',
      '(internal: method entry)',
      '(internal, no class)',
    ])
  })
})
