'use client' // Only the rows in view are in the page.

import { useVirtualizer } from '@tanstack/react-virtual'
import clsx from 'clsx'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from 'react'
import { useElementWidth } from './element-width.tsx'
import { type Sorting, TableHeader } from './table-header.tsx'

export interface Column<Row> {
  readonly key: string
  readonly header: string
  /** What the column means, in a sentence. */
  readonly title?: string
  /** Its track in the row's CSS grid. */
  readonly track: string
  /** Numbers stand at the end. */
  readonly isNumber?: boolean
  /** The name that the server sorts by; absent: cannot be sorted. */
  readonly sort?: string
  /** Shown when the table has at least this many pixels. */
  readonly from?: number
  /** Shown when the table has fewer pixels than this. */
  readonly below?: number
  readonly cell: (row: Row, index: number) => ReactNode
}

export interface VirtualTableProps<Row> {
  /** What the table is, for those who do not see it. */
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly total: number
  /** `undefined` while the row is on its way. */
  readonly row: (index: number) => Row | undefined
  readonly rowKey: (row: Row) => string
  readonly sorting: Sorting
  readonly onSort: (sorting: Sorting) => void
  readonly selected: string | null
  readonly onSelect: (key: string | null) => void
  /** Rows `first` to `last` came into view. */
  readonly onRange: (first: number, last: number) => void
  /** A key was pressed that the table itself does not know; `row` is the selected one. */
  readonly onKey?: (event: KeyboardEvent, row: Row) => void
  /** Said in place of the rows when there are none. */
  readonly empty: ReactNode
  readonly className?: string
}

const ROW_PIXELS = 31
const HEADER_PIXELS = 28

/**
 * A table of any length: sorted by its headers, walked with the arrow keys. Rows that are not in view do not exist in
 * the page, so the roles and counts of a grid are written out for screen readers.
 */
export function VirtualTable<Row>(props: VirtualTableProps<Row>) {
  const { total, onRange, rowKey, row, selected, onSelect } = props
  const scroller = useRef<HTMLDivElement>(null)
  const width = useElementWidth(scroller)
  const id = useId()
  const columns = props.columns.filter(({ from = 0, below = Infinity }) => width >= from && width < below)
  const tracks = columns.map((column) => column.track).join(' ')

  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PIXELS,
    overscan: 12,
    scrollPaddingStart: HEADER_PIXELS,
    // The first paint (and the server) has no size to go by: a screenful.
    initialRect: { width: 800, height: 600 },
  })
  const shown = virtual.getVirtualItems()
  const first = shown[0]?.index ?? 0
  const last = shown.at(-1)?.index ?? 0
  useEffect(() => onRange(first, last), [first, last, onRange])

  const { by, dir } = props.sorting
  // biome-ignore lint/correctness/useExhaustiveDependencies: another order begins at its top.
  useEffect(() => {
    scroller.current?.scrollTo(0, 0)
  }, [by, dir])

  // Where the arrow keys go on from. The selected row may have scrolled out of view or been sorted elsewhere.
  const cursor = useRef(-1)
  const at = shown.find((item) => {
    const here = row(item.index)
    return here !== undefined && rowKey(here) === selected
  })
  if (at) cursor.current = at.index

  const walk = (to: number) => {
    const index = Math.max(0, Math.min(total - 1, to))
    const there = row(index)
    virtual.scrollToIndex(index, { align: 'auto' })
    cursor.current = index
    if (there !== undefined) onSelect(rowKey(there))
  }

  const onKeyDown = (event: KeyboardEvent) => {
    // Keys inside a link or a button of a row are theirs.
    if (event.target !== event.currentTarget || total === 0) return
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const screenful = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 300) / ROW_PIXELS) - 2)
    const step = STEPS[event.key]?.(cursor.current, screenful, total)
    if (step !== undefined) {
      event.preventDefault()
      walk(step)
    } else if (event.key === 'Escape' && selected !== null) {
      event.preventDefault()
      onSelect(null)
    } else if (at) {
      const here = row(at.index)
      if (here !== undefined) props.onKey?.(event, here)
    }
  }

  return (
    <div ref={scroller} className={clsx('min-h-0 overflow-auto bg-panel', props.className)}>
      <table
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: ARIA in HTML allows it; its rows can be selected.
        role="grid"
        aria-label={props.label}
        aria-rowcount={total + 1}
        aria-colcount={columns.length}
        aria-activedescendant={at ? `${id}-${at.index}` : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
        className="block min-h-full -outline-offset-2"
      >
        <TableHeader columns={columns} tracks={tracks} sorting={props.sorting} onSort={props.onSort} />
        <tbody className="relative block" style={{ height: virtual.getTotalSize() }}>
          {shown.map((item) => {
            const here = row(item.index)
            const isSelected = here !== undefined && rowKey(here) === selected
            return (
              <tr
                key={item.key}
                id={`${id}-${item.index}`}
                aria-rowindex={item.index + 2}
                aria-selected={isSelected}
                onClick={() => here !== undefined && onSelect(isSelected ? null : rowKey(here))}
                className={clsx(
                  'absolute inset-x-0 top-0 grid cursor-default items-center border-line border-b text-sm',
                  isSelected ? 'bg-accent-soft' : 'hover:bg-sunken',
                )}
                style={{
                  gridTemplateColumns: tracks,
                  height: ROW_PIXELS,
                  transform: `translateY(${item.start}px)`,
                }}
              >
                {columns.map((column) => (
                  <td
                    key={column.key}
                    className={clsx(
                      'block min-w-0 px-2 first:pl-4 last:pr-4',
                      column.isNumber && 'num whitespace-nowrap text-right',
                    )}
                  >
                    {here === undefined ? <Waiting /> : column.cell(here, item.index)}
                  </td>
                ))}
              </tr>
            )
          })}
        </tbody>
      </table>
      {total === 0 && props.empty}
    </div>
  )
}

/** Where a key leads from row `at`. */
const STEPS: Record<string, (at: number, screenful: number, total: number) => number> = {
  ArrowDown: (at) => at + 1,
  ArrowUp: (at) => at - 1,
  PageDown: (at, screenful) => at + screenful,
  PageUp: (at, screenful) => at - screenful,
  Home: () => 0,
  End: (_at, _screenful, total) => total - 1,
}

function Waiting() {
  return <span className="block h-2 w-3/5 rounded-sm bg-sunken" aria-hidden="true" />
}
