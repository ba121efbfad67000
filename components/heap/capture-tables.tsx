'use client' // Tabs, sorting and filtering.

import clsx from 'clsx'
import { Download } from 'lucide-react'
import Link from 'next/link'
import { useCallback, useMemo, useState } from 'react'
import { useRoom } from '#components/room/room-context'
import { buttonClass } from '#components/ui/button'
import { Input } from '#components/ui/field'
import { CaptureTable, RowOrder, RowsPage, type TableRow } from '#lib/reports/rows'
import { formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { sentenceOf } from './answer.tsx'
import { captureColumns, TABLES } from './capture-columns.tsx'
import { useFilterWords } from './filter-words.tsx'
import { type QueryState, useQueryState } from './query-state.tsx'
import { visible } from './raw-text.tsx'
import { ReadProblem } from './read-problem.tsx'
import { useRowPages } from './row-pages.tsx'
import type { Sorting } from './table-header.tsx'
import { VirtualTable } from './virtual-table.tsx'

interface CaptureTablesProps {
  readonly captureId: string
  readonly heapBytes: number
  readonly label: string
}

/** The tables of a capture, one at a time; table, order, filter and row are in the address. */
export function CaptureTables({ captureId, heapBytes, label }: CaptureTablesProps) {
  const { investigationId } = useRoom()
  const query = useQueryState()
  const view = tableView(query)
  const [range, setRange] = useState({ first: 0, last: 0 })
  const onRange = useCallback((first: number, last: number) => setRange({ first, last }), [])
  const [words, setWords] = useFilterWords(view.words, (q) => query.set({ q: q || null, row: null }))
  const path = `/api/investigations/${investigationId}/captures/${captureId}/rows?${view.filter}`
  const rows = useRowPages(path, RowsPage, range.first, range.last)
  // The answer that is shown may still be of the table before.
  const isOfTable = rows.page?.table === view.table
  const page = isOfTable ? rows.page : undefined
  const columns = useMemo(() => captureColumns(view.table, heapBytes), [view.table, heapBytes])

  return (
    <>
      <nav
        aria-label="Tables"
        className="flex shrink-0 items-center gap-0.5 overflow-x-auto border-line border-b bg-panel px-3"
      >
        {CaptureTable.options.toSorted(byTab).map((table) => (
          <TableTab key={table} table={table} isOpen={table === view.table} query={query} />
        ))}
      </nav>
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-line border-b bg-panel px-4 py-1.5">
        <Input
          type="search"
          aria-label="Filter by class, type or allocation site"
          placeholder={view.table === 'generations' ? 'Generation' : 'Class, type or site'}
          maxLength={200}
          value={words}
          onChange={(event) => setWords(event.target.value)}
          className="h-7! w-52! min-w-32 flex-1 sm:flex-none"
        />
        <span className="min-w-0 flex-1 truncate text-right text-ink-3 text-xs" aria-live="polite">
          {page && totalWords(page)}
        </span>
        <a href={`${path}&as=csv`} download className={buttonClass('plain', 'small')}>
          <Download size={13} aria-hidden /> CSV
        </a>
      </div>
      {rows.error !== undefined && !page ? (
        <ReadProblem sentence={sentenceOf(rows.error)} onRetry={rows.retry} />
      ) : page ? (
        <VirtualTable<TableRow>
          // Another table begins at its top.
          key={view.table}
          label={`${TABLES[view.table].name} of ${visible(label)}`}
          columns={columns}
          total={rows.total}
          row={rows.row}
          rowKey={rowKey}
          sorting={view.sorting}
          onSort={({ by, dir }) => query.set({ sort: by, dir })}
          selected={view.row}
          onSelect={(row) => query.set({ row })}
          onRange={onRange}
          empty={<p className="px-4 py-5 text-ink-2">{emptyWords(page)}</p>}
          className="flex-1"
        />
      ) : (
        <p role="status" className="px-4 py-6 text-ink-2">
          Fetching the rows…
        </p>
      )}
      {view.row !== null && <SelectedRow text={view.row} />}
    </>
  )
}

const rowKey = (row: TableRow): string => row.key
const TAB_ORDER = Object.keys(TABLES)
const byTab = (a: CaptureTable, b: CaptureTable): number => TAB_ORDER.indexOf(a) - TAB_ORDER.indexOf(b)

function TableTab({ table, isOpen, query }: { table: CaptureTable; isOpen: boolean; query: QueryState }) {
  const changes = { table, sort: null, dir: null, row: null }
  return (
    <Link
      href={query.href(changes)}
      replace
      onNavigate={(event) => {
        // The same without a round trip to the server.
        event.preventDefault()
        query.set(changes)
      }}
      aria-current={isOpen ? 'page' : undefined}
      className={clsx(
        'flex h-[39px] shrink-0 items-center border-b-2 px-2.5 font-[550]',
        isOpen ? 'border-ink text-ink' : 'border-transparent text-ink-2 hover:text-ink',
      )}
    >
      {TABLES[table].name}
    </Link>
  )
}

/** The whole of the selected row's name: on a phone the table shows only its end. */
function SelectedRow({ text }: { text: string }) {
  return (
    <p className="num shrink-0 border-line-strong border-t bg-panel px-4 py-2 [overflow-wrap:anywhere]">
      <bdi>{visible(text)}</bdi>
    </p>
  )
}

interface TableView {
  readonly table: CaptureTable
  readonly words: string
  readonly sorting: Sorting
  readonly row: string | null
  /** The same for the server. */
  readonly filter: string
}

/** What the address says about the table; whatever it says wrong is left out. */
function tableView(query: QueryState): TableView {
  const table = CaptureTable.safeParse(query.get('table')).data ?? 'classes'
  const words = (query.get('q') ?? '').slice(0, 200)
  const { sorting: usual } = TABLES[table]
  const asked = RowOrder.safeParse(query.get('sort')).data
  const dir = query.get('dir')
  const sorting: Sorting = asked === undefined ? usual : { by: asked, dir: dir === 'asc' ? 'asc' : 'desc' }
  const filter = new URLSearchParams({ table, q: words, sort: sorting.by, dir: sorting.dir }).toString()
  return { table, words, sorting, row: query.get('row'), filter }
}

const totalWords = (page: RowsPage): string =>
  `${formatCount(page.total)}${page.total === page.all ? '' : ` of ${formatCount(page.all)}`} rows · ${formatCount(page.count)} objects · ${formatBytes(bytes(page.bytes))}`

const emptyWords = (page: RowsPage): string =>
  page.all === 0 ? 'This table is empty: the dump does not tell.' : 'No row matches the filter.'
