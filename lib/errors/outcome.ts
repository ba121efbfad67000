import { type FailureCode, UserError } from './user-error.ts'

/** What a server action answers: its value, or the sentence for the person who asked. Plain data. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: FailureCode; readonly sentence: string }

/** Runs an action's work. What a person can mend becomes a sentence; everything else is a bug and is thrown on. */
export async function outcomeOf<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() }
  } catch (error) {
    if (error instanceof UserError) return { ok: false, code: error.code, sentence: error.message }
    throw error
  }
}
