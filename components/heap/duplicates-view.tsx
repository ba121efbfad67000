'use client' // Pages of rows.

import { useCallback, useState } from 'react'
import type { z } from 'zod'
import { useRoom } from '#components/room/room-context'
import { EmptyState } from '#components/ui/empty-state'
import { type DuplicateString, DuplicatesPage } from '#lib/reports/objects'
import { formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { sentenceOf } from './answer.tsx'
import { graphPath } from './ask-graph.tsx'
import { RawText, visible } from './raw-text.tsx'
import { ReadProblem } from './read-problem.tsx'
import { useRowPages } from './row-pages.tsx'
import { ShareBar } from './share-bar.tsx'
import { type Column, VirtualTable } from './virtual-table.tsx'

interface DuplicatesViewProps {
  readonly captureId: string
  readonly heapBytes: number
  readonly selected: number | null
  readonly onOpen: (object: number) => void
  readonly onClose: () => void
}

/** The answer of the server; its rows are pages of a list. */
const Page: z.ZodType<DuplicatesPage> = DuplicatesPage
const SORTING = { by: 'wasted', dir: 'desc' } as const

/** Texts that are in the heap more than once, and what one shared copy of each would save. */
export function DuplicatesView({ captureId, heapBytes, selected, onOpen, onClose }: DuplicatesViewProps) {
  const { investigationId } = useRoom()
  const [range, setRange] = useState({ first: 0, last: 0 })
  const onRange = useCallback((first: number, last: number) => setRange({ first, last }), [])
  const path = graphPath(investigationId, captureId, 'duplicates', {})
  const rows = useRowPages(path, Page, range.first, range.last)
  const { page } = rows
  if (!page && rows.error !== undefined) {
    return <ReadProblem sentence={sentenceOf(rows.error)} onRetry={rows.retry} />
  }
  if (!page) {
    return (
      <p role="status" className="px-4 py-6 text-ink-2">
        Opening the heap…
      </p>
    )
  }
  if (page.total === 0) {
    return (
      <EmptyState title="No text is here twice" className="flex-1">
        {page.remark === null ? null : visible(page.remark)}
      </EmptyState>
    )
  }
  return (
    <section aria-label="Duplicate strings" className="flex min-h-0 min-w-0 flex-1 flex-col">
      <p className="shrink-0 border-line border-b bg-panel px-4 py-2 text-ink-2">
        {page.total === 1 ? 'One text is' : `${formatCount(page.total)} texts are`} in this heap more than
        once. One shared copy of each (interned or frozen) would save{' '}
        <b className="font-semibold text-ink">{formatBytes(bytes(page.wastedBytes))}</b>
        {heapBytes > 0 && ` of ${formatBytes(bytes(heapBytes))}`}.{' '}
        {page.remark !== null && <span className="text-ink-3">{visible(page.remark)}</span>}
      </p>
      <VirtualTable<DuplicateString>
        label="Duplicate strings, most wasted bytes first"
        columns={columns(page.wastedBytes)}
        total={rows.total}
        row={rows.row}
        rowKey={rowKey}
        sorting={SORTING}
        onSort={ignore}
        selected={selected === null ? null : String(selected)}
        onSelect={(key) => (key === null ? onClose() : onOpen(Number(key)))}
        onRange={onRange}
        empty={null}
        className="flex-1"
      />
    </section>
  )
}

const rowKey = (row: DuplicateString): string => String(row.example)
const ignore = () => {}

const columns = (wasted: number): Column<DuplicateString>[] => [
  {
    key: 'text',
    header: 'Text',
    title: 'Values are shown one by one, when somebody asks for one.',
    track: 'minmax(130px, 1fr)',
    cell: (row) => (
      <span className="flex min-w-0 items-baseline gap-2">
        <bdi className="shrink-0 font-semibold">{visible(row.className)}</bdi>
        <span className="num truncate text-ink-3">{formatBytes(bytes(row.bytesEach))} each</span>
      </span>
    ),
  },
  {
    key: 'site',
    header: 'Most were made at',
    track: 'minmax(120px, 1.4fr)',
    from: 560,
    cell: (row) =>
      row.site === null ? (
        <span className="text-ink-3">not traced</span>
      ) : (
        <RawText text={row.site} keep="end" className="font-mono text-ink-2 text-xs" />
      ),
  },
  { key: 'count', header: 'Copies', track: '84px', isNumber: true, cell: (row) => formatCount(row.count) },
  {
    key: 'bytes',
    header: 'All together',
    track: '96px',
    isNumber: true,
    from: 480,
    cell: (row) => formatBytes(bytes(row.bytes)),
  },
  {
    key: 'wasted',
    header: 'Would save',
    title: 'All copies but one.',
    track: '96px',
    isNumber: true,
    cell: (row) => formatBytes(bytes(row.wastedBytes)),
  },
  {
    key: 'share',
    header: 'Share',
    title: 'Of all that could be saved.',
    track: '120px',
    isNumber: true,
    from: 720,
    cell: (row) => <ShareBar share={wasted === 0 ? 0 : row.wastedBytes / wasted} />,
  },
]
