import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { UsualLines } from '#lib/formats/ruby-objspace/usual-lines'
import { heapContent } from '#test/build/heap-content'
import { rubyFixture, scanRuby } from '#test/build/ruby-dump'

/** The whole content, or the sentence for the user. */
function contentOf(data: Uint8Array): string {
  try {
    return heapContent(scanRuby(data))
  } catch (error) {
    return String(error)
  }
}

/** The same with each line read in the general way, which takes keys in any order. */
function generalContentOf(data: Uint8Array): string {
  vi.spyOn(UsualLines.prototype, 'read').mockImplementation((_data, _view, from) => from)
  const content = contentOf(data)
  vi.restoreAllMocks()
  return content
}

/** How many objects of a dump were read the quick way. */
function countUsual(data: Uint8Array): { readonly usual: number; readonly objects: number } {
  const before = UsualLines.prototype.read
  let usual = 0
  vi.spyOn(UsualLines.prototype, 'read').mockImplementation(function (this: UsualLines, ...args) {
    const heap: unknown = Reflect.get(this, 'heap')
    // reason: `heap` is the scanner's, which nothing else shows while it reads.
    const { columns } = heap as { columns: { objects: number } }
    const already = columns.objects
    const next = before.apply(this, args)
    usual += columns.objects - already
    return next
  })
  const { objects } = scanRuby(data)
  vi.restoreAllMocks()
  return { usual, objects }
}

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))

/** Lines of real dumps, a few of each type, and lines as later versions of Ruby write them. */
const LINES = (() => {
  const seen = new Map<string, number>()
  const real = ['1-end-of-up', 'weird'].flatMap((name) =>
    Buffer.from(rubyFixture(name).subarray(0, 12_000_000))
      .toString('latin1')
      .split('\n')
      .filter((line) => {
        // Of one shape: the same type and keys.
        const shape = (line.match(/"type":"\w+"|"\w+":/g) ?? []).join()
        const count = (seen.get(shape) ?? 0) + 1
        seen.set(shape, count)
        return line.length < 700 && count <= 2
      }),
  )
  const end = '"memsize":40, "flags":{"wb_protected":true, "old":true, "uncollectible":true, "marked":true}}'
  return [
    ...real,
    `{"address":"0x7f0000000028", "type":"STRING", "shape_id":0, "slot_size":40, "class":"0x7f0000000050", "embedded":true, "bytesize":4, "value":"each", "encoding":"UTF-8", "coderange":"7bit", ${end}`,
    `{"address":"0x7f0000000050", "type":"OBJECT", "shape_id":12, "slot_size":80, "class":"0x7f0000000028", "embedded":true, "ivars":3, "references":["0x7f0000000028"], ${end}`,
    '{"address":"0x7f0000000078", "type":"OBJECT", "class":"0x7f0000000028", "ivars":3, "memsize":40}',
    `{"address":"0x7f00000000a0", "type":"STRING", "class":"0x7f0000000028", "bytesize":0, "value":"", "encoding":"US-ASCII", ${end}`,
    `{"address":"0x7f00000000c8", "type":"STRING", "class":"0x7f0000000028", "bytesize":2, "value":"a\\nb", "encoding":"UTF-8", ${end}`,
    `{"address":"0x7f00000000f0", "type":"DATA", "class":"0x7f0000000028", "struct":"ObjectTracing/allocation_info_tracer", ${end}`,
    `{"address":"0x7f0000000118", "type":"ARRAY", "class":"0x7f0000000028", "length":12345678901, "references":["0x28","0x7f0000000028"], ${end}`,
    `{"address":"0x7f0000000140", "type":"HASH", "class":"0x7f0000000028", "size":2, "file":"", "line":18446744073709551613, "method":"a\\"b", "generation":5, ${end}`,
  ]
})()

afterEach(() => vi.restoreAllMocks())

describe('lines as Ruby writes them, read without looking for their keys', () => {
  it.each(['1-end-of-up', 'weird', 'trace-1-warm'])(
    '[RBY52] %s: gives exactly what the general way gives, and nearly all lines go the quick way',
    (name) => {
      const data = rubyFixture(name).subarray(0, 10_000_000)
      const { usual, objects } = countUsual(data)

      expect(usual / objects).toBeGreaterThan(0.8)
      expect(contentOf(data) === generalContentOf(data)).toBe(true)
    },
    60_000,
  )

  it('[RBY53] reads every kind of line, damaged anywhere, exactly as the general way does (seeded)', () => {
    const damage = fc.record({
      at: fc.nat(),
      kind: fc.constantFrom('none', 'none', 'set', 'insert', 'delete', 'cut'),
      byte: fc.constantFrom(...Buffer.from('"\\,:{}[] 0a9fxt\n\r\0ÿ', 'latin1')),
    })
    const damaged = (line: string, { at, kind, byte }: { at: number; kind: string; byte: number }) => {
      const place = at % line.length
      const rest = line.slice(place + (kind === 'insert' ? 0 : 1))
      if (kind === 'none') return line
      if (kind === 'cut') return line.slice(0, place)
      return line.slice(0, place) + (kind === 'delete' ? '' : String.fromCharCode(byte)) + rest
    }
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...LINES), damage), { minLength: 1, maxLength: 30 }),
        fc.boolean(),
        (picks, endsInLine) => {
          const text = picks.map(([line, one]) => damaged(line, one)).join('\n')
          // A sound line in front, so that damage does not make it another file.
          const data = bytes(`${LINES.at(-1)}\n${text}${endsInLine ? '' : '\n'}`)
          expect(contentOf(data)).toBe(generalContentOf(data))
        },
      ),
      { seed: 91, numRuns: 500 },
    )
  })
})
