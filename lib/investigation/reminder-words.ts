import type { ReminderRow } from './rows.ts'

/**
 * What the room did when a reminder was due and what it saw, without who and without a full stop. Times are left to the
 * page, which knows the reader's zone.
 */
export function secondLookWords({ label, state, outcome }: ReminderRow): string {
  const words = (outcome?.words ?? '').replace(/\.$/, '')
  const looked = `looked at “${label}” again`
  if (outcome?.verdict === 'decided') return `${looked}: ${words}`
  if (outcome?.verdict === 'no-samples')
    return `${looked}, but its samples end before the time was up: ${words}`
  return state === 'waiting'
    ? `${looked} and will once more: ${words}`
    : `${looked}, and it is still open: ${words}`
}
