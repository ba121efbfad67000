'use client' // Fetches, pins, opens lists.

import { Lightbulb, Pin } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { usePin } from '#components/room/pin'
import { useCommand, useRoom } from '#components/room/room-context'
import { Button } from '#components/ui/button'
import { HypothesisId } from '#lib/investigation/ids'
import type { EvidenceRef } from '#lib/investigation/rows'
import type { ObjectDetails } from '#lib/reports/objects'
import { formatBytes, formatCount, formatShare } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { sentenceOf } from './answer.tsx'
import { useGraph } from './ask-graph.tsx'
import type { SiteKind } from './capture-columns.tsx'
import { FactList, InspectorPanel, PanelHeading } from './inspector-panel.tsx'
import { MarkExpectedButton } from './mark-expected.tsx'
import { ObjectList } from './object-list.tsx'
import { ObjectPath } from './object-path.tsx'
import { objectTitle } from './object-words.tsx'
import { visible } from './raw-text.tsx'
import { ReadProblem } from './read-problem.tsx'
import { RevealValue } from './reveal-value.tsx'

interface ObjectInspectorProps {
  readonly captureId: string
  readonly object: number
  /** What the heap's sites can say; without tracing "allocated at" is no question. */
  readonly isTraced: boolean
  readonly siteKind: SiteKind
  readonly generations: readonly [number, number] | null
  readonly pinRef: EvidenceRef
  readonly onOpen: (object: number) => void
  readonly onClose: () => void
}

/** One object in full: what it is, what keeps it alive, what it holds, and what can be done with that. */
export function ObjectInspector(props: ObjectInspectorProps) {
  const { captureId, object } = props
  const { answer, error, retry } = useGraph(captureId, 'object', { object })
  return (
    <InspectorPanel label="The selected object" onClose={props.onClose}>
      {answer ? (
        <Details {...props} details={answer} key={object} />
      ) : error !== undefined ? (
        <ReadProblem sentence={sentenceOf(error)} onRetry={retry} />
      ) : (
        <p role="status" className="py-2 text-ink-2">
          Opening the heap… The first question takes a moment.
        </p>
      )}
    </InspectorPanel>
  )
}

function Details(props: ObjectInspectorProps & { details: ObjectDetails }) {
  const { captureId, details, onOpen } = props
  const { line } = details
  return (
    <>
      <h2 className="pr-9 font-[650] text-[15px] [overflow-wrap:anywhere]">
        <bdi>{visible(line.label)}</bdi>
      </h2>
      <p className="font-mono text-ink-3 text-xs [overflow-wrap:anywhere]">
        <bdi>{[visible(line.className), line.key].filter(Boolean).join(' ')}</bdi>
      </p>
      <Facts {...props} />
      <PanelHeading>What keeps it alive</PanelHeading>
      <ObjectPath details={details} onOpen={onOpen} />
      <Holds details={details} />
      <Neighbours captureId={captureId} details={details} onOpen={onOpen} />
      {details.hasValue && (
        <>
          <PanelHeading>Value</PanelHeading>
          <RevealValue captureId={captureId} object={line.object} />
        </>
      )}
      <Actions {...props} />
    </>
  )
}

function Facts({
  details: { line, retainedShare, facts },
  isTraced,
  siteKind,
  generations,
}: ObjectInspectorProps & { details: ObjectDetails }) {
  return (
    <FactList>
      <dt>Shallow size</dt>
      <dd className="num">{formatBytes(bytes(line.shallowBytes))}</dd>
      <dt>Retained size</dt>
      <dd className="num">
        {line.retainedBytes === null
          ? 'not known: no root reaches it'
          : `${formatBytes(bytes(line.retainedBytes))}${retainedShare === null ? '' : ` (${formatShare(retainedShare)} of the heap)`}`}
      </dd>
      {line.retainedObjects !== null && line.retainedObjects > 1 && (
        <>
          <dt>Objects with it</dt>
          <dd className="num">{formatCount(line.retainedObjects)}</dd>
        </>
      )}
      {(line.site !== null || (isTraced && siteKind === 'allocation')) && (
        <>
          <dt>{siteKind === 'definition' ? 'Defined at' : 'Allocated at'}</dt>
          <dd className="num">{line.site === null ? 'not traced' : <bdi>{visible(line.site)}</bdi>}</dd>
        </>
      )}
      {line.generation !== null && line.generation >= 0 && (
        <>
          <dt>Generation</dt>
          <dd className="num">
            {formatCount(line.generation)}
            {generations && ` of ${formatCount(generations[1])}`}
          </dd>
        </>
      )}
      <dt>References</dt>
      <dd className="num">{formatCount(line.references)}</dd>
      {facts.map(({ name, value }) => (
        <FactLine key={name} name={visible(name)} value={visible(value)} />
      ))}
    </FactList>
  )
}

function FactLine({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt className="truncate" title={name}>
        <bdi>{name}</bdi>
      </dt>
      <dd className="num">
        <bdi>{value}</bdi>
      </dd>
    </>
  )
}

/** Shown before somebody asks for all of them. */
const FIRST_GROUPS = 8

/** What would be freed with the object, by class and site. */
function Holds({ details: { holds, line } }: { details: ObjectDetails }) {
  const [isWhole, setWhole] = useState(false)
  const shown = isWhole ? holds : holds.slice(0, FIRST_GROUPS)
  return (
    <>
      <PanelHeading>What it holds</PanelHeading>
      {holds.length === 0 ? (
        <p className="text-ink-3">
          {line.references === 0 ? 'Nothing: it has no references.' : 'Nothing that would be freed with it.'}
        </p>
      ) : (
        <table className="w-full table-fixed text-sm">
          {/* A hidden header would set the widths of a fixed table. */}
          <colgroup>
            <col />
            <col className="w-[72px]" />
            <col className="w-[88px]" />
          </colgroup>
          <thead className="sr-only">
            <tr>
              <th scope="col">Class and allocation site</th>
              <th scope="col">Objects</th>
              <th scope="col">Size</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((group) => (
              <tr
                key={`${group.type} ${group.className} ${group.site}`}
                className="border-line border-b last:border-b-0"
              >
                <td className="py-1 pr-2">
                  <bdi className="block truncate font-semibold" title={visible(group.className)}>
                    {visible(group.className)}
                  </bdi>
                  {group.site !== null && (
                    <bdi className="block truncate font-mono text-ink-3 text-xs" title={visible(group.site)}>
                      {visible(group.site)}
                    </bdi>
                  )}
                </td>
                <td className="num py-1 text-right align-top">{formatCount(group.count)}</td>
                <td className="num py-1 text-right align-top">{formatBytes(bytes(group.bytes))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {holds.length > shown.length && (
        <Button size="small" look="quiet" onClick={() => setWhole(true)}>
          Show all {formatCount(holds.length)}
        </Button>
      )}
    </>
  )
}

/** Its neighbours in the graph and in the dominator tree, fetched when opened. */
function Neighbours({
  captureId,
  details,
  onOpen,
}: {
  captureId: string
  details: ObjectDetails
  onOpen(object: number): void
}) {
  const { object, references } = details.line
  const list = (ask: 'referrers' | 'references' | 'dominated', empty: string) => (
    <ObjectList captureId={captureId} ask={ask} about={{ object }} onOpen={onOpen} empty={empty} />
  )
  return (
    <div className="mt-3 border-line border-y">
      <Unfolding title="Referred to by" count={details.referrers}>
        {list('referrers', 'Nothing refers to it.')}
      </Unfolding>
      <Unfolding title="Refers to" count={references}>
        {list('references', 'It refers to nothing.')}
      </Unfolding>
      <Unfolding
        title="Keeps alive alone"
        hint="The objects just below it in the dominator tree: every way to them leads through it."
        count={details.dominated}
      >
        {list('dominated', 'Nothing lives through it alone.')}
      </Unfolding>
    </div>
  )
}

function Unfolding({
  title,
  hint,
  count,
  children,
}: {
  title: string
  hint?: string
  count: number
  children: ReactNode
}) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details
      open={isOpen}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      className="border-line border-b last:border-b-0"
    >
      <summary className="cursor-pointer py-1.5 font-semibold text-ink-2 text-sm" title={hint}>
        {title} <span className="num ml-1 font-normal text-ink-3">{formatCount(count)}</span>
      </summary>
      {isOpen && <div className="pb-2">{children}</div>}
    </details>
  )
}

function Actions({ details, pinRef }: ObjectInspectorProps & { details: ObjectDetails }) {
  const { canWrite } = useRoom()
  const { canPin, openPin } = usePin()
  const command = useCommand()
  if (!canWrite) return null
  const title = objectTitle(details)
  const hunch = async () => {
    const id = HypothesisId.parse(crypto.randomUUID())
    const added = await command('hypothesis:add', { id, title: `${title} is kept for too long` })
    if (added) openPin(pinRef, title, added.id)
  }
  const { fingerprint } = details
  return (
    <div className="mt-4 flex flex-wrap gap-2">
      {canPin && (
        <Button size="small" look="primary" onClick={() => openPin(pinRef, title)}>
          <Pin size={13} aria-hidden /> Pin this object
        </Button>
      )}
      <Button size="small" onClick={() => void hunch()}>
        <Lightbulb size={13} aria-hidden /> New hunch from this
      </Button>
      {fingerprint && <MarkExpectedButton subject={{ fingerprint, title, objects: null }} />}
    </div>
  )
}
