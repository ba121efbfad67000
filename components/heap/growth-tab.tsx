'use client' // Choosing captures, sorting and filtering are state of this tab.

import { type KeyboardEvent, useCallback, useMemo, useState } from 'react'
import useSWR from 'swr'
import { useRoom, useRoomState } from '#components/room/room-context'
import { Button } from '#components/ui/button'
import { ledgerReader } from '#lib/investigation/ledger-state'
import {
  type GrowthHolder,
  GrowthOrder,
  GrowthPage,
  type GrowthRow,
  GrowthShape,
} from '#lib/reports/growth-report'
import { canRetry, readJson, sentenceOf } from './answer.tsx'
import { CaptureStrip } from './capture-strip.tsx'
import { useFilterWords } from './filter-words.tsx'
import { choiceRemarks, chosenCaptures, type LetteredCapture, lettered, letters } from './growth-choice.tsx'
import { growthColumns, type Measure } from './growth-columns.tsx'
import { GrowthDetails, useRowActions } from './growth-details.tsx'
import { GrowthEmpty } from './growth-empty.tsx'
import { ProposalsDialog } from './growth-proposals.tsx'
import { GrowthSummary } from './growth-summary.tsx'
import type { Suspect } from './growth-suspects.tsx'
import { GrowthToolbar } from './growth-toolbar.tsx'
import { LedgerDialog } from './ledger-dialog.tsx'
import { type QueryState, useQueryState } from './query-state.tsx'
import { ReadProblem } from './read-problem.tsx'
import { useRowPages } from './row-pages.tsx'
import type { Sorting } from './table-header.tsx'
import { type LedgerLine, useLedger } from './use-ledger.tsx'
import { VirtualTable } from './virtual-table.tsx'

/** What grew between two or more captures. Inside a `<Room>`; its state is in the address (captures, row, shape, q). */
export function GrowthTab() {
  const captures = useRoomState((state) => state.captures)
  const query = useQueryState()
  const all = useMemo(() => lettered(captures), [captures])
  const asked = query.get('captures')
  const chosen = useMemo(() => chosenCaptures(all, asked), [all, asked])
  const ready = all.filter(({ capture }) => capture.state === 'ready').length

  return (
    <section aria-label="Growth" className="@container flex h-full min-h-0 flex-col overflow-y-auto bg-panel">
      {all.length > 0 && (
        <CaptureStrip
          all={all}
          chosen={chosen}
          onChoose={(ids) => query.set({ captures: ids.join(','), row: null })}
        />
      )}
      {chosen.length >= 2 ? (
        <Comparison key={idsOf(chosen)} chosen={chosen} query={query} />
      ) : (
        <GrowthEmpty ready={ready} underWay={all.filter(isUnderWay).length} />
      )}
    </section>
  )
}

const idsOf = (chosen: readonly LetteredCapture[]): string =>
  chosen.map(({ capture }) => capture.id).join(',')

const isUnderWay = ({ capture }: LetteredCapture): boolean =>
  capture.state === 'uploading' || capture.state === 'queued' || capture.state === 'reading'

interface ComparisonProps {
  readonly chosen: readonly LetteredCapture[]
  readonly query: QueryState
}

function Comparison({ chosen, query }: ComparisonProps) {
  const path = useGrowthPath(chosen)
  const view = growthView(query)
  const [range, setRange] = useState({ first: 0, last: 0 })
  const onRange = useCallback((first: number, last: number) => setRange({ first, last }), [])
  const [words, setWords] = useFilterWords(view.words, (q) => query.set({ q: q || null }))
  const { ledger, said } = useLedger()
  // Not read by the server, like the counts: what somebody says in the ledger changes the answer.
  const asked = said === undefined ? null : `${path}&${view.filter}&said=${said}`
  const rows = useRowPages(asked, GrowthPage, range.first, range.last)
  const { page } = rows
  const selected = useSelectedRow(path, view.row, rows.row, range)
  const { pin, hunch, canPin } = useRowActions(chosen)
  const readLedger = useMemo(() => ledgerReader(ledger.entries), [ledger])
  const [dialog, setDialog] = useState<'ledger' | 'proposals' | null>(null)
  const holders = useHolders(page, selected.page)
  const columns = useMemo(
    () =>
      growthColumns(
        page?.captures ?? [],
        page?.captures.map(({ id }) => chosen.find((one) => one.capture.id === id)?.letter ?? '') ?? [],
        view.measure,
        {
          holderOf: (row) => holders.find(({ id }) => id === row.heldBy[0]?.holder)?.words,
          ledgerOf: (row) => readLedger(row.fingerprint, row.counts.at(-1) ?? 0),
          hasRetained: page?.rows.some(({ retainedChange }) => retainedChange !== undefined) ?? false,
        },
      ),
    [page?.captures, page?.rows, chosen, view.measure, holders, readLedger],
  )
  const stateOf = (suspect: Suspect) => (suspect.isExpected ? 'expected' : readLedger(suspect.fingerprint, 0))
  const proposals =
    page?.proposals.filter(({ fingerprint }) => !isAnswered(ledger.entries, fingerprint)) ?? []

  const onKey = (event: KeyboardEvent, row: GrowthRow) => {
    const key = event.key.toLowerCase()
    if (key !== 'p' && key !== 'h') return
    // The room has these keys too; with a row selected they are about the row.
    event.preventDefault()
    event.nativeEvent.stopImmediatePropagation()
    if (key === 'p' && canPin) pin(row)
    if (key === 'h') void hunch(row)
  }
  const hrefOf = (row: string) => query.href({ tab: 'growth', captures: idsOf(chosen), row })

  if (!page && rows.error) return <ReadProblem sentence={sentenceOf(rows.error)} onRetry={rows.retry} />
  return (
    <>
      {page && (
        <GrowthSummary
          page={page}
          compared={chosen}
          remarks={choiceRemarks(chosen)}
          stateOf={stateOf}
          selected={view.row}
          onShowRow={(row) => query.set({ row })}
        />
      )}
      <GrowthToolbar
        expected={page?.expected}
        showsExpected={view.showsExpected}
        onShowExpected={(shown) => query.set({ expected: shown ? 'shown' : null })}
        proposals={proposals.length}
        onProposals={() => setDialog('proposals')}
        onLedger={() => setDialog('ledger')}
        page={page}
        words={words}
        onWords={setWords}
        shape={view.shape ?? ''}
        onShape={(shape) => query.set({ shape })}
        measure={view.measure}
        onMeasure={(measure) => query.set({ show: measure === 'bytes' ? 'bytes' : null })}
        csvHref={`${path}&${view.filter}&as=csv`}
      />
      <div className="flex min-h-52 flex-1 flex-col @3xl:flex-row">
        {page ? (
          <VirtualTable<GrowthRow>
            label={`What grew between ${letters(chosen)}`}
            columns={columns}
            total={rows.total}
            row={rows.row}
            rowKey={rowKey}
            sorting={view.sorting}
            onSort={({ by, dir }) => query.set({ sort: by, dir })}
            selected={view.row}
            onSelect={(row) => query.set({ row })}
            onRange={onRange}
            onKey={onKey}
            empty={
              <NoRows
                isFiltered={view.words !== '' || view.shape !== null}
                expected={view.showsExpected ? 0 : (page.expected ?? 0)}
                onClear={() => query.set(NO_FILTER)}
              />
            }
            className="min-h-40 min-w-0 flex-1"
          />
        ) : (
          <p role="status" className="px-4 py-6 text-ink-2">
            Comparing {letters(chosen)}… The first time takes a few seconds, for all of you.
          </p>
        )}
        {selected.row && (
          <GrowthDetails
            row={selected.row}
            holders={holders}
            compared={chosen}
            href={new URL(hrefOf(selected.row.key), window.location.href).href}
            onClose={() => query.set({ row: null })}
          />
        )}
      </div>
      {dialog === 'ledger' && <LedgerDialog onClose={() => setDialog(null)} />}
      {dialog === 'proposals' && (
        <ProposalsDialog
          proposals={proposals}
          onShowRow={(row) => query.set({ row, expected: 'shown' })}
          onClose={() => setDialog(null)}
        />
      )}
    </>
  )
}

const rowKey = (row: GrowthRow): string => row.key
const NO_FILTER = { q: null, shape: null }

/** Somebody has spoken about it, and it holds: it needs no proposal. */
const isAnswered = (entries: readonly LedgerLine[], fingerprint: string): boolean =>
  entries.some((entry) => entry.fingerprint === fingerprint && !entry.expired)

/** Holders that any shown answer names: of the page, and of the row that a link selected. */
function useHolders(page: GrowthPage | undefined, other: GrowthPage | undefined): readonly GrowthHolder[] {
  return useMemo(() => {
    const byId = new Map<number, GrowthHolder>()
    for (const holder of [...(other?.holders ?? []), ...(page?.holders ?? [])]) byId.set(holder.id, holder)
    return [...byId.values()]
  }, [page, other])
}

/** The address of this comparison; it changes when a capture's request count does. */
function useGrowthPath(chosen: readonly LetteredCapture[]): string {
  const { investigationId } = useRoom()
  // Not read by the server: it keeps an answer for other counts from being taken for this one's.
  const counts = chosen.map(({ capture }) => capture.requestCount ?? '').join('-')
  return `/api/investigations/${investigationId}/growth?captures=${idsOf(chosen)}&counts=${counts}`
}

interface GrowthView {
  readonly words: string
  readonly shape: GrowthShape | null
  readonly measure: Measure
  readonly sorting: Sorting
  readonly row: string | null
  /** Rows that the ledger expects are folded away unless somebody asks for them. */
  readonly showsExpected: boolean
  /** The same for the server. */
  readonly filter: string
}

/** What the address says about the table; whatever it says wrong is left out. */
function growthView(query: QueryState): GrowthView {
  const words = (query.get('q') ?? '').slice(0, 200)
  const shape = GrowthShape.safeParse(query.get('shape')).data ?? null
  const by = GrowthOrder.safeParse(query.get('sort')).data ?? 'growth'
  const dir = query.get('dir') === 'asc' ? 'asc' : 'desc'
  const showsExpected = query.get('expected') === 'shown'
  const filter = new URLSearchParams({
    q: words,
    sort: by,
    dir,
    ledger: showsExpected ? 'all' : 'left',
    ...(shape ? { shape } : {}),
  }).toString()
  const measure = query.get('show') === 'bytes' ? 'bytes' : 'count'
  return { words, shape, measure, sorting: { by, dir }, row: query.get('row'), showsExpected, filter }
}

/** The selected row: out of what is in view, or, for a link into the middle of the table, asked for by its key. */
function useSelectedRow(
  path: string,
  key: string | null,
  row: (index: number) => GrowthRow | undefined,
  range: { first: number; last: number },
): { readonly row: GrowthRow | undefined; readonly page: GrowthPage | undefined } {
  let inView: GrowthRow | undefined
  for (let index = range.first; key !== null && index <= range.last && !inView; index++) {
    const here = row(index)
    if (here?.key === key) inView = here
  }
  // A filter's words must all occur: the key's own words find it, and perhaps a few others.
  const search =
    key === null || inView ? null : `${path}&${new URLSearchParams({ q: key.slice(0, 200), limit: '20' })}`
  const { data } = useSWR(search, (asked: string) => readJson(asked, GrowthPage), {
    revalidateOnFocus: false,
    shouldRetryOnError: canRetry,
  })
  return { row: inView ?? data?.rows.find((found) => found.key === key), page: data }
}

function NoRows({
  isFiltered,
  expected,
  onClear,
}: {
  isFiltered: boolean
  expected: number
  onClear(): void
}) {
  return (
    <div className="flex flex-col items-start gap-2 px-4 py-5 text-ink-2">
      <p>
        {isFiltered
          ? 'No group that differs between these captures matches the filter.'
          : expected > 0
            ? `Nothing is left: all ${expected} groups that differ are in the ledger as expected.`
            : 'These captures hold the same number of objects in every group. Are they two different moments?'}
      </p>
      {isFiltered && (
        <Button size="small" onClick={onClear}>
          Clear the filter
        </Button>
      )}
    </div>
  )
}
