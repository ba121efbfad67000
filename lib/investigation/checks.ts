import { z } from 'zod'
import { CheckOutcome, CheckPredicate } from '#lib/hypotheses/checks'
import { CheckId, HypothesisId, UserId } from './ids.ts'

/** A predicate on a hypothesis and what it came to last. */
export const CheckRow = z.object({
  id: CheckId,
  hypothesisId: HypothesisId,
  predicate: CheckPredicate,
  /** The predicate in words, with the names that its graphs and experiments had when it was made. */
  sentence: z.string(),
  /** Null until it was evaluated: at once, as a rule. */
  outcome: CheckOutcome.nullable(),
  /** Of the predicate: what machines find does not raise it. */
  version: z.int().positive(),
  createdBy: UserId,
  createdAt: z.number(),
})
export type CheckRow = z.infer<typeof CheckRow>
