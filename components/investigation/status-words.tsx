import type { Tone } from '#components/ui/pill'
import type { HypothesisStatus } from '#lib/hypotheses/transitions'

/** A hypothesis's status as its label says it. */
export const STATUS_LABELS: Record<HypothesisStatus, string> = {
  hunch: 'Hunch',
  testing: 'Testing',
  supported: 'Supported',
  confirmed: 'Confirmed',
  'ruled-out': 'Ruled out',
  parked: 'Parked',
}

export const STATUS_TONES: Record<HypothesisStatus, Tone> = {
  hunch: 'warm',
  testing: 'native',
  supported: 'steady',
  confirmed: 'steady',
  'ruled-out': 'neutral',
  parked: 'neutral',
}

/** What the menu calls the move. */
export const moveWords = (from: HypothesisStatus, to: HypothesisStatus): string => {
  const isReopening = from === 'ruled-out' || from === 'parked' || from === 'confirmed'
  if (isReopening && (to === 'hunch' || to === 'testing'))
    return `Reopen as ${STATUS_LABELS[to].toLowerCase()}`
  switch (to) {
    case 'hunch':
      return 'Back to hunch'
    case 'testing':
      return from === 'supported' ? 'Back to testing' : 'Start testing'
    case 'supported':
      return 'Mark as supported'
    case 'confirmed':
      return 'Confirm'
    case 'ruled-out':
      return 'Rule out…'
    case 'parked':
      return 'Park…'
  }
}

/** These moves ask why: the reason is what saves the next person the same work. */
export const asksWhy = (to: HypothesisStatus): boolean => to === 'ruled-out' || to === 'parked'
