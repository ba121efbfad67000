'use client' // Which view and which object are open is state of this tab, kept in the address.

import { useCallback } from 'react'
import { QueryTab } from '#components/query/query-tab'
import type { EvidenceRef } from '#lib/investigation/rows'
import { CaptureTables } from './capture-tables.tsx'
import { CaptureTabs, isTable, openTab } from './capture-tabs.tsx'
import { DominatorsView } from './dominators-view.tsx'
import { DuplicatesView } from './duplicates-view.tsx'
import { FindObject } from './find-object.tsx'
import type { LetteredCapture } from './growth-choice.tsx'
import { ObjectInspector } from './object-inspector.tsx'
import type { QueryState } from './query-state.tsx'
import { visible } from './raw-text.tsx'
import { RowInspector } from './row-inspector.tsx'
import type { ShownHeap } from './shown-report.tsx'

interface CaptureBodyProps {
  readonly here: LetteredCapture
  readonly report: ShownHeap
  readonly since: LetteredCapture | undefined
  readonly query: QueryState
}

/** The views of a heap capture, and beside them the object or the row that is selected. */
export function CaptureBody({ here, report, since, query }: CaptureBodyProps) {
  const tab = openTab(query)
  const { capture } = here
  const { totals } = report
  const object = objectOf(query)
  const onOpen = useCallback((to: number) => query.set({ object: String(to) }), [query])
  const onClose = useCallback(() => query.set({ object: null }), [query])
  const row = query.get('row')
  const view = query.href({})
  const pinRef: EvidenceRef = { kind: 'capture', captureId: capture.id, view: view.slice(0, 1000) }
  return (
    <>
      <CaptureTabs open={tab} query={query} siteKind={totals.siteKind}>
        <FindObject captureId={capture.id} onOpen={onOpen} />
      </CaptureTabs>
      <div className="relative flex min-h-0 flex-1">
        {isTable(tab) && (
          <CaptureTables
            captureId={capture.id}
            table={tab}
            heapBytes={totals.shallowBytes}
            label={capture.label}
            since={since}
            siteKind={totals.siteKind}
          />
        )}
        {tab === 'dominators' && (
          <DominatorsView
            captureId={capture.id}
            since={since}
            isPartial={totals.isPartial}
            selected={object}
            onOpen={onOpen}
          />
        )}
        {tab === 'strings' && (
          <DuplicatesView
            captureId={capture.id}
            heapBytes={totals.shallowBytes}
            selected={object}
            onOpen={onOpen}
            onClose={onClose}
          />
        )}
        {tab === 'query' && (
          <QueryTab captureId={capture.id} kind="heap" label={capture.label} onOpen={onOpen} />
        )}
        {object !== null ? (
          <ObjectInspector
            captureId={capture.id}
            object={object}
            isTraced={totals.tracedObjects > 0}
            siteKind={totals.siteKind}
            generations={totals.generationRange}
            pinRef={pinRef}
            onOpen={onOpen}
            onClose={onClose}
          />
        ) : (
          row !== null &&
          isTable(tab) && (
            <RowInspector
              captureId={capture.id}
              table={tab}
              row={row}
              heapBytes={totals.shallowBytes}
              pinRef={pinRef}
              pinTitle={`${here.letter} ${visible(capture.label)}: ${visible(row)}`.slice(0, 200)}
              onOpen={onOpen}
              onClose={() => query.set({ row: null })}
            />
          )
        )}
      </div>
    </>
  )
}

/** The object that the address names; null: none. */
function objectOf(query: QueryState): number | null {
  const asked = query.get('object')
  if (asked === null || !/^\d{1,10}$/.test(asked)) return null
  return Number(asked)
}
