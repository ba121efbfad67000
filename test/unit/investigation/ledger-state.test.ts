import { describe, expect, it } from 'vitest'
import { type LedgerVoice, ledgerReader, ledgerState } from '#lib/investigation/ledger-state'

const says = (changes: Partial<LedgerVoice> = {}): LedgerVoice => ({
  fingerprint: 'a',
  verdict: 'expected',
  bound: null,
  expired: false,
  ...changes,
})

describe('what the ledger says about a group', () => {
  it('is nothing while nobody has spoken', () => {
    expect(ledgerState([says({ fingerprint: 'b' })], 'a', 1)).toBeNull()
  })

  it('is expected up to the bound, and more than that is shown again', () => {
    expect(ledgerState([says({ bound: 1000 })], 'a', 1000)).toBe('expected')
    expect(ledgerState([says({ bound: 1000 })], 'a', 1001)).toBe('exceeded')
    expect(ledgerState([says({ bound: 1000 }), says({ bound: 5000 })], 'a', 1001)).toBe('expected')
  })

  it('is a conflict when people disagree, in whatever order they spoke', () => {
    const voices = [says(), says({ verdict: 'not-expected' })]
    expect(ledgerState(voices, 'a', 1)).toBe('conflict')
    expect(ledgerState(voices.toReversed(), 'a', 1)).toBe('conflict')
  })

  it('does not hold any longer than it was said to', () => {
    expect(ledgerState([says({ expired: true })], 'a', 1)).toBe('expired')
    expect(ledgerState([says({ expired: true }), says({ verdict: 'not-expected' })], 'a', 1)).toBe(
      'not-expected',
    )
  })

  it('reads many groups alike, whatever they are called', () => {
    const read = ledgerReader([says({ fingerprint: '__proto__' })])
    expect(read('__proto__', 1)).toBe('expected')
    expect(read('constructor', 1)).toBeNull()
  })
})
