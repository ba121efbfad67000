import type { HypothesisStatus } from './transitions.ts'

/** A status as people read it, in the middle of a sentence. */
export const STATUS_WORDS: Record<HypothesisStatus, string> = {
  hunch: 'a hunch',
  testing: 'testing',
  supported: 'supported',
  'ruled-out': 'ruled out',
  parked: 'parked',
  confirmed: 'confirmed',
}

/** Is the question settled? Settled ones stay visible, folded. */
export const isSettled = (status: HypothesisStatus): boolean => status === 'ruled-out' || status === 'parked'
