import clsx from 'clsx'
import { ArrowDown, ArrowUp } from 'lucide-react'

/** The column that a table is sorted by, as the server names it. */
export interface Sorting {
  readonly by: string
  readonly dir: 'asc' | 'desc'
}

interface HeaderColumn {
  readonly key: string
  readonly header: string
  readonly title?: string
  readonly isNumber?: boolean
  readonly sort?: string
}

interface TableHeaderProps {
  readonly columns: readonly HeaderColumn[]
  /** The CSS grid's columns, the same as the rows'. */
  readonly tracks: string
  readonly sorting: Sorting
  readonly onSort: (sorting: Sorting) => void
}

/** The header row of a grid: stays in view, sorts when pressed. */
export function TableHeader({ columns, tracks, sorting, onSort }: TableHeaderProps) {
  return (
    <thead className="sticky top-0 z-10 block">
      <tr
        aria-rowindex={1}
        className="grid h-7 items-center border-line border-b bg-panel text-ink-3 text-xs"
        style={{ gridTemplateColumns: tracks }}
      >
        {columns.map((column) => (
          <th
            key={column.key}
            scope="col"
            aria-sort={ariaSort(column, sorting)}
            className={clsx(
              'block min-w-0 px-2 text-left font-medium first:pl-4 last:pr-4',
              column.isNumber && 'text-right',
            )}
          >
            <HeaderCell column={column} sorting={sorting} onSort={onSort} />
          </th>
        ))}
      </tr>
    </thead>
  )
}

function HeaderCell({
  column,
  sorting,
  onSort,
}: Pick<TableHeaderProps, 'sorting' | 'onSort'> & { column: HeaderColumn }) {
  const { sort } = column
  if (sort === undefined) {
    return (
      <span className="block truncate" title={column.title}>
        {column.header}
      </span>
    )
  }
  const isSorted = sorting.by === sort
  const Arrow = sorting.dir === 'asc' ? ArrowUp : ArrowDown
  // Numbers are worth looking at from the top, words from the front.
  const next = isSorted ? opposite(sorting.dir) : column.isNumber ? 'desc' : 'asc'
  return (
    <button
      type="button"
      title={column.title}
      onClick={() => onSort({ by: sort, dir: next })}
      className={clsx(
        'inline-flex max-w-full items-center gap-0.5 rounded-sm hover:text-ink',
        isSorted && 'font-semibold text-ink',
      )}
    >
      <span className="truncate">{column.header}</span>
      {isSorted && <Arrow size={11} className="shrink-0" aria-hidden />}
    </button>
  )
}

const opposite = (dir: Sorting['dir']): Sorting['dir'] => (dir === 'asc' ? 'desc' : 'asc')

function ariaSort(column: HeaderColumn, sorting: Sorting): 'ascending' | 'descending' | 'none' | undefined {
  if (column.sort === undefined) return undefined
  if (column.sort !== sorting.by) return 'none'
  return sorting.dir === 'asc' ? 'ascending' : 'descending'
}
