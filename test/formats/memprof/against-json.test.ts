import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { captureTables } from '#lib/findings/capture'
import { growth } from '#lib/findings/growth'
import { memprof } from '#lib/formats/memprof/index'
import { retention } from '#lib/heap/retention'
import { type HeapSnapshot, keyText, NO_INDEX } from '#lib/heap/snapshot'
import { memprofDump, memprofLine, type Planted, pointer, type Row } from '#test/build/memprof-dump'

function scan(content: Uint8Array): HeapSnapshot {
  const scanner = memprof.scanner({ plainBytes: content.length })
  scanner.feed(content)
  return scanner.finish()
}

const OBJECTS = 12
const address = fc.integer({ min: 1, max: OBJECTS + 2 }).map(pointer)
const value = fc.oneof(
  address,
  fc.integer(),
  fc.constantFrom(null, true, ':sym', '', 'text', 'half 0x12', 1.5),
)
const name = fc.constantFrom('@a', '@b', 'CONST', '__attached__', '"quoted"', 'caf\u00e9', '__proto__')
const table = fc.array(fc.tuple(name, value), { maxLength: 4 }).map((pairs) => new Map(pairs))
const asRow = (map: ReadonlyMap<string, unknown>) => Object.fromEntries(map)
const content = fc.oneof(
  fc.record({ type: fc.constant('object'), ivars: table.map(asRow), extra: value }),
  fc.record({ type: fc.constant('array'), data: fc.array(value, { maxLength: 5 }) }),
  fc.record({
    type: fc.constant('hash'),
    data: fc.array(fc.tuple(value, value), { maxLength: 4 }),
    default: value,
  }),
  fc.record({ type: fc.constant('string'), data: fc.oneof(address, fc.string()) }),
  fc.record({ type: fc.constant('class'), name: fc.string(), super: value, methods: table.map(asRow) }),
  fc.record({ type: fc.constant('scope'), node: value, variables: table.map(asRow) }),
  fc.record({ type: fc.constant('data'), data: address, self: value, klass: value }),
)

/** What refers to what, by memprof's own rule (import_json.rb), with what its writer tells apart left out. */
function expectedReferences(row: Row): string[] {
  const found: string[] = []
  const see = (cell: unknown): void => {
    if (typeof cell === 'string' && /^0x[0-9a-f]+$/.test(cell)) found.push(cell)
    else if (Array.isArray(cell)) cell.forEach(see)
    else if (typeof cell === 'object' && cell !== null) Object.entries(cell).flat().forEach(see)
  }
  for (const [key, cell] of Object.entries(row)) {
    const isText = key === '_id' || key === 'name' || key === 'type'
    const isOwnMemory = key === 'data' && (row.type === 'string' || row.type === 'data')
    if (!isText && !isOwnMemory) see(cell)
  }
  return found.filter((pointed) => pointed !== row._id).sort()
}

describe('a memprof dump', () => {
  it('[MEM18] has the references that JSON.parse and memprof’s own rule find, for any content', () => {
    fc.assert(
      fc.property(fc.array(content, { minLength: 1, maxLength: OBJECTS }), (contents) => {
        const rows = contents.map((given, n): Row => {
          // reason: what fast-check drew is plain JSON.
          return { _id: pointer(n + 1), ...(given as unknown as Row) }
        })
        const bytes = Buffer.concat(rows.flatMap((row) => [memprofLine(row), Buffer.from('\n')]))
        const heap = scan(bytes)
        const parsed = bytes.toString('utf8').split('\n').filter(Boolean)
        expect(heap.notes.badLines).toBe(0)
        expect(heap.objects).toBe(rows.length)
        for (const [object, line] of parsed.entries()) {
          // reason: a line that we wrote in the line above.
          const expected = expectedReferences(JSON.parse(line) as Row)
          const from = heap.referenceStart[object]!
          const targets = [...heap.references.subarray(from, heap.referenceStart[object + 1]!)]
          const known = expected.filter((pointed) => rows.some((row) => row._id === pointed))
          expect(
            targets
              .filter((to) => to !== NO_INDEX)
              .map((to) => keyText(heap, to))
              .sort(),
          ).toEqual(known)
          expect(targets.filter((to) => to === NO_INDEX)).toHaveLength(expected.length - known.length)
        }
      }),
      { numRuns: 200, seed: Number(process.env.FC_SEED ?? 20261123), verbose: 1 },
    )
  })

  it('[MEM19] counts exactly the lines that were broken, one in a hundred, and keeps all others', () => {
    const lines = memprofDump({ entries: 2000, cached: 50 }).toString('latin1').split('\n').filter(Boolean)
    const broken = lines.map((line, at) => (at % 100 === 50 ? line.slice(0, line.length >> 1) : line))
    const heap = scan(Buffer.from(`${broken.join('\n')}\n`, 'latin1'))

    const expected = broken.filter((line, at) => line !== lines[at]).length
    expect(expected).toBeGreaterThan(30)
    expect(heap.notes.badLines).toBe(expected)
  })

  it('[MEM20] shows between three captures what was planted to grow, who holds it, and nothing else', () => {
    const capture = (planted: Planted, requests: number) => {
      const heap = scan(memprofDump(planted))
      const { groups, identities, owners } = captureTables(heap, retention(heap))
      return { groups, identities, owners, requests }
    }
    const report = growth(
      [0, 1, 2].map((at) =>
        capture(
          { entries: 1000 + at * 2000, cached: 300, inFlight: 500, firstFree: 1_000_000 + at * 50_000 },
          1000 + at * 2000,
        ),
      ),
    )

    const suspects = report.rows.filter((row) => row.isSuspect)
    expect(suspects.map((row) => row.className).sort()).toEqual(['AuditTrail::Entry', 'String'])
    expect(suspects[0]?.perRequest?.objects).toBeCloseTo(1, 6)
    expect(report.suspects).toHaveLength(1)
    expect(report.suspects[0]?.title).toContain('AuditTrail')
  })
})
