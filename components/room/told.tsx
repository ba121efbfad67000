'use client' // Shows a message.

import { say } from '#components/ui/toasts'
import type { Outcome } from './actions.tsx'

/** The value of an action; a refusal becomes a message with its sentence, and undefined. */
export async function told<T>(work: Promise<Outcome<T>>): Promise<T | undefined> {
  try {
    const outcome = await work
    if (outcome.ok) return outcome.value
    say.problem(outcome.sentence)
  } catch {
    say.problem('The server did not answer. Check the connection and try again.')
  }
  return undefined
}
