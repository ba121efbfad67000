import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { colorOf, initialsOf, PERSON_COLORS } from '#lib/investigation/colors'

describe('a person’s colour', () => {
  it('is one of eight, and the same every time', () => {
    fc.assert(
      fc.property(fc.string(), (id) => {
        const color = colorOf(id)
        expect(color).toBe(colorOf(id))
        expect(Number.isInteger(color) && color >= 0 && color < PERSON_COLORS).toBe(true)
      }),
      { seed: 20261123 },
    )
  })

  it('spreads people over all of them, none more than twice its share', () => {
    const counts = new Array<number>(PERSON_COLORS).fill(0)
    for (let i = 0; i < 8000; i++) counts[colorOf(`user-${i}`)]!++

    expect(Math.min(...counts)).toBeGreaterThan(500)
    expect(Math.max(...counts)).toBeLessThan(2000)
  })
})

describe('initials', () => {
  it.each([
    ['Mike Perham', 'MP'],
    ['wes', 'WE'],
    ['Jo Ann van der Berg', 'JB'],
    ['  Ana  ', 'AN'],
    ['李小龙', '李小'],
    ['', '?'],
  ])('of %j are %s', (name, initials) => {
    expect(initialsOf(name)).toBe(initials)
  })
})
