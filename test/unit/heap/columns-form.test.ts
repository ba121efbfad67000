import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  byPlace,
  fromDifferences,
  fromLengths,
  fromPlaces,
  fromResiduals,
  fromRowDistances,
  fromWideDifferences,
  toDifferences,
  toLengths,
  toResiduals,
  toRowDistances,
  toWideDifferences,
} from '#lib/heap/columns-form'

const word = fc.oneof(
  fc.nat(300),
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.constantFrom(0xffffffff, 0x80000000),
)
const words = fc.array(word, { maxLength: 80 }).map((values) => Uint32Array.from(values))

describe('forms of columns', () => {
  it('[COL1] give every number back (seeded)', () => {
    fc.assert(
      fc.property(words, (column) => {
        expect(fromPlaces(byPlace(column))).toEqual(column)
        const packed = toDifferences(column)
        fromDifferences(packed)
        expect(packed).toEqual(column)
      }),
      { seed: 41, numRuns: 300 },
    )
  })

  it('[COL2] give rows and their entries back (seeded)', () => {
    fc.assert(
      fc.property(fc.array(fc.array(word, { maxLength: 5 }), { maxLength: 30 }), (rows) => {
        const entries = Uint32Array.from(rows.flat())
        const start = fromLengths(Uint32Array.from(rows, (row) => row.length))
        expect([...toLengths(start, rows.length)]).toEqual(rows.map((row) => row.length))
        const packed = toRowDistances(start, rows.length, entries)
        fromRowDistances(start, rows.length, packed)
        expect(packed).toEqual(entries)
      }),
      { seed: 42, numRuns: 200 },
    )
  })

  it('[COL3] give offsets up to 2⁵³ back, in any order, and refuse what is no offset (seeded)', () => {
    const offset = fc.oneof(fc.nat(1000), fc.maxSafeNat(), fc.constantFrom(2 ** 32, 2 ** 31, 2 ** 53 - 1))
    fc.assert(
      fc.property(fc.array(offset, { maxLength: 50 }), (offsets) => {
        const column = Float64Array.from(offsets)
        expect(fromWideDifferences(toWideDifferences(column))).toEqual(column)
      }),
      { seed: 43, numRuns: 300 },
    )
    expect(() => toWideDifferences(Float64Array.of(Number.NaN))).toThrow(RangeError)
  })

  it('[COL4] give columns back that another one decides, with and without a key (seeded)', () => {
    fc.assert(
      fc.property(words, fc.infiniteStream(fc.constantFrom(0, 1, 2, 0xffffffff)), (column, stream) => {
        const keys = Uint32Array.from(column, () => stream.next().value)
        const packed = toResiduals(column, keys, 3)
        fromResiduals(packed, keys, 3)
        expect(packed).toEqual(column)
      }),
      { seed: 44, numRuns: 200 },
    )
    const decided = toResiduals(Uint32Array.of(7, 9, 7, 9), Uint32Array.of(0, 1, 0, 1), 2)
    expect([...decided.subarray(2)]).toEqual([0, 0])
  })
})
