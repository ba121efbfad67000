'use client' // Table or chart is kept in the address.

import { useQueryState } from '#components/heap/query-state'
import { EmptyState } from '#components/ui/empty-state'
import { ResultChart } from './result-chart.tsx'
import { ResultTable } from './result-table.tsx'
import type { QueryRun } from './use-query.tsx'

/** What a statement came to. */
export function QueryResult({
  run,
  onOpen,
}: {
  run: QueryRun
  onOpen: ((object: number) => void) | undefined
}) {
  const address = useQueryState()
  switch (run.state) {
    case 'idle':
      return (
        <EmptyState title="Ask this capture" className="min-h-0">
          Choose an example, or write a SELECT and press Ctrl+Enter. Queries see this capture and nothing
          else, and change nothing.
        </EmptyState>
      )
    case 'running':
    case 'cancelled':
      return <div aria-busy={run.state === 'running'} className="min-h-0" />
    case 'refused':
      return (
        <div role="alert" className="min-h-0 overflow-auto px-4 py-4">
          <p className="max-w-[80ch] text-growth">
            {run.at && <b className="font-semibold">{`Line ${run.at.line}, column ${run.at.column}: `}</b>}
            {run.sentence}
          </p>
        </div>
      )
    case 'answered': {
      const isChart = address.get('show') === 'chart'
      return (
        <div className="flex min-h-0 min-w-0 flex-col">
          <fieldset className="flex shrink-0 gap-1 border-line border-b px-3 py-1">
            <legend className="sr-only">Show the answer as</legend>
            {(['table', 'chart'] as const).map((show) => (
              <button
                key={show}
                type="button"
                aria-pressed={isChart === (show === 'chart')}
                onClick={() => address.set({ show: show === 'chart' ? 'chart' : null })}
                className="rounded-md px-2 py-0.5 text-ink-2 text-xs hover:bg-sunken aria-pressed:bg-sunken aria-pressed:font-semibold aria-pressed:text-ink"
              >
                {show === 'chart' ? 'Chart' : 'Table'}
              </button>
            ))}
          </fieldset>
          {isChart ? (
            <ResultChart answer={run.answer} />
          ) : (
            <ResultTable key={run.sql} answer={run.answer} onOpen={onOpen} />
          )}
        </div>
      )
    }
  }
}
