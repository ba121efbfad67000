import { describe, expect, it } from 'vitest'
import { HypothesisStatus, nextStatuses, refusal } from '#lib/hypotheses/transitions'
import { isSettled, STATUS_WORDS } from '#lib/hypotheses/words'

const facts = { evidenceFor: 1, isSecondPerson: true }
const ALL = HypothesisStatus.options

describe('the life of a hypothesis', () => {
  it.each([
    ['hunch', 'testing'],
    ['testing', 'supported'],
    ['testing', 'ruled-out'],
    ['testing', 'parked'],
    ['supported', 'confirmed'],
  ] as const)('goes from %s to %s', (from, to) => {
    expect(refusal(from, to, facts)).toBeUndefined()
  })

  it.each(ALL.filter((from) => from !== 'hunch' && from !== 'testing'))('can be reopened from %s', (from) => {
    expect(refusal(from, 'testing', facts)).toBeUndefined()
    expect(refusal(from, 'hunch', facts)).toBeUndefined()
  })

  it('reaches confirmed from supported only', () => {
    const ways = ALL.filter((from) => refusal(from, 'confirmed', facts) === undefined)
    expect(ways).toEqual(['supported'])
  })

  it('is confirmed neither without evidence nor by the person who supported it', () => {
    expect(refusal('supported', 'confirmed', { ...facts, evidenceFor: 0 })).toContain('evidence')
    expect(refusal('supported', 'confirmed', { ...facts, isSecondPerson: false })).toContain('somebody other')
  })

  it('refuses exactly what it does not offer', () => {
    for (const from of ALL) {
      for (const to of ALL) {
        expect(refusal(from, to, facts) === undefined).toBe(nextStatuses(from).includes(to))
      }
    }
  })

  it('has a word for every status, and two that settle the question without it being so', () => {
    expect(Object.keys(STATUS_WORDS).sort()).toEqual([...ALL].sort())
    expect(ALL.filter(isSettled)).toEqual(['ruled-out', 'parked'])
  })
})
