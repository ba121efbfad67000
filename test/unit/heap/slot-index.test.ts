import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { slotIndex } from '#lib/heap/slot-index'
import { NO_SLOT } from '#lib/heap/slots'
import { NO_INDEX } from '#lib/heap/snapshot'

/** Slots of objects on a few pages, as Ruby lists them: page by page, by address. */
const ascending = fc
  .uniqueArray(fc.integer({ min: 0, max: (3 << 13) - 1 }), { minLength: 1, maxLength: 400 })
  .map((slots) => slots.sort((a, b) => a - b))
/** What real and damaged files make of that: pages in another order, neighbours that changed places, an address twice, none. */
const anyOrder = fc
  .record({
    slots: ascending,
    kind: fc.constantFrom('as it is', 'swapped', 'twice', 'none', 'shuffled'),
    pick: fc.nat(),
  })
  .map(({ slots, kind, pick }) => {
    const at = pick % slots.length
    const other = (at + 1) % slots.length
    if (kind === 'swapped') [slots[at], slots[other]] = [slots[other]!, slots[at]!]
    if (kind === 'twice') slots.splice(other, 0, slots[at]!)
    if (kind === 'none') slots[at] = NO_SLOT
    if (kind === 'shuffled') slots.sort((a, b) => Math.imul(a, 0x9e3779b1) - Math.imul(b, 0x9e3779b1))
    return slots
  })

describe('the index of addresses', () => {
  it('[HEAP11] finds each object where the last line put it, in whatever order lines come (seeded)', () => {
    fc.assert(
      fc.property(anyOrder, (slots) => {
        const index = slotIndex(Uint32Array.from(slots), slots.length, 3)
        const expected = new Map(slots.map((slot, object) => [slot, object]))
        expected.delete(NO_SLOT)
        const placed = slots.filter((slot) => slot !== NO_SLOT).length
        const wanted = Uint32Array.from([...Array(3 << 13).keys(), NO_SLOT, 3 << 13])

        expect(index.repeated).toBe(placed - expected.size)
        const found = wanted.slice()
        const dangling = index.resolve(found, found.length)
        expect(dangling).toBe(wanted.length - expected.size)
        const right = Array.from(wanted, (slot) => expected.get(slot) ?? NO_INDEX)
        expect([...found]).toEqual(right)
        expect(Array.from(wanted, (slot) => index.at(slot))).toEqual(right)
      }),
      { seed: 17, numRuns: 60 },
    )
  })
})
