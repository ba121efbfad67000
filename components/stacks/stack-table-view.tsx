'use client' // Pages of rows are fetched as they scroll into view.

import clsx from 'clsx'
import { useCallback, useMemo, useState } from 'react'
import { sentenceOf } from '#components/heap/answer'
import { useFilterWords } from '#components/heap/filter-words'
import { visible } from '#components/heap/raw-text'
import { ReadProblem } from '#components/heap/read-problem'
import { useRowPages } from '#components/heap/row-pages'
import { ShareBar } from '#components/heap/share-bar'
import { type Column, VirtualTable } from '#components/heap/virtual-table'
import { Input } from '#components/ui/field'
import { StackTablePage, type StackTableRow } from '#lib/reports/stack-questions'
import { formatCount } from '#lib/units/format'
import { Waiting } from './flame-view.tsx'
import type { StackChoice } from './stack-choice.tsx'
import { amount, change } from './stack-words.tsx'

const GROUPINGS = [
  ['function', 'Functions'],
  ['library', 'Libraries'],
  ['site', 'Places'],
] as const

interface StackTableViewProps {
  readonly path: string
  readonly choice: StackChoice
  readonly label: string
  readonly since: string | undefined
}

/** The stacks as rows: by function, library or place in the source. */
export function StackTableView({ path, choice, label, since }: StackTableViewProps) {
  const isCompared = since !== undefined
  const { by, words: wanted } = choice
  const sort = choice.sort ?? (isCompared ? 'change' : 'own')
  const [range, setRange] = useState({ first: 0, last: 0 })
  const onRange = useCallback((first: number, last: number) => setRange({ first, last }), [])
  const [words, setWords] = useFilterWords(wanted, (q) => choice.set({ q: q || null, row: null }))
  const filter = new URLSearchParams({ by, q: wanted, sort, dir: choice.dir }).toString()
  const rows = useRowPages(`${path}&ask=table&${filter}`, StackTablePage, range.first, range.last)
  // The answer that is shown may still be of the table before.
  const page = rows.page?.by === by ? rows.page : undefined
  const columns = useMemo(() => (page ? stackColumns(page) : []), [page])
  return (
    <section aria-label="Table" className="flex min-h-0 min-w-0 flex-1 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-line border-b bg-panel px-4 py-1.5">
        <fieldset className="flex">
          <legend className="sr-only">Rows are</legend>
          {GROUPINGS.map(([grouping, name]) => (
            <button
              key={grouping}
              type="button"
              aria-pressed={grouping === by}
              onClick={() => choice.set({ by: grouping === 'function' ? null : grouping, row: null })}
              className={clsx(
                'h-7 rounded-md px-2.5 font-[550] text-xs',
                grouping === by ? 'bg-accent-soft text-accent' : 'text-ink-2 hover:bg-sunken hover:text-ink',
              )}
            >
              {name}
            </button>
          ))}
        </fieldset>
        <Input
          type="search"
          aria-label="Filter by function, file or library"
          placeholder="Function, file or library"
          maxLength={200}
          value={words}
          onChange={(event) => setWords(event.target.value)}
          className="h-7! w-52! min-w-32 flex-1 sm:flex-none"
        />
        <span
          className="min-w-0 flex-1 truncate text-right text-ink-3 text-xs max-sm:basis-full"
          aria-live="polite"
        >
          {page && totalWords(page)}
        </span>
      </div>
      {rows.error !== undefined && !page ? (
        <ReadProblem sentence={sentenceOf(rows.error)} onRetry={rows.retry} />
      ) : page ? (
        <VirtualTable<StackTableRow>
          key={by}
          label={`${GROUPINGS.find(([grouping]) => grouping === by)?.[1] ?? 'Rows'} of ${visible(label)}`}
          columns={columns}
          total={rows.total}
          row={rows.row}
          rowKey={(row) => row.key}
          sorting={{ by: sort, dir: choice.dir }}
          onSort={(sorting) => choice.set({ sort: sorting.by, dir: sorting.dir === 'asc' ? 'asc' : null })}
          selected={choice.row}
          onSelect={(row) => choice.set({ row })}
          onRange={onRange}
          empty={
            <p className="px-4 py-5 text-ink-2">
              {page.all === 0
                ? `There is nothing of this kind in the capture: no ${page.words}.`
                : 'No row matches the filter.'}
            </p>
          }
          className="flex-1"
        />
      ) : (
        <Waiting />
      )}
    </section>
  )
}

const totalWords = (page: StackTablePage): string =>
  `${formatCount(page.total)}${page.total === page.all ? '' : ` of ${formatCount(page.all)}`} rows · ${amount(page.sum, page.isBytes)}`

function stackColumns({ by, sum, isBytes, earlierSum }: StackTablePage): Column<StackTableRow>[] {
  const columns: Column<StackTableRow>[] = [
    {
      key: 'name',
      header: by === 'library' ? 'Library' : 'Function',
      track: 'minmax(180px, 3fr)',
      sort: 'name',
      cell: (row) => <FunctionName name={row.name} place={row.place} />,
    },
    {
      key: 'own',
      header: 'Own',
      title: 'Allocated by it, or by the platform’s code that it called. The rows sum to everything.',
      track: 'minmax(84px, 1fr)',
      isNumber: true,
      sort: 'own',
      cell: (row) => amount(row.own, isBytes),
    },
    {
      key: 'share',
      header: 'Share',
      title: 'What is its own, of everything that is shown',
      track: 'minmax(110px, 1fr)',
      isNumber: true,
      from: 720,
      cell: (row) => <ShareBar share={sum > 0 ? row.own / sum : 0} />,
    },
    {
      key: 'total',
      header: 'With callees',
      title: 'Allocated by it and by everything that it called. Rows overlap: do not add them.',
      track: 'minmax(92px, 1fr)',
      isNumber: true,
      from: 480,
      sort: 'total',
      cell: (row) => amount(row.total, isBytes),
    },
  ]
  if (earlierSum !== null)
    columns.push({
      key: 'change',
      header: 'Change',
      title: 'With callees, since the earlier capture',
      track: 'minmax(92px, 1fr)',
      isNumber: true,
      sort: 'change',
      cell: (row) => <Change value={row.total - (row.earlier ?? 0)} isBytes={isBytes} />,
    })
  if (by !== 'library')
    columns.push({
      key: 'library',
      header: 'Library',
      track: 'minmax(110px, 1fr)',
      from: 900,
      cell: (row) => <bdi className="block truncate text-ink-2">{visible(row.library)}</bdi>,
    })
  return columns
}

function FunctionName({ name, place }: { name: string; place: string }) {
  const shown = visible(name)
  const where = visible(place)
  return (
    <span className="flex min-w-0 items-baseline gap-2" title={where === '' ? shown : `${shown}\n${where}`}>
      <bdi className="shrink-0 truncate font-mono font-semibold text-xs [max-width:70%]">{shown}</bdi>
      <bdi dir="rtl" className="min-w-0 truncate text-left text-ink-3 text-xs">
        <bdi dir="ltr">{where}</bdi>
      </bdi>
    </span>
  )
}

export function Change({ value, isBytes }: { value: number; isBytes: boolean }) {
  return (
    <span className={clsx(value > 0 ? 'text-growth' : value < 0 ? 'text-managed' : 'text-ink-3')}>
      {value === 0 ? 'same' : change(value, isBytes)}
    </span>
  )
}
