'use client' // Tabs, sorting and filtering.

import { Download } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'
import { useRoom } from '#components/room/room-context'
import { buttonClass } from '#components/ui/button'
import { Input } from '#components/ui/field'
import { type CaptureTable, RowOrder, RowsPage, type TableRow } from '#lib/reports/rows'
import { formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { sentenceOf } from './answer.tsx'
import { captureColumns, type SiteKind, TABLES, tableName } from './capture-columns.tsx'
import { useFilterWords } from './filter-words.tsx'
import type { LetteredCapture } from './growth-choice.tsx'
import { type QueryState, useQueryState } from './query-state.tsx'
import { visible } from './raw-text.tsx'
import { ReadProblem } from './read-problem.tsx'
import { useRowPages } from './row-pages.tsx'
import type { Sorting } from './table-header.tsx'
import { VirtualTable } from './virtual-table.tsx'

interface CaptureTablesProps {
  readonly captureId: string
  readonly table: CaptureTable
  readonly heapBytes: number
  readonly label: string
  readonly since: LetteredCapture | undefined
  readonly siteKind: SiteKind
}

/** One table of a capture; order, filter and row are in the address. A row opens its objects beside it. */
export function CaptureTables({ captureId, table, heapBytes, label, since, siteKind }: CaptureTablesProps) {
  const { investigationId } = useRoom()
  const query = useQueryState()
  const view = tableView(query, table, since !== undefined)
  const [range, setRange] = useState({ first: 0, last: 0 })
  const onRange = useCallback((first: number, last: number) => setRange({ first, last }), [])
  const [words, setWords] = useFilterWords(view.words, (q) => query.set({ q: q || null }))
  const compared = since ? `&since=${since.capture.id}` : ''
  const path = `/api/investigations/${investigationId}/captures/${captureId}/rows?${view.filter}${compared}`
  const rows = useRowPages(path, RowsPage, range.first, range.last)
  // The answer that is shown may still be of the table before.
  const isOfTable = rows.page?.table === table
  const page = isOfTable ? rows.page : undefined
  const hasRetained = page?.rows[0]?.retainedBytes != null
  const letter = page?.rows[0]?.since ? since?.letter : undefined
  const columns = useMemo(
    () => captureColumns(table, { heapBytes, hasRetained, since: letter, siteKind }),
    [table, heapBytes, hasRetained, letter, siteKind],
  )

  return (
    <section aria-label={tableName(table, siteKind)} className="flex min-h-0 min-w-0 flex-1 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-line border-b bg-panel px-4 py-1.5">
        <Input
          type="search"
          aria-label="Filter by class, type or site"
          placeholder={table === 'generations' ? 'Generation' : 'Class, type or site'}
          maxLength={200}
          value={words}
          onChange={(event) => setWords(event.target.value)}
          className="h-7! w-52! min-w-32 flex-1 sm:flex-none"
        />
        <span
          className="min-w-0 flex-1 truncate text-right text-ink-3 text-xs max-sm:whitespace-normal"
          aria-live="polite"
        >
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
          key={table}
          label={`${tableName(table, siteKind)} of ${visible(label)}`}
          columns={columns}
          total={rows.total}
          row={rows.row}
          rowKey={rowKey}
          sorting={view.sorting}
          onSort={({ by, dir }) => query.set({ sort: by, dir })}
          selected={view.row}
          onSelect={(row) => query.set({ row, object: null })}
          onRange={onRange}
          empty={<p className="px-4 py-5 text-ink-2">{emptyWords(page)}</p>}
          className="flex-1"
        />
      ) : (
        <p role="status" className="px-4 py-6 text-ink-2">
          Fetching the rows…
        </p>
      )}
    </section>
  )
}

const rowKey = (row: TableRow): string => row.key

interface TableView {
  readonly words: string
  readonly sorting: Sorting
  readonly row: string | null
  /** The same for the server. */
  readonly filter: string
}

/** What the address says about the table; whatever it says wrong is left out. */
function tableView(query: QueryState, table: CaptureTable, isCompared: boolean): TableView {
  const words = (query.get('q') ?? '').slice(0, 200)
  const { sorting: usual } = TABLES[table]
  const asked = RowOrder.safeParse(query.get('sort')).data
  const dir = query.get('dir')
  // What has changed most is what one compares for.
  const first: Sorting = isCompared && table !== 'generations' ? { by: 'change', dir: 'desc' } : usual
  const sorting: Sorting = asked === undefined ? first : { by: asked, dir: dir === 'asc' ? 'asc' : 'desc' }
  const filter = new URLSearchParams({ table, q: words, sort: sorting.by, dir: sorting.dir }).toString()
  return { words, sorting, row: query.get('row'), filter }
}

const totalWords = (page: RowsPage): string =>
  `${formatCount(page.total)}${page.total === page.all ? '' : ` of ${formatCount(page.all)}`} rows · ${formatCount(page.count)} objects · ${formatBytes(bytes(page.bytes))}`

const emptyWords = (page: RowsPage): string =>
  page.all === 0 ? 'This table is empty: the dump does not tell.' : 'No row matches the filter.'
