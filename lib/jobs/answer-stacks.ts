import { readFileSync } from 'node:fs'
import { decodeStackProfile } from '#lib/findings/stack-columns'
import { answerStacks } from '#lib/reports/stack-answers'
import { sound } from './sound.ts'
import type { Results, StackTask } from './tasks.ts'

/**
 * Answers a question about allocation stacks from their stored columns. They are opened for each answer: a few
 * milliseconds, even of large ones. Runs in a thread for questions.
 * @throws UserError read/damaged-columns
 */
export function askStacks({ profile, earlier, question }: StackTask): Results['stacks'] {
  const open = (path: string) => sound(decodeStackProfile, readFileSync(path))
  return answerStacks(question, open(profile), earlier === undefined ? undefined : open(earlier)) ?? null
}
