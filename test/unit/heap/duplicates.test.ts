import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { duplicates, sitesOfDuplicates } from '#lib/heap/duplicates'
import { elementsOf } from '#lib/heap/snapshot'
import { drawHeap } from '#test/build/draw-heap'
import { rubyLines, scanRuby } from '#test/build/ruby-dump'

const ROOT = '{"type":"ROOT", "root":"vm", "references":["0x1000"]}'
let place = 0x1000
const string = (fields: string, bytes = 40): string => {
  place += 40
  return `{"address":"0x${place.toString(16)}", "type":"STRING", ${fields}, "memsize":${bytes}, "flags":{}}`
}

describe('duplicate strings', () => {
  it('[DUP1] are grouped exactly when type, size and hash agree, most waste first (seeded)', () => {
    const object = fc.record({ valueHash: fc.nat(6), bytes: fc.constantFrom(40, 80, 2 ** 33) })
    fc.assert(
      fc.property(fc.array(object, { maxLength: 60 }), (objects) => {
        const found = duplicates(drawHeap({ objects, roots: [] }))!
        const groups = new Map<string, number[]>()
        objects.forEach(({ valueHash, bytes }, i) => {
          if (valueHash !== 0)
            groups.set(`${valueHash} ${bytes}`, [...(groups.get(`${valueHash} ${bytes}`) ?? []), i])
        })
        const expected = [...groups.values()]
          .filter((members) => members.length > 1)
          .map((members) => [members[0]!, members.length, objects[members[0]!]!.bytes] as const)
          .sort((a, b) => (b[1] - 1) * b[2] - (a[1] - 1) * a[2] || a[0] - b[0])
        expect([...found.example]).toEqual(expected.map(([example]) => example))
        expect([...found.count]).toEqual(expected.map(([, count]) => count))
        expect(found.wastedBytes).toBe(
          expected.reduce((sum, [, count, bytes]) => sum + (count - 1) * bytes, 0),
        )
      }),
      { seed: 31, numRuns: 200 },
    )
  })

  it('[DUP2] of a Ruby dump are equal texts, however they are written and whatever their encoding says', () => {
    const long = 'x'.repeat(70)
    const heap = scanRuby(
      rubyLines(
        ROOT,
        string('"bytesize":3, "value":"abc", "encoding":"UTF-8"'),
        string('"bytesize":3, "value":"abc", "encoding":"UTF-8"'),
        string('"bytesize":3, "value":"abd", "encoding":"UTF-8"'),
        string('"bytesize":3, "value":"abc", "encoding":"US-ASCII"'),
        string('"bytesize":3, "value":"abc"'),
        string('"bytesize":2, "value":"a\\n", "encoding":"UTF-8"'),
        string('"bytesize":2, "value":"a\\n", "encoding":"UTF-8"'),
        string(`"bytesize":70, "value":"${long}", "encoding":"UTF-8"`, 111),
        string(`"bytesize":70, "value":"${long}", "encoding":"UTF-8"`, 111),
        string(`"bytesize":70, "value":"${long.slice(1)}y", "encoding":"UTF-8"`, 111),
        string('"shared":true, "bytesize":3, "value":"abc", "encoding":"UTF-8"'),
        string('"bytesize":6, "encoding":"UTF-8"'),
        string('"bytesize":0, "value":"", "encoding":"UTF-8"'),
        string('"bytesize":0, "value":"", "encoding":"UTF-8"'),
      ),
    )
    const found = duplicates(heap)!

    expect([...found.example].map((example, i) => [example, found.count[i], found.bytesEach[i]])).toEqual([
      [7, 2, 111],
      [0, 2, 40],
      [5, 2, 40],
      [12, 2, 40],
    ])
    expect(found.strings).toBe(12)
    expect(found.expectedFalseCopies).toBeLessThan(1e-7)
  })

  it('[DUP3] name the site where most copies come from, and none when nothing was traced', () => {
    const at = (file: string) => ({ valueHash: 9, file, line: 3 })
    const heap = drawHeap({
      objects: [at('a.rb'), at('b.rb'), at('b.rb'), { valueHash: 5 }, { valueHash: 5 }],
      roots: [],
    })
    const found = duplicates(heap)!
    const sites = sitesOfDuplicates(heap, [...found.example])

    expect(sites).toEqual([heap.site[1], 0])
  })

  it('[DUP4] are unknown, not none, when the dump does not tell what strings say', () => {
    expect(duplicates({ ...drawHeap({ objects: [{}], roots: [] }), valueHash: undefined })).toBeUndefined()
  })

  it('[DUP5] keep hashes of 100,000 neighbouring texts apart about as well as chance does', () => {
    const lines = [ROOT]
    for (let i = 0; i < 100_000; i++)
      lines.push(string(`"bytesize":${`${i}`.length + 5}, "value":"user ${i}", "encoding":"UTF-8"`))
    const found = duplicates(scanRuby(rubyLines(...lines)))!

    expect(found.expectedFalseCopies).toBeLessThan(2.4)
    expect(found.texts).toBeLessThan(10)
  })
})

describe('the number of elements', () => {
  it('[DUP6] is what the dump says, and the number of references where it says nothing', () => {
    const heap = scanRuby(
      rubyLines(
        ROOT,
        '{"address":"0x2000", "type":"ARRAY", "length":10500, "references":["0x2000"], "memsize":40}',
        '{"address":"0x2028", "type":"HASH", "size":3, "references":["0x2000", "0x2028"], "memsize":40}',
        '{"address":"0x2050", "type":"OBJECT", "references":["0x2000", "0x2028"], "memsize":40}',
      ),
    )

    expect([0, 1, 2].map((object) => elementsOf(heap, object))).toEqual([10_500, 3, 2])
  })
})
