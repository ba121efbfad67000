import { describe, expect, it } from 'vitest'
import { slotIndex } from '#lib/heap/slot-index'
import { MAX_PAGES, NO_PAGE, SlotTable } from '#lib/heap/slots'
import { NO_INDEX } from '#lib/heap/snapshot'
import { StringInterner } from '#lib/heap/strings'

/** Slots that all belong into the first places of the index's table, as lib/heap/slot-index.ts hashes them. */
function meetingSlots(count: number): Uint32Array {
  const slots = new Uint32Array(count)
  for (let slot = 1, found = 0; found < count; slot++) {
    const first = Math.imul(slot, 0x9e3779b1)
    const second = Math.imul(first ^ (first >>> 15), 0x85ebca6b)
    if ((((second ^ (second >>> 13)) >>> 0) & 16_383) < 64) slots[found++] = slot
  }
  return slots
}

describe('addresses that were chosen so that they meet', () => {
  it('[HEAP8] are found all the same, the later of two at one place', () => {
    const slots = meetingSlots(6000)
    slots[10] = slots[5]!
    slots[4000] = slots[17]!
    const index = slotIndex(slots, slots.length, MAX_PAGES)
    const expected = new Map(Array.from(slots, (slot, object) => [slot, object]))

    expect(index.isDense).toBe(false)
    expect(index.repeated).toBe(2)
    for (const slot of slots) expect(index.at(slot)).toBe(expected.get(slot))
    for (const slot of [0, 2 ** 31, 0xffffffff]) expect(index.at(slot)).toBe(expected.get(slot) ?? NO_INDEX)
    const column = Uint32Array.of(slots[3]!, 0xfffffffe, slots[10]!)
    expect(index.resolve(column, 3)).toBe(1)
    expect([...column]).toEqual([3, NO_INDEX, 10])
  })

  it('[HEAP9] fill no more of the table of pages than can be looked through; what is in it stays', () => {
    const table = new SlotTable()
    const known = Array.from({ length: 100 }, (_, key) => table.page(key))
    let refused = 0
    for (let key = 1000, met = 0; met < 4000; key++) {
      const hash = Math.imul(key, 0x9e3779b1)
      if (((hash ^ (hash >>> 15)) & 16_383) >= 64) continue
      met++
      if (table.page(key) === NO_PAGE) refused++
    }

    expect(refused).toBeGreaterThan(2000)
    expect(Array.from({ length: 100 }, (_, key) => table.page(key))).toEqual(known)
  })

  it('[HEAP10] names that differ only where a hash of samples does not look keep an index each', () => {
    const interner = new StringInterner()
    const names = Array.from(
      { length: 5000 },
      (_, n) => `/app/gen/x${String(n).padStart(8, '0')}${'-'.repeat(40)}/m.rb`,
    )
    const before = interner.internText('known before')
    const ids = names.map((name) => interner.internText(name))

    expect(new Set(ids).size).toBe(names.length)
    expect(names.map((name) => interner.internText(name))).toEqual(ids)
    expect(ids.map((id) => interner.text(id))).toEqual(names)
    expect(interner.internText('known before')).toBe(before)
  })
})
