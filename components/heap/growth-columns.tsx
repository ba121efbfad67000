import type { LedgerState } from '#lib/investigation/ledger-state'
import type { GrowthPage, GrowthRow } from '#lib/reports/growth-report'
import { formatByteChange, formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { GroupName } from './group-name.tsx'
import { RawText, visible } from './raw-text.tsx'
import { SHAPES, ShapeTag } from './shape-tag.tsx'
import { ShareBar } from './share-bar.tsx'
import { Sparkline } from './sparkline.tsx'
import type { Column } from './virtual-table.tsx'

/** What the capture columns and the change count. */
export type Measure = 'count' | 'bytes'

/** This many captures get a column each; of more, the first and the last four do. The line shows all. */
const MOST_COLUMNS = 6

/** What the table says of a row beside its numbers. */
export interface RowWords {
  /** Who keeps most of what grew; undefined when nothing single does. */
  holderOf(row: GrowthRow): string | undefined
  ledgerOf(row: GrowthRow): LedgerState | null
  readonly hasRetained: boolean
}

/** Columns of the growth table for these captures. `letters` are in the order of the answer's captures. */
export function growthColumns(
  captures: GrowthPage['captures'],
  letters: readonly string[],
  measure: Measure,
  about: RowWords,
): Column<GrowthRow>[] {
  const hasRequests = captures.some((capture) => capture.requestCount !== null)
  return [
    {
      key: 'group',
      header: 'Class and site',
      track: 'minmax(150px, 1fr)',
      sort: 'class',
      cell: (row) => (
        <GroupName
          className={row.className}
          type={row.type}
          site={row.site ? row.siteWords : (row.owner ?? null)}
          mark={about.ledgerOf(row)}
        />
      ),
    },
    {
      key: 'holder',
      header: 'Held by',
      title: 'What keeps most of the growth alive, from the last capture.',
      track: 'minmax(120px, 0.6fr)',
      from: 1280,
      cell: (row) => <RawText text={about.holderOf(row) ?? ''} className="text-ink-2 text-xs" />,
    },
    ...shownCaptures(captures.length).map(
      (at): Column<GrowthRow> => ({
        key: `capture-${at}`,
        header: letters[at] ?? '',
        title: visible(captures[at]?.label ?? ''),
        track: measure === 'count' ? '76px' : '86px',
        isNumber: true,
        from: 540 + 50 * Math.min(MOST_COLUMNS, captures.length),
        cell: (row) => amount(row, at, measure),
      }),
    ),
    {
      key: 'trend',
      header: 'Trend',
      track: '80px',
      from: 540,
      cell: (row) => (
        <Sparkline values={measure === 'count' ? row.counts : row.bytes} tone={SHAPES[row.shape].line} />
      ),
    },
    {
      key: 'change',
      header: 'Change',
      title: 'From the first to the last of these captures.',
      track: '88px',
      isNumber: true,
      sort: measure,
      cell: (row) => changeOf(row, measure),
    },
    ...(about.hasRetained
      ? [
          {
            key: 'retained',
            header: 'Retained',
            title: 'Change of what would be freed with all objects of the row.',
            track: '92px',
            isNumber: true,
            sort: 'retained',
            from: 780,
            cell: (row: GrowthRow) =>
              row.retainedChange === undefined ? '–' : formatByteChange(bytes(row.retainedChange)),
          },
        ]
      : []),
    ...(hasRequests
      ? [
          {
            key: 'per-request',
            header: 'Per request',
            title: 'Change from the first to the last capture, per request served between them.',
            track: '88px',
            isNumber: true,
            from: 860,
            cell: (row: GrowthRow) => perRequest(row, measure),
          },
        ]
      : []),
    {
      key: 'share',
      header: 'Share of growth',
      title: "This group's part of all bytes by which groups grew.",
      track: '116px',
      isNumber: true,
      sort: 'share',
      // Where it would take the name's room, the suspects above still tell it.
      from: 1180,
      cell: (row) => <ShareBar share={row.shareOfGrowth} tone={row.isSuspect ? 'bg-growth' : 'bg-ink-3'} />,
    },
    {
      key: 'shape',
      header: 'Shape',
      track: '148px',
      sort: 'shape',
      cell: (row) => <ShapeTag shape={row.shape} />,
    },
  ]
}

function shownCaptures(captures: number): number[] {
  const all = Array.from({ length: captures }, (_, at) => at)
  return captures <= MOST_COLUMNS ? all : [0, ...all.slice(-4)]
}

const amount = (row: GrowthRow, at: number, measure: Measure): string =>
  measure === 'count' ? formatCount(row.counts[at] ?? 0) : formatBytes(bytes(row.bytes[at] ?? 0))

/** "+10,000", "−12", "0"; or in bytes. */
export function changeOf(row: GrowthRow, measure: Measure): string {
  if (measure === 'bytes') return formatByteChange(bytes(row.bytesChange))
  const { countChange } = row
  return `${countChange > 0 ? '+' : countChange < 0 ? '−' : ''}${formatCount(Math.abs(countChange))}`
}

/** "1.00" objects or "48 B" per request; "–" where request counts are not known for all captures. */
export const perRequest = (row: GrowthRow, measure: Measure): string => rateOf(row.perRequest, measure)

/** The same per hour; "–" where the times are not known for all captures. */
export const perHour = (row: GrowthRow, measure: Measure): string => rateOf(row.perHour, measure)

function rateOf(rate: GrowthRow['perRequest'], measure: Measure): string {
  if (!rate) return '–'
  const { objects, bytes: size } = rate
  if (measure === 'bytes') return Math.abs(size) < 10 ? `${fixed(size)} B` : formatBytes(bytes(size))
  return fixed(objects)
}

const fixed = (value: number): string => value.toFixed(2).replace('-', '−').replace('−0.00', '0.00')
