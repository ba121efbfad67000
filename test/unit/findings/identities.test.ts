import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { identities } from '#lib/findings/identities'
import { NO_SLOT, SLOT_BITS, SlotTable } from '#lib/heap/slots'
import type { HeapSnapshot } from '#lib/heap/snapshot'
import { drawHeap } from '#test/build/draw-heap'

/** Page of its key, and step within the page; the objects of a heap in their order. */
type Place = readonly [page: number, step: number] | undefined

function heapAt(places: readonly Place[]): HeapSnapshot {
  const slots = new SlotTable()
  const slot = Uint32Array.from(places, (place) =>
    place === undefined ? NO_SLOT : ((slots.page(place[0]) << SLOT_BITS) | place[1]) >>> 0,
  )
  const objects = places.map((_, at) => ({ className: 'Entry', generation: at }))
  return { ...drawHeap({ objects, roots: [] }), slot, slots }
}

/** The addresses of the table in its order, and which object is at each. */
function linesOf(heap: HeapSnapshot): string[] {
  const groupOf = Uint32Array.from({ length: heap.objects }, (_, object) => object)
  const { pageKey, pageStart, step, group, generation, objects } = identities(heap, groupOf)
  const lines: string[] = []
  for (let page = 0; page < pageKey.length; page++)
    for (let i = pageStart[page]!; i < pageStart[page + 1]!; i++)
      lines.push(`${pageKey[page]}+${step[i]}: ${group[i]} of ${generation[i]}`)
  expect(lines).toHaveLength(objects)
  return lines
}

/** The same, said simply: the last object at each address. */
function expected(places: readonly Place[]): string[] {
  const last = new Map<number, string>()
  for (const [object, place] of places.entries())
    if (place) last.set(place[0] * 65536 + place[1], `${place[0]}+${place[1]}: ${object} of ${object}`)
  return [...last].sort(([a], [b]) => a - b).map(([, line]) => line)
}

const place = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 40 }))

describe('identities', () => {
  it('[IDS1] are by address, the last of each, in whatever order objects arrive (seeded)', () => {
    fc.assert(
      fc.property(fc.array(fc.option(place, { nil: undefined }), { maxLength: 200 }), (places) => {
        expect(linesOf(heapAt(places))).toEqual(expected(places))
      }),
      { seed: 20261123, numRuns: 300 },
    )
  })

  it('[IDS2] are the same for pages that arrive in stretches, apart or one within the other', () => {
    const stretch = (page: number, from: number, to: number): Place[] =>
      Array.from({ length: to - from }, (_, at) => [page, from + at] as const)
    for (const places of [
      [...stretch(9, 0, 100), ...stretch(2, 50, 100), undefined, ...stretch(2, 0, 50)],
      [...stretch(2, 0, 50), ...stretch(9, 0, 10), ...stretch(2, 49, 100)],
      [...stretch(2, 0, 100), ...stretch(2, 20, 30)],
      [...stretch(2, 300, 900), ...stretch(9, 0, 300), ...stretch(2, 0, 500), ...stretch(9, 299, 400)],
    ])
      expect(linesOf(heapAt(places))).toEqual(expected(places))
  })
})
