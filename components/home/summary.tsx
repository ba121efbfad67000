import { STATUS_LABELS } from '#components/investigation/status-words'
import type { HypothesisStatus } from '#lib/hypotheses/transitions'
import { formatCount } from '#lib/units/format'

interface Contents {
  readonly counts: { readonly captures: number; readonly series: number; readonly hypotheses: number }
  readonly leading: { readonly title: string; readonly status: HypothesisStatus } | null
}

/** One line about a room: the hypothesis that stands best, or else what has been attached. */
export function summaryOf({ counts, leading }: Contents): string {
  if (leading) return `${STATUS_LABELS[leading.status]}: ${leading.title}`
  const parts = [
    plural(counts.series, 'memory series', 'memory series'),
    plural(counts.captures, 'capture', 'captures'),
  ].filter((part) => part !== null)
  return parts.length > 0
    ? parts.join(', ')
    : 'Nothing attached yet: drop a memory graph or a heap dump inside'
}

const plural = (count: number, one: string, many: string): string | null =>
  count === 0 ? null : `${formatCount(count)} ${count === 1 ? one : many}`
