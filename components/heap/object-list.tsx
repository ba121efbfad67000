'use client' // Grows on demand.

import clsx from 'clsx'
import { Button } from '#components/ui/button'
import type { ObjectLine } from '#lib/reports/objects'
import { formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { sentenceOf } from './answer.tsx'
import { type About, type PagedAsk, useObjectList } from './ask-graph.tsx'
import { edgeWords, lineWords } from './object-words.tsx'
import { visible } from './raw-text.tsx'

interface ObjectListProps {
  readonly captureId: string
  readonly ask: PagedAsk
  readonly about: About<PagedAsk>
  readonly onOpen: (object: number) => void
  /** Said when there is none. */
  readonly empty: string
  readonly selected?: number | null
}

/** A list of objects, a page at a time: what each is called, how it is referred to, what it retains. */
export function ObjectList({ captureId, ask, about, onOpen, empty, selected = null }: ObjectListProps) {
  const list = useObjectList(captureId, ask, about)
  const { lines, total } = list
  if (list.error !== undefined && lines.length === 0) {
    return (
      <div role="alert" className="flex flex-col items-start gap-1.5 py-1.5 text-growth">
        {sentenceOf(list.error)}
        <Button size="small" onClick={list.retry}>
          Try again
        </Button>
      </div>
    )
  }
  if (total === undefined) {
    return (
      <p role="status" className="py-1.5 text-ink-3">
        Looking…
      </p>
    )
  }
  if (total === 0) return <p className="py-1.5 text-ink-3">{empty}</p>
  return (
    <>
      <ul>
        {lines.map((line, at) => (
          // The same object may be referred to twice.
          // biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever added at the end.
          <li key={`${line.object} ${at}`} className="border-line border-b last:border-b-0">
            <ObjectButton
              line={line}
              isSelected={line.object === selected}
              onOpen={() => onOpen(line.object)}
            />
          </li>
        ))}
      </ul>
      {lines.length < total && (
        <Button size="small" look="quiet" disabled={list.isLoading} onClick={list.more} className="mt-1">
          {list.isLoading ? 'Fetching…' : `Show more (${formatCount(total - lines.length)} left)`}
        </Button>
      )}
    </>
  )
}

/** One object as a line that opens it. */
export function ObjectButton({
  line,
  isSelected = false,
  onOpen,
}: {
  line: ObjectLine
  isSelected?: boolean
  onOpen(): void
}) {
  const edge = edgeWords(line.edge)
  const words = lineWords(line)
  return (
    <button
      type="button"
      onClick={onOpen}
      aria-current={isSelected || undefined}
      title={`${visible(line.label)}\n${words}`}
      className={clsx(
        '-mx-1.5 flex w-[calc(100%+12px)] items-baseline gap-3 rounded-sm px-1.5 py-1 text-left hover:bg-sunken',
        isSelected && 'bg-accent-soft',
      )}
    >
      <span className="min-w-0 flex-1">
        <span className="flex min-w-0 items-baseline gap-1.5">
          {edge !== null && <bdi className="max-w-[50%] shrink-0 truncate font-mono text-xs">{edge}</bdi>}
          <bdi className="truncate font-semibold">{visible(line.label)}</bdi>
        </span>
        <bdi className="block truncate font-mono text-ink-3 text-xs">{words}</bdi>
      </span>
      <span className="num shrink-0 text-right" title="Retained size">
        {line.retainedBytes === null ? '–' : formatBytes(bytes(line.retainedBytes))}
      </span>
    </button>
  )
}
