import { ChevronRight } from 'lucide-react'
import type { OwnerLine } from '#lib/reports/objects'
import { formatByteChange, formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { visible } from './raw-text.tsx'
import { ShareBar } from './share-bar.tsx'
import type { Sorting } from './table-header.tsx'
import { growthOf } from './treemap-layout.tsx'
import type { Column } from './virtual-table.tsx'

/** Columns of the table below the treemap. Shares are of what the path above retains. */
export function ownerColumns(
  above: number,
  since: string | undefined,
  onDescend: (line: OwnerLine) => void,
): Column<OwnerLine>[] {
  return [
    {
      key: 'name',
      header: 'Owner',
      track: 'minmax(140px, 1fr)',
      sort: 'name',
      cell: (line) => <OwnerName line={line} onDescend={onDescend} />,
    },
    {
      key: 'below',
      header: 'Objects below',
      title: 'Objects that would be freed with it, itself included.',
      track: '104px',
      isNumber: true,
      sort: 'objects',
      from: 460,
      cell: (line) => formatCount(line.retainedObjects),
    },
    {
      key: 'shallow',
      header: 'Shallow',
      title: 'Bytes of the objects at this path themselves.',
      track: '90px',
      isNumber: true,
      sort: 'shallow',
      from: 560,
      cell: (line) => formatBytes(bytes(line.shallowBytes)),
    },
    {
      key: 'retained',
      header: 'Retained',
      title: 'What would be freed with it.',
      track: '92px',
      isNumber: true,
      sort: 'retained',
      cell: (line) => formatBytes(bytes(line.retainedBytes)),
    },
    {
      key: 'share',
      header: 'Share',
      title: 'Of what the path above retains.',
      track: '120px',
      isNumber: true,
      from: 660,
      cell: (line) => <ShareBar share={above === 0 ? 0 : line.retainedBytes / above} />,
    },
    ...(since === undefined
      ? []
      : [
          {
            key: 'since',
            header: `Since ${since}`,
            title: `Change of the retained size at the same names since capture ${since}.`,
            track: '100px',
            isNumber: true,
            sort: 'growth',
            cell: (line: OwnerLine) => <Growth line={line} since={since} />,
          },
        ]),
  ]
}

function OwnerName({ line, onDescend }: { line: OwnerLine; onDescend(line: OwnerLine): void }) {
  const name = visible(line.name)
  return (
    <span className="flex min-w-0 items-baseline gap-1.5" title={name}>
      {line.hasChildren ? (
        <button
          type="button"
          aria-label={`Go into ${name}`}
          onClick={(event) => {
            event.stopPropagation()
            onDescend(line)
          }}
          className="-ml-1 grid size-5 min-h-0! min-w-0! shrink-0 place-items-center self-center rounded-sm text-ink-3 hover:bg-sunken hover:text-ink"
        >
          <ChevronRight size={14} aria-hidden />
        </button>
      ) : (
        <span className="w-4 shrink-0" />
      )}
      {line.edge !== null && line.edge !== '' && (
        <bdi className="max-w-[40%] shrink-0 truncate font-mono text-xs">{visible(line.edge)}</bdi>
      )}
      <bdi className="truncate font-semibold">{name}</bdi>
      {line.count > 1 && <span className="num shrink-0 text-ink-3">× {formatCount(line.count)}</span>}
    </span>
  )
}

function Growth({ line, since }: { line: OwnerLine; since: string }) {
  const growth = growthOf(line)
  if (growth === null) return null
  if (line.since === null) {
    return (
      <span className="text-growth" title={`${since} has no such path.`}>
        {formatByteChange(bytes(growth))} new
      </span>
    )
  }
  return (
    <span className={growth > 0 ? 'text-growth' : growth < 0 ? 'text-steady' : 'text-ink-3'}>
      {growth === 0 ? '0' : formatByteChange(bytes(growth))}
    </span>
  )
}

const ORDERS: Record<string, (a: OwnerLine, b: OwnerLine) => number> = {
  name: (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  objects: (a, b) => a.retainedObjects - b.retainedObjects,
  shallow: (a, b) => a.shallowBytes - b.shallowBytes,
  retained: (a, b) => a.retainedBytes - b.retainedBytes,
  growth: (a, b) => (growthOf(a) ?? 0) - (growthOf(b) ?? 0),
}

/** The lines in a table's order; the number of the path decides between equals. O(lines log lines). */
export function orderedOwners(lines: readonly OwnerLine[], { by, dir }: Sorting): OwnerLine[] {
  const compare = ORDERS[by] ?? ORDERS.retained
  if (!compare) return [...lines]
  return lines.toSorted((a, b) => (dir === 'asc' ? compare(a, b) : compare(b, a)) || a.path - b.path)
}

/** Orders that an address may ask for. */
export const isOwnerOrder = (by: string | null): by is string => by !== null && Object.hasOwn(ORDERS, by)
