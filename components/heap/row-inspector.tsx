'use client' // Fetches, pins.

import { Pin } from 'lucide-react'
import { usePin } from '#components/room/pin'
import { Button } from '#components/ui/button'
import type { EvidenceRef } from '#lib/investigation/rows'
import type { CaptureTable } from '#lib/reports/rows'
import { formatBytes, formatCount, formatShare } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { sentenceOf } from './answer.tsx'
import { useGraph } from './ask-graph.tsx'
import { FactList, InspectorPanel, PanelHeading } from './inspector-panel.tsx'
import { ObjectList } from './object-list.tsx'
import { visible } from './raw-text.tsx'

interface RowInspectorProps {
  readonly captureId: string
  readonly table: CaptureTable
  /** The row's key, which is its name. */
  readonly row: string
  readonly heapBytes: number
  readonly pinRef: EvidenceRef
  readonly pinTitle: string
  readonly onOpen: (object: number) => void
  readonly onClose: () => void
}

/** What stands in a row of a table: its objects, largest first, and what would be freed with all of them. */
export function RowInspector({ captureId, table, row, heapBytes, onOpen, ...rest }: RowInspectorProps) {
  const { canPin, openPin } = usePin()
  const { answer: set, error } = useGraph(captureId, 'retained-set', { table, group: row })
  const { name, about } = nameOf(table, row)
  return (
    <InspectorPanel label="The selected row" onClose={rest.onClose}>
      <h2 className="pr-9 font-[650] text-[15px] [overflow-wrap:anywhere]">
        <bdi>{visible(name)}</bdi>
      </h2>
      <p className="font-mono text-ink-3 text-xs [overflow-wrap:anywhere]">
        <bdi>{visible(about)}</bdi>
      </p>
      {canPin && (
        <div className="mt-2.5">
          <Button size="small" look="primary" onClick={() => openPin(rest.pinRef, rest.pinTitle)}>
            <Pin size={13} aria-hidden /> Pin this row
          </Button>
        </div>
      )}
      <FactList>
        <dt>Objects</dt>
        <dd className="num">{set ? formatCount(set.objects) : '…'}</dd>
        <dt title="What would be freed if all of these objects went at once: exact, each byte counted once.">
          Retained together
        </dt>
        <dd className="num">
          {error !== undefined
            ? sentenceOf(error)
            : set
              ? `${formatBytes(bytes(set.retainedBytes))} (${formatShare(heapBytes === 0 ? 0 : set.retainedBytes / heapBytes)} of the heap), ${formatCount(set.retainedObjects)} objects`
              : 'counting…'}
        </dd>
      </FactList>
      <PanelHeading aside="largest retained size first">Its objects</PanelHeading>
      <ObjectList
        key={`${table} ${row}`}
        captureId={captureId}
        ask="members"
        about={{ table, group: row }}
        onOpen={onOpen}
        empty="None is here."
      />
    </InspectorPanel>
  )
}

/** A row's key in two parts: what to call it, and what else it says. */
function nameOf(table: CaptureTable, row: string): { name: string; about: string } {
  if (table === 'classes') return { name: row, about: 'all objects of this class' }
  if (table === 'types') return { name: row, about: 'all objects of this type' }
  if (table === 'sites') return { name: row.split('/').slice(-2).join('/'), about: row }
  if (table === 'generations') {
    return Number(row) < 0
      ? { name: 'Before tracing began', about: 'objects without a generation' }
      : { name: `Generation ${row}`, about: 'objects allocated between two garbage collections' }
  }
  const [type = '', className = '', ...site] = row.split(' · ')
  return { name: className, about: [type, ...site].join(' · ') }
}
