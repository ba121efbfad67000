import type { GrowthPage } from '#lib/reports/growth-report'
import { formatByteChange, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { type LetteredCapture, letters } from './growth-choice.tsx'
import { visible } from './raw-text.tsx'

interface GrowthSummaryProps {
  readonly page: GrowthPage
  readonly compared: readonly LetteredCapture[]
  /** Facts about the chosen captures, beside what the comparison itself has to say. */
  readonly remarks: readonly string[]
  readonly onShowRow: (key: string) => void
}

/** More suspects than these are found in the table, which has them on top. */
const SHOWN_SUSPECTS = 12

/** What was compared, what came out, and what this cannot tell. The sentences are the server's. */
export function GrowthSummary({ page, compared, remarks, onShowRow }: GrowthSummaryProps) {
  const objects = change(page.objects)
  const notes = [...page.remarks, ...remarks]
  return (
    <div className="flex shrink-0 flex-col gap-1.5 px-4 pb-2.5">
      <p className="text-ink-2">
        <b className="font-semibold text-ink">{letters(compared)}:</b> {page.summary}{' '}
        <span className="text-ink-3">
          The whole heap: {formatByteChange(bytes(change(page.bytes)))},{' '}
          {objects > 0 ? '+' : objects < 0 ? '−' : ''}
          {formatCount(Math.abs(objects))} objects.
        </span>
      </p>
      {page.suspects.length === 0 && compared.length > 2 && <WhereElse />}
      {(page.suspects.length > 0 || notes.length > 0) && (
        <div className="flex flex-wrap items-start gap-x-5 gap-y-1 text-xs">
          {page.suspects.length > 0 && (
            <details className="min-w-0 open:w-full">
              <summary className="cursor-pointer font-medium text-growth">
                Suspects in words ({formatCount(page.suspects.length)})
              </summary>
              <Suspects suspects={page.suspects} onShowRow={onShowRow} />
            </details>
          )}
          {notes.length > 0 && (
            <details className="min-w-0 open:w-full">
              <summary className="cursor-pointer font-medium text-warm">
                What limits this comparison ({formatCount(notes.length)})
              </summary>
              <ul className="mt-1 list-disc space-y-0.5 pl-5 text-ink-2">
                {notes.map((note) => (
                  <li key={note}>{note}</li>
                ))}
              </ul>
            </details>
          )}
        </div>
      )}
    </div>
  )
}

/** Strongest first; each shows its row. They are also on top of the table. */
function Suspects({
  suspects,
  onShowRow,
}: Pick<GrowthSummaryProps, 'onShowRow'> & Pick<GrowthPage, 'suspects'>) {
  return (
    <ol className="mt-1 flex flex-col gap-0.5">
      {suspects.slice(0, SHOWN_SUSPECTS).map((suspect) => (
        <li key={suspect.key}>
          <button
            type="button"
            onClick={() => onShowRow(suspect.key)}
            className="w-full rounded-sm text-left text-ink-2 [overflow-wrap:anywhere] hover:text-ink hover:underline"
          >
            <bdi>{visible(suspect.words)}</bdi>
          </button>
        </li>
      ))}
      {suspects.length > SHOWN_SUSPECTS && (
        <li className="text-ink-3">and {formatCount(suspects.length - SHOWN_SUSPECTS)} more</li>
      )}
    </ol>
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
