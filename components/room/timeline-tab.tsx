'use client' // Follows the live log.

import { clsx } from 'clsx'
import {
  BookCheck,
  Camera,
  ChartLine,
  Database,
  DoorOpen,
  Eye,
  FileText,
  Flag,
  FlaskConical,
  Gauge,
  Lightbulb,
  Link2,
  type LucideIcon,
  MessageSquare,
  Pin,
  Ruler,
  Tag as TagIcon,
  UserRound,
} from 'lucide-react'
import { Fragment, useMemo, useState } from 'react'
import { Button } from '#components/ui/button'
import { EmptyState } from '#components/ui/empty-state'
import type { RoomEvent } from '#lib/investigation/events'
import { describeEvent, namesOf, type TimelineEntry, type TimelineTone } from '#lib/investigation/timeline'
import type { TimelineIcon } from '#lib/investigation/timeline-icons'
import { ClockTime, day, sameDay } from './clock-time.tsx'
import { useRoomState } from './room-context.tsx'
import { TimelineStrip } from './timeline-strip.tsx'
import { useEvents } from './use-events.tsx'
import { useView } from './view.tsx'

const ICONS: Record<TimelineIcon, LucideIcon> = {
  room: DoorOpen,
  person: UserRound,
  hypothesis: Lightbulb,
  status: TagIcon,
  confidence: Gauge,
  evidence: Pin,
  message: MessageSquare,
  mark: Flag,
  limit: Ruler,
  capture: Camera,
  series: ChartLine,
  experiment: FlaskConical,
  ledger: BookCheck,
  query: Database,
  value: Eye,
  share: Link2,
  document: FileText,
}
const TONES: Record<TimelineTone, string> = {
  quiet: 'text-ink-3',
  plain: 'text-ink-2',
  for: 'text-steady',
  against: 'text-growth',
  attention: 'text-growth',
}

/** Who did what when: the room's log as a strip on the graph's time axis and as a list, newest first. */
export function TimelineTab() {
  const { events, hasOlder, loading, loadOlder } = useEvents()
  const [showQuiet, setShowQuiet] = useState(false)
  const names = useNames()
  const entries = useMemo(
    () =>
      events
        .map((event) => ({ event, entry: describeEvent(event, names) }))
        .filter(({ entry }) => showQuiet || entry.tone !== 'quiet'),
    [events, names, showQuiet],
  )
  return (
    <div className="pb-6">
      <TimelineStrip entries={entries} />
      <div className="flex items-center gap-3 px-4 pt-2 pb-1">
        <label className="flex items-center gap-1.5 text-ink-2 text-sm max-md:py-2">
          <input
            type="checkbox"
            checked={showQuiet}
            onChange={(event) => setShowQuiet(event.target.checked)}
            className="accent-accent"
          />
          Also small changes
        </label>
      </div>
      {entries.length === 0 && (
        <EmptyState title={loading ? 'Loading the timeline…' : 'Nothing has happened yet'}>
          {!loading &&
            'Attach a graph or a capture, pin evidence, change a status: it stands here, with who and when.'}
        </EmptyState>
      )}
      <ol className="px-4">
        {entries.map(({ event, entry }, at) => (
          <Fragment key={entry.seq}>
            {(at === 0 || !sameDay(entry.at, entries[at - 1]?.entry.at ?? 0)) && (
              <li className="pt-3 pb-1 font-[550] text-ink-3 text-xs">{day(entry.at)}</li>
            )}
            <Line event={event} entry={entry} />
          </Fragment>
        ))}
      </ol>
      {hasOlder && events.length > 0 && (
        <div className="px-4 pt-2">
          <Button size="small" disabled={loading} onClick={() => void loadOlder()}>
            {loading ? 'Loading…' : 'Older'}
          </Button>
        </div>
      )}
    </div>
  )
}

function Line({ event, entry }: { event: RoomEvent; entry: TimelineEntry }) {
  const Icon = ICONS[entry.icon]
  const go = useGo(event)
  const words = (
    <>
      <b className="font-[620] text-ink">
        <bdi>{entry.actor}</bdi>
      </b>{' '}
      <bdi className="break-words">{entry.deed}</bdi>
    </>
  )
  return (
    <li className="grid grid-cols-[44px_18px_1fr] items-start gap-1.5 py-[3px] max-md:py-0">
      <ClockTime at={entry.at} bare className="num pt-px text-ink-3 max-md:pt-2" />
      <Icon size={13} className={clsx('mt-[3px] max-md:mt-2.5', TONES[entry.tone])} aria-hidden />
      {go ? (
        <button
          type="button"
          onClick={go}
          className="rounded text-left text-ink-2 underline-offset-2 hover:underline max-md:py-[7px]"
        >
          {words}
        </button>
      ) : (
        <span className="text-ink-2 max-md:py-[7px]">{words}</span>
      )}
    </li>
  )
}

/** Where a click on an entry leads; undefined where there is nothing to see any more. */
function useGo(event: RoomEvent): (() => void) | undefined {
  const { show, spot, setPanel } = useView()
  const isHere = useRoomState((state) => {
    if (event.type.startsWith('hypothesis:') && 'hypothesis' in event.payload) {
      const { id } = event.payload.hypothesis
      return state.hypotheses.some((row) => row.id === id)
    }
    return true
  })
  if (!isHere) return undefined
  switch (event.type) {
    case 'hypothesis:added':
    case 'hypothesis:changed':
    case 'hypothesis:moved':
    case 'hypothesis:status-changed':
    case 'confidence:set':
      return () => {
        setPanel('hypotheses')
        spot('hypothesis', event.payload.hypothesis.id)
      }
    case 'evidence:linked':
      return () => {
        setPanel('hypotheses')
        spot('hypothesis', event.payload.link.hypothesisId)
      }
    case 'evidence:pinned':
      return () => show(event.payload.evidence.ref)
    case 'message:posted':
    case 'message:changed':
      return () => show({ kind: 'message', messageId: event.payload.message.id })
    case 'capture:added':
    case 'capture:changed':
    case 'capture:state-changed':
      return () => setPanel('snapshots')
    case 'mark:added':
    case 'mark:changed': {
      const { at, until } = event.payload.mark
      return () => {
        setPanel('graph')
        spot('range', '', { from: at, to: until ?? at })
      }
    }
    default:
      return undefined
  }
}

function useNames() {
  const members = useRoomState((state) => state.members)
  const formerNames = useRoomState((state) => state.formerNames)
  const hypotheses = useRoomState((state) => state.hypotheses)
  const evidence = useRoomState((state) => state.evidence)
  return useMemo(
    () => namesOf({ members, formerNames, hypotheses, evidence }),
    [members, formerNames, hypotheses, evidence],
  )
}
