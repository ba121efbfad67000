import type { HeapTotals } from '#lib/reports/heap-report'
import type { CaptureTable, TableRow } from '#lib/reports/rows'
import { formatByteChange, formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { GroupName } from './group-name.tsx'
import { RawText, visible } from './raw-text.tsx'
import { ShareBar } from './share-bar.tsx'
import type { Sorting } from './table-header.tsx'
import type { Column } from './virtual-table.tsx'

/** What sites say: where objects were allocated, or where their class or function is defined. */
export type SiteKind = HeapTotals['siteKind']

/** The tables of a capture's page, in the order of their tabs. */
export const TABLES: Record<CaptureTable, { readonly name: string; readonly sorting: Sorting }> = {
  classes: { name: 'Classes', sorting: { by: 'bytes', dir: 'desc' } },
  sites: { name: 'Allocation sites', sorting: { by: 'bytes', dir: 'desc' } },
  types: { name: 'Types', sorting: { by: 'bytes', dir: 'desc' } },
  generations: { name: 'Generations', sorting: { by: 'generation', dir: 'asc' } },
  groups: { name: 'All groups', sorting: { by: 'bytes', dir: 'desc' } },
}

/** A table's name: where the sites are definitions (V8 without a recording), they are called so. */
export const tableName = (table: CaptureTable, siteKind: SiteKind): string =>
  table === 'sites' && siteKind === 'definition' ? 'Definitions' : TABLES[table].name

/** What the columns of a table are made for. */
interface ColumnChoice {
  /** Shares are of the whole heap. */
  readonly heapBytes: number
  /** Do the rows say what they retain? */
  readonly hasRetained: boolean
  /** The letter of the capture that is compared with. */
  readonly since: string | undefined
  readonly siteKind: SiteKind
}

/** Columns of one table. */
export function captureColumns(table: CaptureTable, choice: ColumnChoice): Column<TableRow>[] {
  return [
    ...NAMES[table].map((column) => withSiteWords(column, choice.siteKind)),
    ...NUMBERS,
    ...(choice.hasRetained ? [retainedColumn] : []),
    ...(choice.since === undefined ? [] : sinceColumns(choice.since)),
    shareColumn(choice),
  ]
}

const classColumn: Column<TableRow> = {
  key: 'class',
  header: 'Class',
  track: 'minmax(130px, 1fr)',
  sort: 'class',
  cell: (row) => <RawText text={row.className ?? 'no class'} className="font-semibold" />,
}

const typeColumn: Column<TableRow> = {
  key: 'type',
  header: 'Type',
  title: "The runtime's internal kind of object.",
  track: '110px',
  sort: 'type',
  from: 620,
  cell: (row) => <RawText text={row.type ?? ''} className="text-ink-2" />,
}

const siteColumn: Column<TableRow> = {
  key: 'site',
  header: 'Allocation site',
  track: 'minmax(150px, 1.6fr)',
  sort: 'site',
  cell: (row) => <SiteName row={row} />,
}

/** Below this many pixels class and site share a column. */
const NARROW = 520

const NAMES: Record<CaptureTable, readonly Column<TableRow>[]> = {
  classes: [classColumn],
  sites: [siteColumn, { ...classColumn, track: 'minmax(110px, 0.8fr)', from: 560 }],
  types: [{ ...typeColumn, track: 'minmax(120px, 1fr)', from: 0 }],
  groups: [
    {
      ...classColumn,
      key: 'group',
      header: 'Class and allocation site',
      below: NARROW,
      cell: (row) => (
        <GroupName className={row.className ?? 'no class'} type={row.type ?? ''} site={row.site} />
      ),
    },
    { ...classColumn, from: NARROW },
    { ...siteColumn, from: NARROW },
    typeColumn,
  ],
  generations: [
    {
      key: 'generation',
      header: 'Allocation generation',
      title: 'How many garbage collections had run when the objects were allocated.',
      track: 'minmax(130px, 1fr)',
      sort: 'generation',
      cell: (row) => <span className="num">{generationWords(row.generation)}</span>,
    },
  ],
}

/** Headers say "allocation site"; where sites are definitions, what they are. */
const withSiteWords = (column: Column<TableRow>, siteKind: SiteKind): Column<TableRow> =>
  siteKind === 'allocation'
    ? column
    : { ...column, header: DEFINITION_HEADERS.get(column.header) ?? column.header }
const DEFINITION_HEADERS: ReadonlyMap<string, string> = new Map([
  ['Allocation site', 'Defined at'],
  ['Class and allocation site', 'Class and definition'],
])

const NUMBERS: readonly Column<TableRow>[] = [
  {
    key: 'count',
    header: 'Objects',
    track: '92px',
    isNumber: true,
    sort: 'count',
    cell: (row) => formatCount(row.count),
  },
  {
    key: 'bytes',
    header: 'Shallow size',
    title: 'Bytes of the objects themselves, without what they refer to.',
    track: '112px',
    isNumber: true,
    sort: 'bytes',
    cell: (row) => formatBytes(bytes(row.bytes)),
  },
  {
    key: 'mean',
    header: 'Each',
    title: 'Shallow size per object.',
    track: '84px',
    isNumber: true,
    from: 760,
    cell: (row) => (row.count === 0 ? '–' : formatBytes(bytes(row.bytes / row.count))),
  },
]

const retainedColumn: Column<TableRow> = {
  key: 'retained',
  header: 'Retained',
  title: 'What would be freed with all of them; every byte counts once.',
  track: '96px',
  isNumber: true,
  sort: 'retained',
  from: 420,
  cell: (row) => (row.retainedBytes == null ? '–' : formatBytes(bytes(row.retainedBytes))),
}

const sinceColumns = (letter: string): Column<TableRow>[] => [
  {
    key: 'since-count',
    header: `Objects since ${letter}`,
    track: '112px',
    isNumber: true,
    from: 900,
    cell: (row) => <Change by={row.count - (row.since?.count ?? 0)} words={countChange} />,
  },
  {
    key: 'since',
    header: `Since ${letter}`,
    title: `Change of the shallow size since capture ${letter}.`,
    track: '96px',
    isNumber: true,
    sort: 'change',
    cell: (row) => <Change by={row.bytes - (row.since?.bytes ?? 0)} words={byteChange} />,
  },
]

const byteChange = (by: number): string => formatByteChange(bytes(by))
const countChange = (by: number): string => `${by > 0 ? '+' : '−'}${formatCount(Math.abs(by))}`

function Change({ by, words }: { by: number; words: (by: number) => string }) {
  if (by === 0) return <span className="text-ink-3">0</span>
  return <span className={by > 0 ? 'text-growth' : 'text-steady'}>{words(by)}</span>
}

const shareColumn = ({ heapBytes, since }: ColumnChoice): Column<TableRow> => ({
  key: 'share',
  header: 'Share of the heap',
  track: '150px',
  isNumber: true,
  from: since === undefined ? 520 : 820,
  cell: (row) => <ShareBar share={heapBytes === 0 ? 0 : row.bytes / heapBytes} />,
})

/** A site, cut off at its front: paths are told apart by their ends. */
function SiteName({ row }: { row: TableRow }) {
  if (row.file === null) return <span className="text-ink-3">not traced</span>
  return <RawText text={row.site ?? ''} keep="end" className="font-mono text-ink-2 text-xs" />
}

/** -1 is what a dump says of objects that were there before tracing began. */
const generationWords = (generation: number | null): string =>
  generation === null || generation < 0 ? 'before tracing began' : formatCount(generation)

/** What a row is called in a pin: "String lib/cart/session_log.rb:41". */
export function rowTitle(row: TableRow): string {
  if (row.generation !== null) return `generation ${generationWords(row.generation)}`
  const parts = [row.className ?? row.type, row.file === null ? null : row.site]
  return visible(parts.filter((part) => part !== null).join(' ')).slice(0, 120)
}
