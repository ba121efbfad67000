'use client' // Asks the room's graph what the process's memory was.

import type { ReactNode } from 'react'
import type { CaptureRow } from '#lib/investigation/rows'
import type { HeapTotals } from '#lib/reports/heap-report'
import { formatBytes, formatCount, formatDuration, formatShare } from '#lib/units/format'
import { bytes, milliseconds } from '#lib/units/quantity'
import { formatReadTime } from './capture-words.tsx'
import { LocalTime } from './local-time.tsx'
import { type MemoryThen, useMemoryThen } from './memory-then.tsx'
import { visible } from './raw-text.tsx'
import type { ShownHeap } from './shown-report.tsx'

/** Facts stand side by side; on a phone they are one line that scrolls, so that the views keep their room. */
export const FACTS =
  'flex shrink-0 gap-x-8 gap-y-2 border-line border-b bg-panel px-4 py-2.5 max-sm:gap-x-6 max-sm:overflow-x-auto sm:flex-wrap -outline-offset-2'

/** The numbers above a capture's tables. */
export function CaptureFacts({ capture, report }: { capture: CaptureRow; report: ShownHeap }) {
  const { totals } = report
  const memory = useMemoryThen(capture)
  const speed = report.readMs > 0 ? (report.plainBytes / report.readMs) * 1000 : 0
  const isRuby = report.format.id === 'ruby-objspace'
  return (
    // On a phone it scrolls, also with the keyboard.
    <dl tabIndex={0} className={FACTS}>
      <Fact name="Captured" hint={capture.process === null ? undefined : visible(capture.process)}>
        {capture.takenAt === null ? 'time not given' : <LocalTime at={capture.takenAt} />}
      </Fact>
      {capture.requestCount !== null && (
        <Fact name="Requests by then">{formatCount(capture.requestCount)}</Fact>
      )}
      <Fact name="Format" hint={totals.producer ? visible(totals.producer) : undefined}>
        {report.format.label}
      </Fact>
      <Fact name="Objects">{formatCount(totals.objects)}</Fact>
      <Fact name="Heap" hint="shallow sizes added up">
        {formatBytes(bytes(totals.shallowBytes))}
      </Fact>
      {memory && capture.takenAt !== null && (
        <ProcessMemory memory={memory} takenAt={capture.takenAt} heap={totals.shallowBytes} />
      )}
      {(isRuby || totals.tracedObjects > 0) && (
        <Fact name={isRuby ? 'Traced' : 'Sites known'} hint={siteHint(totals)}>
          {totals.tracedObjects === 0 ? 'nothing' : formatShare(totals.tracedShare)}
        </Fact>
      )}
      {totals.tracer !== null && (
        <Fact name="Tracing itself" hint="part of the heap, not the program’s">
          {formatBytes(bytes(totals.tracer.retainedBytes))}
        </Fact>
      )}
      {totals.badLines > 0 && (
        <Fact name="Lines skipped" hint={`of ${formatCount(totals.lines)}`}>
          <span className="text-warm">{formatCount(totals.badLines)}</span>
        </Fact>
      )}
      <Fact
        name="Read in"
        hint={`${formatBytes(bytes(report.plainBytes))}, ${formatBytes(bytes(speed), 0)}/s`}
      >
        {formatReadTime(report.readMs)}
      </Fact>
    </dl>
  )
}

/** What the process took, and how much of it this heap does not account for. */
function ProcessMemory({ memory, takenAt, heap }: { memory: MemoryThen; takenAt: number; heap: number }) {
  const away = Math.abs(memory.at - takenAt)
  const when =
    away < 60_000 ? '' : `, ${formatDuration(milliseconds(away))} ${memory.at < takenAt ? 'before' : 'after'}`
  const rest = memory.bytes - heap
  return (
    <>
      <Fact
        name="Process RSS then"
        hint={`${visible(memory.series.label)}${when}${memory.isSameProcess ? '' : '; the room’s only memory graph'}`}
      >
        {formatBytes(bytes(memory.bytes))}
      </Fact>
      {rest > 0 && (
        <Fact name="Unaccounted" hint="native, code, or empty pages of the heap">
          <span className="text-native">{formatBytes(bytes(rest))}</span>
        </Fact>
      )}
    </>
  )
}

/** A number above a capture's views. */
export function Fact({
  name,
  hint,
  children,
}: {
  name: string
  hint?: string | undefined
  children: ReactNode
}) {
  return (
    <div className="min-w-0 max-sm:shrink-0">
      <dt className="whitespace-nowrap text-ink-3 text-xs">{name}</dt>
      <dd className="font-semibold text-[15px] tracking-tight">{children}</dd>
      {hint !== undefined && (
        <dd className="max-w-[44ch] truncate text-ink-3 text-xs" title={hint}>
          <bdi>{hint}</bdi>
        </dd>
      )}
    </div>
  )
}

/** What it is whose share is known; for traced objects, from which generations they are. */
const siteHint = (totals: HeapTotals): string | undefined =>
  totals.siteKind === 'definition' ? 'where classes and functions are defined' : generationWords(totals)

function generationWords({ generationRange }: HeapTotals): string | undefined {
  if (!generationRange) return undefined
  return `generations ${formatCount(generationRange[0])} to ${formatCount(generationRange[1])}`
}

/** What a person should know before she trusts the tables: the reader's remarks, and where lines were skipped. */
export function CaptureRemarks({ totals }: { totals: HeapTotals }) {
  const { badLines, badLineOffsets, remarks } = totals
  if (remarks.length === 0 && badLines === 0) return null
  return (
    <div className="flex shrink-0 flex-col gap-1 border-line border-b bg-warm-soft px-4 py-2 text-warm">
      {remarks.map((remark) => (
        <p key={remark}>{visible(remark)}</p>
      ))}
      {badLines > 0 && (
        <details>
          <summary className="cursor-pointer">
            {formatCount(badLines)} of {formatCount(totals.lines)} lines could not be read and are not
            counted. Where?
          </summary>
          <p className="num mt-1 [overflow-wrap:anywhere]">
            At byte {badLineOffsets.map((offset) => formatCount(offset)).join(' · ')}
            {badLines > badLineOffsets.length && ` and ${formatCount(badLines - badLineOffsets.length)} more`}
          </p>
        </details>
      )}
    </div>
  )
}
