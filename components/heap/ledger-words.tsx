import type { LedgerState } from '#lib/investigation/ledger-state'

/** How a state is told. */
export const LEDGER_WORDS: Record<
  LedgerState,
  { readonly words: string; readonly tone: 'steady' | 'warm' | 'growth' | 'neutral'; readonly title: string }
> = {
  expected: { words: 'expected', tone: 'steady', title: 'The team’s ledger says that it is expected.' },
  exceeded: {
    words: 'more than expected',
    tone: 'warm',
    title: 'The ledger expects it, but not so many of them.',
  },
  'not-expected': {
    words: 'not expected',
    tone: 'growth',
    title: 'Somebody in the team has noted that it is not expected.',
  },
  conflict: { words: 'people disagree', tone: 'warm', title: 'The ledger has both verdicts.' },
  expired: { words: 'was expected', tone: 'neutral', title: 'What the ledger said has run out.' },
}
