import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SiteInterner } from '#lib/heap/sites'
import { slotIndex } from '#lib/heap/slot-index'
import { MAX_PAGES, NO_PAGE, NO_SLOT, SLOT_BITS, SlotTable } from '#lib/heap/slots'
import { NO_INDEX } from '#lib/heap/snapshot'
import { StringInterner } from '#lib/heap/strings'

describe('interned strings', () => {
  it('[HEAP1] give one index per text and the text back, like a Map (seeded)', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 60 }), { maxLength: 300 }), (texts) => {
        const interner = new StringInterner()
        const ids = texts.map((text) => interner.internText(text))
        const encoded = texts.map((text) => new TextDecoder().decode(new TextEncoder().encode(text)))
        expect(ids.map((id) => interner.text(id))).toEqual(encoded)
        expect(new Set(ids).size).toBe(new Set(encoded).size)
      }),
      { seed: 3, numRuns: 100 },
    )
  })

  it('[HEAP2] tell names apart that differ only where the hash does not look', () => {
    const interner = new StringInterner()
    const long = (middle: string) => `${'a'.repeat(20)}${middle}${'b'.repeat(60)}`

    expect(interner.internText(long('x'))).not.toBe(interner.internText(long('y')))
  })

  it('[HEAP3] survive 100,000 different names', () => {
    const interner = new StringInterner()
    const ids = Array.from({ length: 100_000 }, (_, i) => interner.internText(`Model${i}`))

    expect(new Set(ids).size).toBe(100_000)
    expect(interner.text(ids[77_777]!)).toBe('Model77777')
  })
})

describe('allocation sites', () => {
  it('[HEAP4] are one index per file, line and method; nothing known is site 0', () => {
    const sites = new SiteInterner()
    const first = sites.intern(1, 2, 3)

    expect(sites.intern(0, 0, 0)).toBe(0)
    expect(sites.intern(1, 2, 3)).toBe(first)
    expect(new Set([first, sites.intern(1, 3, 3), sites.intern(2, 2, 3), sites.intern(1, 2, 0)]).size).toBe(4)
    for (let line = -5000; line < 5000; line++) sites.intern(9, line, 1)
    expect(sites.line[sites.intern(9, -3, 1)]).toBe(-3)
  })
})

describe('slots', () => {
  it('[HEAP5] turn addresses into 32 bits and back', () => {
    const slots = new SlotTable()
    const addresses = [0x28, 0x7f0000000050, 0xfffffffffff8, 0x556677889900]
    const ids = addresses.map((address) => {
      const page = slots.page(Math.floor(address / 65_536))
      return ((page << SLOT_BITS) | ((address % 65_536) >>> 3)) >>> 0
    })

    expect(ids.map((id) => slots.address(id))).toEqual(addresses)
  })

  it('[HEAP6] say when the page table is full instead of wrapping around', () => {
    const slots = new SlotTable()
    for (let page = 0; page < MAX_PAGES; page++) slots.page(page)

    expect(slots.page(MAX_PAGES + 7)).toBe(NO_PAGE)
    expect(slots.page(12)).toBe(12)
    expect(((MAX_PAGES - 1) << SLOT_BITS) >>> 0).toBeLessThan(NO_SLOT)
  })

  it('[HEAP7] are found alike by the dense table and by the hash (seeded)', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat((1 << 16) - 1), { minLength: 1, maxLength: 500 }), (ids) => {
        const slot = Uint32Array.from(ids)
        const dense = slotIndex(slot, slot.length, 8)
        const hashed = slotIndex(slot, slot.length, 100_000)
        expect([dense.isDense, hashed.isDense]).toEqual([true, false])
        for (const wanted of [...ids, 1, 2, 65_535, NO_SLOT]) expect(hashed.at(wanted)).toBe(dense.at(wanted))
        expect(dense.at(NO_SLOT)).toBe(NO_INDEX)
        const [a, b] = [slot.slice(), slot.slice()]
        expect([dense.resolve(a, a.length), hashed.resolve(b, b.length)]).toEqual([0, 0])
        expect(b).toEqual(a)
      }),
      { seed: 5, numRuns: 100 },
    )
  })
})
