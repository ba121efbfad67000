import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatByteChange, formatBytes, formatCount, formatDuration, formatShare } from '#lib/units/format'
import {
  bytes,
  gibibytes,
  hours,
  instant,
  kibibytes,
  mebibytes,
  milliseconds,
  minutes,
  seconds,
} from '#lib/units/quantity'

describe('bytes in words', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [1_048_575, '1.0 MiB'],
    [5 * 1024 ** 4, '5.0 TiB'],
    [2000 * 1024 ** 4, '2000.0 TiB'],
    [-1536, '−1.5 KiB'],
  ])('%d is %s', (size, words) => {
    expect(formatBytes(bytes(size))).toBe(words)
  })

  it('never shows 1024 of a unit that has a next one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 49 }), fc.integer({ min: 0, max: 3 }), (size, digits) => {
        expect(Number(formatBytes(bytes(size), digits).split(' ')[0])).toBeLessThan(1024)
      }),
      { seed: 20261123 },
    )
  })

  it('marks growth with a plus and shrinking with a minus sign', () => {
    expect([1536, -20, 0].map((size) => formatByteChange(bytes(size)))).toEqual(['+1.5 KiB', '−20 B', '0 B'])
  })

  it('counts in steps of 1,024', () => {
    expect([kibibytes(1), mebibytes(1), gibibytes(1)]).toEqual([1024, 1024 ** 2, 1024 ** 3])
  })
})

describe('other quantities in words', () => {
  it('groups counts the same everywhere', () => {
    expect(formatCount(1_234_567)).toBe('1,234,567')
  })

  it.each([
    [0.973, '97 %'],
    [0.0097, '1 %'],
    [0.004, '0.4 %'],
    [0.0001, '<0.1 %'],
    [0, '0 %'],
    [1, '100 %'],
  ])('the share %d is %s', (ratio, words) => {
    expect(formatShare(ratio)).toBe(words)
  })

  it.each([
    [milliseconds(340), '340 ms'],
    [seconds(12), '12 s'],
    [minutes(3), '3 min'],
    [seconds(61), '1 min 1 s'],
    [minutes(220), '3 h 40 min'],
    [hours(2), '2 h'],
    [hours(52), '2 d 4 h'],
    [hours(48), '2 d'],
  ])('%d ms are %s', (duration, words) => {
    expect(formatDuration(duration)).toBe(words)
  })

  it('keeps an instant as the number that it is', () => {
    expect(instant(5)).toBe(5)
  })
})
