import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UserError } from '#lib/errors/user-error'
import { captureTables } from '#lib/findings/capture'
import { NO_INDEX } from '#lib/heap/snapshot'
import { rubyFixture, scanRuby } from '#test/build/ruby-dump'

/** Lines of a real dump with every type in it, few enough to be cut at every byte. */
const sample = (() => {
  const text = Buffer.from(rubyFixture('1-end-of-up')).toString('latin1').split('\n')
  const seen = new Map<string, number>()
  const lines = text.filter((line) => {
    const kind = /"type":"(\w+)"/.exec(line)?.[1] ?? ''
    const count = (seen.get(kind) ?? 0) + 1
    seen.set(kind, count)
    return line.length < 600 && count <= 3
  })
  return new Uint8Array(Buffer.from(`${lines.join('\n')}\n`, 'latin1'))
})()

/** A result whose every index is in range, or a sentence for the user. Anything else fails. */
function readsOrSays(data: Uint8Array, step?: number): void {
  let heap: ReturnType<typeof scanRuby>
  try {
    heap = scanRuby(data, step)
  } catch (error) {
    if (error instanceof UserError) return
    throw error
  }
  const edges = heap.referenceStart[heap.objects]!
  for (let i = 0; i < edges; i++)
    if (heap.references[i]! !== NO_INDEX && heap.references[i]! >= heap.objects)
      throw new Error('reference out of range')
  for (let object = 0; object < heap.objects; object++) {
    if (heap.className[object]! >= heap.strings.count) throw new Error('class name out of range')
    if (heap.site[object]! >= heap.sites.count) throw new Error('site out of range')
  }
  const tables = captureTables(heap)
  const counted = tables.groups.count.reduce((sum, count) => sum + count, 0)
  if (counted !== heap.objects) throw new Error(`${counted} objects in groups, ${heap.objects} in all`)
}

describe('a damaged Ruby dump', () => {
  it('[RBY35] gives a result or a sentence for every prefix', () => {
    const length = Math.min(sample.length, 9000)
    for (let end = 0; end < length; end++) readsOrSays(sample.subarray(0, end))
  }, 60_000)

  it('[RBY36] gives a result or a sentence for flipped, cut, repeated and swapped bytes', () => {
    const seed = 20261123
    const edit = fc.record({
      kind: fc.constantFrom('flip', 'cut', 'repeat', 'newline', 'quote'),
      at: fc.nat(sample.length - 1),
      length: fc.nat(300),
      byte: fc.nat(255),
    })
    fc.assert(
      fc.property(
        fc.array(edit, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 5000 }),
        (edits, step) => {
          let data = Uint8Array.from(sample)
          for (const { kind, at, length, byte } of edits) {
            const place = at % Math.max(1, data.length)
            if (kind === 'flip') data[place] = byte
            else if (kind === 'newline') data[place] = 10
            else if (kind === 'quote') data[place] = 0x22
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
      { numRuns: 150, seed },
    )
  }, 60_000)

  it('[RBY37] reads the same whatever the size of the pieces', () => {
    const whole = captureTables(scanRuby(sample))
    for (const step of [1, 7, 64, 4099]) expect(captureTables(scanRuby(sample, step))).toEqual(whole)
  })

  it('[RBY38] reads on when one line in a hundred is broken, and counts them', () => {
    const lines = Buffer.from(rubyFixture('1-end-of-up')).toString('latin1').split('\n').filter(Boolean)
    const broken = lines.map((line, i) => (i % 100 === 7 ? line.slice(0, line.length >> 1) : line))
    const heap = scanRuby(new Uint8Array(Buffer.from(`${broken.join('\n')}\n`, 'latin1')))

    expect(heap.notes.badLines).toBe(broken.filter((line, i) => line !== lines[i]).length)
    expect(heap.objects).toBeGreaterThan(18_000)
  })
})
