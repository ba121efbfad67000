import { z } from 'zod'

/** The life of a hypothesis. Only people move it; the machine suggests at most. */
export const HypothesisStatus = z.enum(['hunch', 'testing', 'supported', 'ruled-out', 'parked', 'confirmed'])
export type HypothesisStatus = z.infer<typeof HypothesisStatus>

/** Where each status may go. Anything can be reopened: to `hunch` or `testing`. */
const NEXT: Record<HypothesisStatus, readonly HypothesisStatus[]> = {
  hunch: ['testing', 'ruled-out', 'parked'],
  testing: ['hunch', 'supported', 'ruled-out', 'parked'],
  supported: ['confirmed', 'testing', 'ruled-out', 'parked', 'hunch'],
  confirmed: ['testing', 'hunch'],
  'ruled-out': ['testing', 'hunch'],
  parked: ['testing', 'hunch', 'ruled-out'],
}

/** What a move to `confirmed` is judged by. */
export interface ConfirmationFacts {
  /** Links with stance "for". */
  readonly evidenceFor: number
  /** Is the person who confirms somebody else than the one who marked it supported (or, failing that, its author)? */
  readonly isSecondPerson: boolean
}

/** The statuses one may offer from here. */
export const nextStatuses = (from: HypothesisStatus): readonly HypothesisStatus[] => NEXT[from]

/** `undefined` when the move is allowed, else the reason in words. */
export function refusal(
  from: HypothesisStatus,
  to: HypothesisStatus,
  facts: ConfirmationFacts,
): string | undefined {
  if (from === to) return 'it already is.'
  if (!NEXT[from].includes(to)) return `the ways from here are ${NEXT[from].join(', ')}.`
  if (to !== 'confirmed') return undefined
  if (facts.evidenceFor < 1) return 'pin at least one piece of evidence for it first.'
  if (!facts.isSecondPerson) return 'somebody other than the person who supported it has to confirm.'
  return undefined
}
