'use client' // Levels are fetched as people go down.

import clsx from 'clsx'
import { useCallback, useMemo, useRef, useState } from 'react'
import { useHydrated } from '#components/room/clock-time'
import { EmptyState } from '#components/ui/empty-state'
import type { OwnerLevel, OwnerLine } from '#lib/reports/objects'
import { formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { sentenceOf } from './answer.tsx'
import { useGraph } from './ask-graph.tsx'
import { DominatorTree } from './dominator-tree.tsx'
import type { LetteredCapture } from './growth-choice.tsx'
import { isOwnerOrder, orderedOwners, ownerColumns } from './owner-columns.tsx'
import { type QueryState, useQueryState } from './query-state.tsx'
import { visible } from './raw-text.tsx'
import { ReadProblem } from './read-problem.tsx'
import type { Sorting } from './table-header.tsx'
import { Treemap } from './treemap.tsx'
import { VirtualTable } from './virtual-table.tsx'

interface DominatorsViewProps {
  readonly captureId: string
  readonly since: LetteredCapture | undefined
  readonly isPartial: boolean
  readonly selected: number | null
  readonly onOpen: (object: number) => void
}

/** Who keeps what alive: by the names on the way from the root, or object by object. */
export function DominatorsView(props: DominatorsViewProps) {
  const query = useQueryState()
  const byObject = query.get('by') === 'object'
  if (props.isPartial) {
    return (
      <EmptyState title="This dump does not tell who keeps what alive" className="flex-1">
        It holds a part of the heap only (a <code>since:</code> dump, or its roots are missing). Take a whole
        one: <code>ObjectSpace.dump_all(output: file)</code>.
      </EmptyState>
    )
  }
  return (
    <section aria-label="Dominators" className="flex min-h-0 min-w-0 flex-1 flex-col">
      {byObject ? (
        <>
          <Bar query={query} byObject>
            <p className="min-w-0 flex-1 truncate text-ink-2">
              Objects below the root, each with what would be freed with it
            </p>
          </Bar>
          <DominatorTree captureId={props.captureId} selected={props.selected} onOpen={props.onOpen} />
        </>
      ) : (
        <ByPath {...props} query={query} />
      )}
    </section>
  )
}

function Bar({
  query,
  byObject,
  children,
}: {
  query: QueryState
  byObject: boolean
  children: React.ReactNode
}) {
  const choice = (name: string, isOn: boolean, by: string | null) => (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={() => query.set({ by, sort: null, dir: null })}
      className={clsx('h-6 rounded-[5px] px-2 text-xs', isOn ? 'bg-sunken font-semibold' : 'text-ink-2')}
    >
      {name}
    </button>
  )
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-line border-b bg-panel px-4 py-1.5">
      {children}
      <fieldset className="flex shrink-0 rounded-md border border-line-strong p-px">
        <legend className="sr-only">How dominators are shown</legend>
        {choice('By path', !byObject, null)}
        {choice('Single objects', byObject, 'object')}
      </fieldset>
    </div>
  )
}

function ByPath({ captureId, since, selected, onOpen, query }: DominatorsViewProps & { query: QueryState }) {
  const level = useLevel(captureId, pathOf(query), since?.capture.id)
  const { answer } = level
  const go = useCallback((to: number) => query.set({ path: String(to) }), [query])
  const descend = useCallback(
    (line: OwnerLine) => {
      if (line.hasChildren) go(line.path)
      else if (line.example !== null) onOpen(line.example)
    },
    [go, onOpen],
  )
  const table = useRef<HTMLDivElement>(null)
  const isAlive = useHydrated()
  if (!answer && level.error !== undefined) {
    return <ReadProblem sentence={sentenceOf(level.error)} onRetry={level.retry} />
  }
  return (
    <>
      <Bar query={query} byObject={false}>
        <Crumbs level={answer} onGo={go} />
        <span className="text-ink-3 text-xs max-sm:hidden">
          area is retained size · colour is {since ? `growth since ${since.letter}` : 'the kind of owner'}
          {answer !== undefined &&
            answer.tracingBytes > 0 &&
            ` · without the ${formatBytes(bytes(answer.tracingBytes))} of allocation tracing itself`}
        </span>
      </Bar>
      {!answer || !isAlive ? (
        <p role="status" className="px-4 py-6 text-ink-2">
          Fetching who keeps what…
        </p>
      ) : answer.children.length === 0 ? (
        <EmptyState title="Nothing hangs below this path" className="flex-1">
          {formatCount(answer.crumbs.at(-1)?.count ?? 0)} objects end here.
        </EmptyState>
      ) : (
        <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
          <Treemap
            level={answer}
            label={`What ${visible(answer.crumbs.at(-1)?.name ?? 'the root')} keeps alive, by retained size`}
            since={since?.letter}
            onDescend={descend}
            onSmaller={() => {
              table.current?.scrollIntoView({ block: 'nearest' })
              table.current?.querySelector<HTMLElement>('[role=grid]')?.focus()
            }}
            onUp={() => go(answer.crumbs.at(-2)?.path ?? 0)}
            className="mx-4 mt-3 mb-2 min-h-56 flex-[1.3] shrink-0"
          />
          <div ref={table} className="flex min-h-52 flex-1 flex-col border-line border-t">
            <OwnerTable
              level={answer}
              since={since?.letter}
              selected={selected}
              onDescend={descend}
              onOpen={onOpen}
              query={query}
            />
          </div>
        </div>
      )}
    </>
  )
}

/** The path that the address names; null: none. */
function pathOf(query: QueryState): number | null {
  const path = Number(query.get('path') ?? Number.NaN)
  return Number.isSafeInteger(path) && path >= 0 ? path : null
}

/** A level of the owner tree; without a path, the first below the root that has more than one tile. */
function useLevel(captureId: string, path: number | null, since: string | undefined) {
  const [reached, setReached] = useState({ captureId, path: 0 })
  const first = reached.captureId === captureId ? reached.path : 0
  const level = useGraph(captureId, 'owners', { path: path ?? first, since })
  const only = path === null ? lonePath(level.answer) : undefined
  if (only !== undefined && only !== first) setReached({ captureId, path: only })
  return only === undefined ? level : { ...level, answer: undefined }
}

/** V8 hangs everything under one root, and that under another: a map with one tile says nothing. */
function lonePath(level: OwnerLevel | undefined): number | undefined {
  const [only, ...others] = level?.children ?? []
  return only?.hasChildren && others.length === 0 && level?.rest.paths === 0 ? only.path : undefined
}

/** The way from the root: each step goes back there. */
function Crumbs({ level, onGo }: { level: OwnerLevel | undefined; onGo(path: number): void }) {
  const crumbs = level?.crumbs ?? []
  return (
    <nav
      aria-label="Owner path"
      className="flex min-w-0 flex-1 items-baseline gap-1.5 overflow-x-auto whitespace-nowrap"
    >
      {crumbs.length === 0 && <span className="font-mono text-ink-3 text-xs">root</span>}
      {crumbs.map((crumb, at) => {
        const name = at === 0 ? 'root' : visible(crumb.name)
        const isHere = at === crumbs.length - 1
        return (
          <span key={crumb.path} className="flex min-w-0 shrink-0 items-baseline gap-1.5">
            {at > 0 && (
              <span aria-hidden className="text-ink-3">
                /
              </span>
            )}
            {isHere ? (
              <b aria-current="location" className="max-w-[32ch] truncate font-semibold" title={name}>
                <bdi>{name}</bdi>
              </b>
            ) : (
              <button
                type="button"
                onClick={() => onGo(crumb.path)}
                title={name}
                className="max-w-[24ch] truncate rounded-sm font-mono text-ink-2 text-xs hover:text-ink hover:underline"
              >
                <bdi>{name}</bdi>
              </button>
            )}
            {isHere && (
              <span className="num text-ink-3">
                {formatBytes(bytes(crumb.retainedBytes))}
                {crumb.count > 1 && ` in ${formatCount(crumb.count)} objects`}
              </span>
            )}
          </span>
        )
      })}
    </nav>
  )
}

interface OwnerTableProps {
  readonly level: OwnerLevel
  readonly since: string | undefined
  readonly selected: number | null
  readonly onDescend: (line: OwnerLine) => void
  readonly onOpen: (object: number) => void
  readonly query: QueryState
}

/** The same as the treemap, line by line. A line opens its largest object beside the table; the arrow goes down. */
function OwnerTable({ level, since, selected, onDescend, onOpen, query }: OwnerTableProps) {
  const by = query.get('sort')
  const sorting: Sorting = isOwnerOrder(by)
    ? { by, dir: query.get('dir') === 'asc' ? 'asc' : 'desc' }
    : { by: 'retained', dir: 'desc' }
  const above = level.crumbs.at(-1)
  const columns = useMemo(
    () => ownerColumns(above?.retainedBytes ?? 0, since, onDescend),
    [above?.retainedBytes, since, onDescend],
  )
  const { by: order, dir } = sorting
  const rows = useMemo(() => orderedOwners(level.children, { by: order, dir }), [level, order, dir])
  const chosen = rows.find(({ example }) => example !== null && example === selected)
  return (
    <>
      <VirtualTable<OwnerLine>
        label={`Owners below ${visible(above?.name ?? 'the root')}`}
        columns={columns}
        total={rows.length}
        row={(at) => rows[at]}
        rowKey={pathKey}
        sorting={sorting}
        onSort={(next) => query.set({ sort: next.by, dir: next.dir })}
        selected={chosen ? pathKey(chosen) : null}
        onSelect={(key) => {
          const line = rows.find((row) => pathKey(row) === key)
          if (line?.example != null) onOpen(line.example)
          else query.set({ object: null })
        }}
        onRange={ignoreRange}
        onKey={(event, line) => {
          if (event.key !== 'Enter' || !line.hasChildren) return
          event.preventDefault()
          onDescend(line)
        }}
        empty={null}
        className="min-h-40 flex-1"
      />
      {level.rest.paths > 0 && (
        <p className="shrink-0 border-line border-t px-4 py-1.5 text-ink-3 text-xs">
          and {formatCount(level.rest.paths)} smaller trees: {formatBytes(bytes(level.rest.retainedBytes))} in{' '}
          {formatCount(level.rest.retainedObjects)} objects
        </p>
      )}
    </>
  )
}

const pathKey = (line: OwnerLine): string => String(line.path)
const ignoreRange = () => {}
