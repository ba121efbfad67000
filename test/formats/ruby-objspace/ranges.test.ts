import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lineRanges } from '#lib/formats/ranges'
import { RubyScanner } from '#lib/formats/ruby-objspace/scanner'
import type { HeapSnapshot } from '#lib/heap/snapshot'
import { heapContent } from '#test/build/heap-content'
import { rubyFixture, rubyLines, scanRuby } from '#test/build/ruby-dump'

/** Reads ranges of a dump with a scanner each, hands all but the first over as messages, and puts them together. */
function scanInRanges(data: Uint8Array, cuts: readonly number[]): HeapSnapshot {
  const ends = [...cuts, data.length]
  const scanners = ends.map((end, i) => {
    const startsAt = i === 0 ? 0 : ends[i - 1]!
    const scanner = new RubyScanner({ plainBytes: end - startsAt, startsAt })
    scanner.feed(data.subarray(startsAt, end))
    return scanner
  })
  const [first, ...others] = scanners
  for (const other of others) {
    const part = other.part()
    const transfer = Object.values(part.heap).flatMap((column) =>
      ArrayBuffer.isView(column) && column.buffer instanceof ArrayBuffer ? [column.buffer] : [],
    )
    first!.append(structuredClone(part, { transfer: [...new Set(transfer)] }))
  }
  return first!.finish()
}

describe('a Ruby dump read in ranges', () => {
  it.each([
    ['weird', 2],
    ['trace-1-warm', 2],
    ['1-end-of-up', 7],
  ])(
    '[RBY48] gives for %s in %i ranges exactly what one scanner gives',
    (name, count) => {
      const data = rubyFixture(name)
      const ranges = lineRanges(data.length, count, (into, offset) => {
        const piece = data.subarray(offset, offset + into.length)
        into.set(piece)
        return piece.length
      })

      expect(ranges).toHaveLength(count)
      const inRanges = heapContent(
        scanInRanges(
          data,
          ranges.slice(1).map((range) => range.start),
        ),
      )
      expect(inRanges === heapContent(scanRuby(data))).toBe(true)
    },
    30_000,
  )

  it('[RBY49] does so wherever it is cut, with broken lines, huge sizes, roots, shapes and a cut end (seeded)', () => {
    const line = fc.constantFrom(
      '{"type":"ROOT", "root":"vm", "references":["0x7f0000000028", "0x7f0000000050"]}',
      '{"type":"ROOT", "root":"machine_context", "references":["0x9f0000000050"]}',
      '{"address":"0x7f0000000028", "type":"CLASS", "name":"Hash", "superclass":"0x9f0000000050", "memsize":608}',
      '{"address":"0x7f0000000050", "type":"HASH", "class":"0x7f0000000028", "size":4, "file":"a.rb", "line":3, "method":"x", "memsize":40}',
      '{"address":"0x9f0000000050", "type":"STRING", "class":"0x7f0000000028", "bytesize":2, "value":"ab", "file":"b.rb", "line":3, "memsize":9000000000}',
      '{"address":"0x8f0000000050", "type":"DATA", "struct":"Thing", "references":["0x9f0000000050", "0x123450"], "memsize":72, "flags":{"old":true}}',
      '{"address":"0x7f0000002000", "type":"SHAPE", "id":1, "edges":1, "memsize":32}',
      '{"address":"0x7f0000001028", "type":"NONE"}',
      '{"address":"0x7f0000001050", "type":"MOVED"}',
      'other output',
      '',
    )
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 4, maxLength: 40 }),
        fc.array(fc.nat(), { maxLength: 4 }),
        fc.boolean(),
        (lines, picks, isCut) => {
          const whole = rubyLines('{"address":"0x7f00000000a0", "type":"STRING", "memsize":40}', ...lines)
          const data = isCut ? whole.subarray(0, whole.length - 7) : whole
          const starts = [...data.keys()].filter((i) => i > 0 && data[i - 1] === 10)
          const cuts = [...new Set(picks.map((pick) => starts[pick % starts.length]!))].sort((a, b) => a - b)
          const result = (read: () => HeapSnapshot) => {
            try {
              return heapContent(read())
            } catch (error) {
              return String(error)
            }
          }
          expect(result(() => scanInRanges(data, cuts))).toBe(result(() => scanRuby(data)))
        },
      ),
      { seed: 61, numRuns: 300 },
    )
  })

  it('[RBY50] makes fewer ranges when lines are long, and one of an empty file', () => {
    const data = new TextEncoder().encode(`${'x'.repeat(200_000)}\nshort\n`)
    const readAt = (into: Uint8Array, offset: number) => {
      const piece = data.subarray(offset, offset + Math.min(into.length, 1000))
      into.set(piece)
      return piece.length
    }

    expect(lineRanges(data.length, 4, readAt)).toEqual([
      { start: 0, end: 200_001 },
      { start: 200_001, end: 200_007 },
    ])
    expect(lineRanges(0, 4, () => 0)).toEqual([{ start: 0, end: 0 }])
  })
})
