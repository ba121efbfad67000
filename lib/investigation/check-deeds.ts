import type { CheckState } from '#lib/hypotheses/checks'
import type { RoomEvent } from './events.ts'
import type { TimelineTone } from './timeline.ts'

type CheckEvent = Extract<
  RoomEvent,
  { type: 'check:added' | 'check:changed' | 'check:evaluated' | 'check:removed' }
>
type Evaluated = Extract<CheckEvent, { type: 'check:evaluated' }>['payload']

/** What happened to a check, without who and without a full stop. */
export function checkDeed(event: CheckEvent): string {
  switch (event.type) {
    case 'check:added':
      return `added the check “${event.payload.check.sentence}”`
    case 'check:changed':
      return `changed a check to “${event.payload.check.sentence}”`
    case 'check:evaluated':
      return evaluatedDeed(event.payload)
    case 'check:removed':
      return `removed the check “${event.payload.sentence}”`
  }
}

function evaluatedDeed({ check: { sentence, outcome }, from }: Evaluated): string {
  if (outcome === null) return `could not evaluate the check “${sentence}”`
  const words = outcome.words.replace(/\.$/, '')
  if (from === outcome.state) return `evaluated “${sentence}” again, ${STILL[from]}: ${words}`
  const before = from === null || from === 'untested' ? '' : ` (was ${from})`
  return `found “${sentence}” ${outcome.state}${before}: ${words}`
}

const STILL: Record<CheckState, string> = {
  supported: 'still supported',
  contradicted: 'still contradicted',
  untested: 'still untested',
}

/** A change of state is loud; other numbers in the same state are not, nor is what nobody could tell before either. */
export function checkTone({ check: { outcome }, from }: Evaluated): TimelineTone {
  if (outcome === null || outcome.state === from) return 'quiet'
  if (outcome.state === 'supported') return 'for'
  if (outcome.state === 'contradicted') return 'against'
  return from === null ? 'quiet' : 'plain'
}
