'use client' // An editor, and statements that run.

import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useQueryState } from '#components/heap/query-state'
import { useRoom, useRoomState } from '#components/room/room-context'
import type { SavedQueryRow } from '#lib/investigation/rows'
import { MAX_SQL } from '#lib/reports/query-answer'
import { type QueryableKind, queryTables } from '#lib/reports/query-tables'
import { queryExamples } from './examples.tsx'
import { QueryBar } from './query-bar.tsx'
import { QueryResult } from './query-result.tsx'
import { QuerySide } from './query-side.tsx'
import { SqlEditor } from './sql-editor.tsx'
import { useQuery } from './use-query.tsx'

export interface QueryViewProps {
  readonly captureId: string
  readonly kind: QueryableKind
  /** How the capture is called, for pins. */
  readonly label: string
  /** Opens an object in the inspector; absent where there are none. */
  readonly onOpen?: (object: number) => void
}

/** A longer statement has no place in an address: saved, it has a short one. */
const LINKED_SQL = 1500

/**
 * SQL over one capture. What was asked last is in the address (`sql`, or `query` for a saved one), so a link shows the same
 * answer; `show=chart` draws it.
 */
export function QueryView({ captureId, kind, label, onOpen }: QueryViewProps) {
  const { investigationId } = useRoom()
  const saved = useRoomState((state) => state.queries)
  const address = useQueryState()
  const tables = queryTables(kind)
  const examples = queryExamples(kind)
  const openedId = address.get('query')
  const opened = useMemo(() => saved.find(({ id }) => id === openedId), [saved, openedId])
  const linked = opened?.sql ?? address.get('sql')?.slice(0, MAX_SQL) ?? null
  const [sql, setSql] = useState(linked ?? examples[0]?.sql ?? '')
  const base = `/api/investigations/${investigationId}/captures/${captureId}`
  const { run, start, cancel } = useQuery(`${base}/query`)

  const ask = useCallback(
    (text: string, query: SavedQueryRow | undefined) => {
      const asked = text.trim()
      if (asked === '') return
      const isSaved = query !== undefined && query.sql === asked
      address.set({
        query: isSaved ? query.id : null,
        sql: isSaved || asked.length > LINKED_SQL ? null : asked,
      })
      start(asked)
    },
    [address, start],
  )
  const runNow = useCallback(() => ask(sql, opened), [ask, sql, opened])
  const choose = useCallback(
    (text: string, query?: SavedQueryRow) => {
      setSql(text)
      ask(text, query)
    },
    [ask],
  )

  // A link shows its answer: what it asks runs once, when the page opens.
  const first = useRef(linked)
  useEffect(() => {
    if (first.current !== null) start(first.current.trim())
    first.current = null
  }, [start])

  // Whoever opens the tab will ask: the tables are made while she types. What goes wrong is said when she asks.
  useEffect(() => {
    void fetch(`${base}/query`).catch(() => {})
  }, [base])

  const insert = useCallback(
    (name: string) => setSql((text) => `${text}${/\s$/.test(text) ? '' : ' '}${name}`),
    [],
  )
  return (
    <section
      aria-label="Query"
      className="min-h-0 min-w-0 flex-1 overflow-y-auto bg-panel max-md:flex max-md:flex-col md:grid md:grid-cols-[260px_minmax(0,1fr)] md:overflow-hidden"
    >
      <QuerySide
        tables={tables}
        examples={examples}
        opened={openedId}
        parquetPath={(table) => `${base}/parquet?table=${table}`}
        onInsert={insert}
        onExample={(text) => choose(text)}
        onSaved={(query) => choose(query.sql, query)}
      />
      <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] grid-rows-[160px_auto_440px] md:min-h-0 md:grid-rows-[minmax(120px,34%)_auto_minmax(0,1fr)]">
        <SqlEditor
          value={sql}
          onChange={setSql}
          onRun={runNow}
          onCancel={cancel}
          tables={tables}
          problem={run.state === 'refused' ? run.at : null}
        />
        <QueryBar
          run={run}
          sql={sql}
          opened={opened}
          captureId={captureId}
          label={label}
          csvPath={(text) => `${base}/query?as=csv&sql=${encodeURIComponent(text)}`}
          onRun={runNow}
          onCancel={cancel}
          onSaved={(query) => address.set({ query: query.id, sql: null })}
        />
        <QueryResult run={run} onOpen={onOpen} />
      </div>
    </section>
  )
}
