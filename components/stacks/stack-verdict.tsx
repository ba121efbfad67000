import { visible } from '#components/heap/raw-text'
import { formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { StackTimeline } from './stack-timeline.tsx'
import type { ShownStackReport } from './use-stacks.tsx'

interface StackVerdictProps {
  readonly report: ShownStackReport
  /** Against the earlier capture, in a sentence; undefined when nothing is compared. */
  readonly difference: string | undefined
  /** What limits the comparison. */
  readonly remarks: readonly string[]
  /** Requests that the process had served, when somebody gave them. */
  readonly requests: number | null
}

/** What the capture says by itself, how it was made, and what to know before trusting it. */
export function StackVerdict({ report, difference, remarks, requests }: StackVerdictProps) {
  const { summary } = report
  const all = [...summary.remarks, ...remarks]
  const isLeakCheck = summary.kinds.some(({ kind }) => kind === 'definitely-lost')
  return (
    <div className="flex shrink-0 flex-col gap-2 border-line border-b bg-panel px-4 py-3">
      {difference !== undefined && <p className="max-w-[110ch]">{difference}</p>}
      {/* Alone it cannot tell; beside another capture that sentence is out of place. */}
      {(difference === undefined || summary.suspects.length > 0) && (
        <p className="max-w-[110ch]">{summary.words}</p>
      )}
      {summary.suspects.length > 0 && (
        <ul aria-label="Suspects" className="flex flex-col gap-1">
          {summary.suspects.slice(0, 5).map((suspect) => (
            <li key={`${suspect.className} ${suspect.site}`} className="border-growth border-l-2 pl-2">
              <bdi>{visible(suspect.words)}</bdi>
              {requests !== null && requests > 0 && (
                <span className="text-ink-2"> {perRequest(suspect, requests)}</span>
              )}
            </li>
          ))}
          {summary.suspects.length > 5 && (
            <li className="pl-2.5 text-ink-3">
              {formatCount(summary.suspects.length - 5)} more are in the table
              {isLeakCheck && ', kind “definitely lost”'}.
            </li>
          )}
        </ul>
      )}
      {summary.timeline && <StackTimeline timeline={summary.timeline} />}
      <details className="text-ink-2 text-xs">
        <summary className="w-fit rounded-sm">
          {report.format.label}, {formatCount(summary.stacks)} stacks, {formatBytes(bytes(report.plainBytes))}
          {all.length > 0 && ` · ${formatCount(all.length)} ${all.length === 1 ? 'remark' : 'remarks'}`}
        </summary>
        <p className="mt-2 max-w-[110ch]">{summary.sampling.words}</p>
        {all.length > 0 && (
          <ul className="mt-1 flex max-w-[110ch] list-disc flex-col gap-0.5 pl-4">
            {all.map((remark) => (
              <li key={remark}>{visible(remark)}</li>
            ))}
          </ul>
        )}
        <dl className="mt-2 grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5">
          {summary.skipped > 0 && (
            <Fact name="left out" value={`${formatCount(summary.skipped)} records that made no sense`} />
          )}
          {summary.facts.map(([name, value]) => (
            <Fact key={name} name={name} value={value} />
          ))}
        </dl>
      </details>
    </div>
  )
}

const perRequest = ({ bytes: size, blocks }: { bytes: number; blocks: number }, requests: number): string =>
  `${formatBytes(bytes(size / requests))}${blocks > 0 ? ` in ${(blocks / requests).toFixed(2)} blocks` : ''} per request.`

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt className="text-ink-3">{visible(name)}</dt>
      <dd className="min-w-0 break-words">
        <bdi>{visible(value)}</bdi>
      </dd>
    </>
  )
}
