import type { LedgerState } from '#lib/investigation/ledger-state'
import type { GrowthPage } from '#lib/reports/growth-report'
import { formatByteChange, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { type LetteredCapture, letters } from './growth-choice.tsx'
import { GrowthSuspects, type Suspect } from './growth-suspects.tsx'
import { visible } from './raw-text.tsx'

interface GrowthSummaryProps {
  readonly page: GrowthPage
  readonly compared: readonly LetteredCapture[]
  /** Facts about the chosen captures, beside what the comparison itself has to say. */
  readonly remarks: readonly string[]
  readonly stateOf: (suspect: Suspect) => LedgerState | null
  readonly selected: string | null
  readonly onShowRow: (key: string) => void
}

/** What was compared, what came out, and what this cannot tell. The sentences are the server's. */
export function GrowthSummary({ page, compared, remarks, ...rest }: GrowthSummaryProps) {
  const objects = change(page.objects)
  const limits = [...page.remarks, ...remarks]
  return (
    <div className="flex shrink-0 flex-col gap-2 px-4 pb-2.5">
      <p className="text-ink-2">
        <b className="font-semibold text-ink">{letters(compared)}:</b> {visible(page.summary)}{' '}
        <span className="text-ink-3">
          The whole heap: {formatByteChange(bytes(change(page.bytes)))},{' '}
          {objects > 0 ? '+' : objects < 0 ? '−' : ''}
          {formatCount(Math.abs(objects))} objects.
        </span>
      </p>
      <GrowthSuspects page={page} captures={compared.map(({ capture }) => capture.id)} {...rest} />
      {page.suspects.length === 0 && compared.length > 2 && <WhereElse />}
      {(limits.length > 0 || page.advice.length > 0) && (
        <div className="flex flex-wrap items-start gap-x-5 gap-y-1 text-xs">
          <Sentences title="What limits this comparison" tone="text-warm" sentences={limits} />
          <Sentences title="What would tell more next time" tone="text-ink-2" sentences={page.advice} />
        </div>
      )}
    </div>
  )
}

function Sentences({
  title,
  tone,
  sentences,
}: {
  title: string
  tone: string
  sentences: readonly string[]
}) {
  if (sentences.length === 0) return null
  return (
    <details className="min-w-0 open:w-full">
      <summary className={`cursor-pointer font-medium ${tone}`}>
        {title} ({formatCount(sentences.length)})
      </summary>
      <ul className="mt-1 list-disc space-y-0.5 pl-5 text-ink-2">
        {sentences.map((sentence) => (
          <li key={sentence}>{visible(sentence)}</li>
        ))}
      </ul>
    </details>
  )
}

/** Nothing kept growing in the heap: that is a finding, and it points elsewhere. */
function WhereElse() {
  return (
    <p className="rounded-md bg-native-soft px-3 py-2 text-native">
      If the process still grew between these captures, look outside this heap: put its RSS on the memory
      graph beside these captures. RSS that climbs while the heap stays points to native memory, which a heap
      dump does not show.
    </p>
  )
}

const change = (values: readonly number[]): number => (values.at(-1) ?? 0) - (values[0] ?? 0)
