'use client' // Sorting is state of this view.

import { useCallback, useMemo, useState } from 'react'
import { RawText, visible } from '#components/heap/raw-text'
import type { Sorting } from '#components/heap/table-header'
import { type Column, VirtualTable } from '#components/heap/virtual-table'
import type { QueryAnswer } from '#lib/reports/query-answer'
import { columnShows } from '#lib/reports/query-tables'
import { cellWords, type ResultRow, sortedRows } from './result-order.tsx'

interface ResultTableProps {
  readonly answer: QueryAnswer
  /** Opens an object in the inspector; absent where a capture has none. */
  readonly onOpen: ((object: number) => void) | undefined
}

interface Line {
  readonly key: string
  readonly cells: ResultRow
}

/** An answer's rows as a table: sorted by its headers, objects as links to the inspector. */
export function ResultTable({ answer, onOpen }: ResultTableProps) {
  const [sorting, setSorting] = useState<Sorting>({ by: '', dir: 'desc' })
  const [selected, setSelected] = useState<string | null>(null)
  const lines = useMemo(() => {
    const numbered = answer.rows.map((cells, at): Line => ({ key: String(at), cells }))
    if (sorting.by === '') return numbered
    const column = Number(sorting.by)
    const keyed = new Map(numbered.map((line) => [line.cells, line]))
    return sortedRows(answer.rows, column, sorting.dir).flatMap((cells) => keyed.get(cells) ?? [])
  }, [answer, sorting])
  const columns = useMemo(() => tableColumns(answer, onOpen), [answer, onOpen])
  const rowAt = useCallback((index: number) => lines[index], [lines])
  return (
    <VirtualTable<Line>
      label="Answer"
      columns={columns}
      total={lines.length}
      row={rowAt}
      rowKey={lineKey}
      sorting={sorting}
      onSort={setSorting}
      selected={selected}
      onSelect={setSelected}
      onRange={ignore}
      empty={<p className="px-4 py-6 text-ink-2">No row answers this.</p>}
      className="flex-1"
    />
  )
}

const lineKey = ({ key }: Line): string => key
const ignore = () => {}

function tableColumns({ columns }: QueryAnswer, onOpen: ResultTableProps['onOpen']): Column<Line>[] {
  return columns.map(({ name, kind, type }, at) => {
    const opens = kind === 'number' && columnShows(name) === 'object' ? onOpen : undefined
    return {
      key: String(at),
      header: visible(name),
      title: visible(type),
      track: kind === 'number' || kind === 'boolean' ? 'minmax(92px, 0.6fr)' : 'minmax(140px, 1.4fr)',
      isNumber: kind === 'number',
      sort: String(at),
      cell: ({ cells }) => {
        const cell = cells[at] ?? null
        const words = cellWords(cell, name)
        if (words === null) return <span className="text-ink-3">–</span>
        if (opens && typeof cell === 'number')
          return (
            <button
              type="button"
              className="num text-accent underline-offset-2 hover:underline"
              onClick={(event) => {
                event.stopPropagation()
                opens(cell)
              }}
            >
              {words}
            </button>
          )
        if (kind === 'number') return <span title={String(cell)}>{visible(words)}</span>
        return <RawText text={words} className={kind === 'text' ? 'font-mono text-xs' : ''} />
      },
    }
  })
}
