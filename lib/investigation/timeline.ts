import { STATUS_WORDS } from '#lib/hypotheses/words'
import { formatCount } from '#lib/units/format'
import { checkDeed, checkTone } from './check-deeds.ts'
import type { RoomEvent } from './events.ts'
import { excerpt } from './message-text.ts'
import { secondLookWords } from './reminder-words.ts'
import type { RoomState } from './room-state.ts'
import type { CaptureRow, InvestigationStatus } from './rows.ts'
import { everyWords, hostOf, type SourceChange, sourceDeed } from './sources.ts'
import { experimentDeed, stanceOf } from './timeline-experiments.ts'
import { TIMELINE_ICONS, type TimelineIcon } from './timeline-icons.ts'

/** How loud an entry is: quiet ones may be folded, `for`/`against` carry the colour of the stance. */
export type TimelineTone = 'quiet' | 'plain' | 'for' | 'against' | 'attention'

/** One line of the timeline. */
export interface TimelineEntry {
  readonly seq: number
  readonly icon: TimelineIcon
  readonly tone: TimelineTone
  readonly actor: string
  /** What was done, without who: "ruled out “Redis”: the heap is flat". */
  readonly deed: string
  /** The whole sentence, without a full stop. */
  readonly text: string
  /** Epoch milliseconds. */
  readonly at: number
}

/** Looks up what an event names by id only. An unknown one is answered with undefined. */
export interface TimelineNames {
  person(userId: string): string | undefined
  hypothesis(id: string): string | undefined
  evidence(id: string): string | undefined
}

/** The names that a room's state knows. O(rows) once; the look-ups are constant. */
export function namesOf(
  state: Pick<RoomState, 'members' | 'formerNames' | 'hypotheses' | 'evidence'>,
): TimelineNames {
  const people = new Map<string, string>([
    ...Object.entries(state.formerNames),
    ...state.members.map((member): [string, string] => [member.userId, member.name]),
  ])
  const hypotheses = new Map<string, string>(state.hypotheses.map((row) => [row.id, row.title]))
  const evidence = new Map<string, string>(state.evidence.map((row) => [row.id, row.title]))
  return {
    person: (id) => people.get(id),
    hypothesis: (id) => hypotheses.get(id),
    evidence: (id) => evidence.get(id),
  }
}

/** An event as the timeline shows it: who did what when, in words. Pure; the same for everybody. */
export function describeEvent(event: RoomEvent, names: TimelineNames): TimelineEntry {
  const deed = deedOf(event, names)
  return {
    seq: event.seq,
    icon: TIMELINE_ICONS[event.type],
    tone: toneOf(event),
    actor: event.actorName,
    deed,
    text: `${event.actorName} ${deed}`,
    at: event.at,
  }
}

/** That something stands still, and that it goes on, is for everybody. */
const SOURCE_TONES: Record<SourceChange, TimelineTone> = {
  failing: 'attention',
  recovered: 'plain',
  paused: 'plain',
  resumed: 'quiet',
  refresh: 'quiet',
  finished: 'quiet',
}

function toneOf(event: RoomEvent): TimelineTone {
  switch (event.type) {
    case 'hypothesis:moved':
    case 'evidence:changed':
    case 'experiment:changed':
    case 'confidence:set':
    case 'message:changed':
    case 'capture:changed':
    case 'series:changed':
    case 'member:joined':
    case 'member:left':
    case 'query:saved':
    case 'query:removed':
    case 'value:revealed':
    case 'reminder:removed':
    case 'document:version-saved':
      return 'quiet'
    case 'check:evaluated':
      return checkTone(event.payload)
    case 'evidence:linked':
      return event.payload.link.stance === 'neutral' ? 'plain' : event.payload.link.stance
    case 'hypothesis:status-changed': {
      const { status } = event.payload.hypothesis
      if (status === 'supported' || status === 'confirmed') return 'for'
      return status === 'ruled-out' ? 'against' : 'plain'
    }
    case 'experiment:concluded': {
      const { conclusion } = event.payload.experiment
      if (!conclusion || conclusion.runsLeft > 0) return 'quiet'
      const stance = stanceOf(conclusion)
      return stance === 'neutral' ? 'plain' : stance
    }
    case 'run:changed':
      return event.payload.deed === 'excluded' || event.payload.deed === 'included' ? 'plain' : 'quiet'
    case 'mark:added':
      return event.payload.mark.kind === 'crash' || event.payload.mark.kind === 'outage'
        ? 'attention'
        : 'plain'
    case 'snapshot:failed':
    case 'reminder:due':
      return 'attention'
    case 'source:changed':
      return SOURCE_TONES[event.payload.changed]
    case 'capture:state-changed':
      if (event.payload.capture.state === 'failed') return 'attention'
      return event.payload.capture.state === 'ready' ? 'plain' : 'quiet'
    default:
      return 'plain'
  }
}

/** What was done, without who and without a full stop. */
export function deedOf(event: RoomEvent, names: TimelineNames): string {
  switch (event.type) {
    case 'investigation:opened':
      return `opened the investigation ${quoted(event.payload.investigation.title)}`
    case 'investigation:changed':
      return investigationDeed(event)
    case 'member:joined':
      return event.actorId === event.payload.member.userId
        ? `joined as ${event.payload.member.role}`
        : `added ${event.payload.member.name} as ${event.payload.member.role}`
    case 'member:left':
      return event.actorId === event.payload.userId
        ? 'left'
        : `removed ${names.person(event.payload.userId) ?? event.payload.name ?? 'a member'}`
    case 'hypothesis:added':
      return `added the hypothesis ${quoted(event.payload.hypothesis.title)}`
    case 'hypothesis:changed':
      return hypothesisDeed(event, names)
    case 'hypothesis:moved':
      return `moved ${quoted(event.payload.hypothesis.title)} in the list`
    case 'hypothesis:status-changed':
      return statusDeed(event)
    case 'hypothesis:removed':
      return `removed the hypothesis ${quoted(event.payload.title)}`
    case 'confidence:set':
      return confidenceDeed(event)
    case 'check:added':
    case 'check:changed':
    case 'check:evaluated':
    case 'check:removed':
      return checkDeed(event)
    case 'evidence:pinned':
      return `pinned ${quoted(event.payload.evidence.title)}`
    case 'evidence:changed':
      return `brought ${quoted(event.payload.evidence.title)} up to date`
    case 'evidence:linked':
      return linkDeed(event, names)
    case 'evidence:unlinked':
      return `took ${evidenceName(event.payload.evidenceId, names)} away from ${hypothesisName(event.payload.hypothesisId, names)}`
    case 'message:posted':
      // A message's words go from the log when it is deleted (docs/decisions/007).
      return event.payload.message.body === ''
        ? 'wrote a message that was deleted later'
        : `wrote ${quoted(excerpt(event.payload.message))}`
    case 'message:changed':
      if (event.payload.message.deleted) return 'deleted a message'
      return event.payload.message.body === ''
        ? 'changed a message that was deleted later'
        : `changed a message to ${quoted(excerpt(event.payload.message))}`
    case 'mark:added':
      return `marked ${quoted(event.payload.mark.label)} (${event.payload.mark.kind}) on the graph`
    case 'mark:changed':
      return `changed the mark ${quoted(event.payload.mark.label)}`
    case 'mark:removed':
      return `removed the mark ${quoted(event.payload.label)}`
    case 'limit:set':
      return `set the limit ${quoted(event.payload.limit.label)}`
    case 'limit:removed':
      return `removed the limit ${quoted(event.payload.label)}`
    case 'capture:added':
      return `started to attach the capture ${quoted(event.payload.capture.label)}`
    case 'capture:changed':
      return captureDeed(event)
    case 'capture:state-changed':
      return stateDeed(event.payload.capture)
    case 'capture:removed':
      return `removed the capture ${quoted(event.payload.label)}`
    case 'series:added':
      return `attached the series ${quoted(event.payload.series.label)}`
    case 'series:changed':
      return `extended the series ${quoted(event.payload.series.label)}`
    case 'series:removed':
      return `removed the series ${quoted(event.payload.label)}`
    case 'reminder:set':
      return `asked the room to look at ${quoted(event.payload.reminder.label)} again`
    case 'reminder:due':
      return secondLookWords(event.payload.reminder)
    case 'reminder:removed':
      return `took back the reminder of ${quoted(event.payload.label)}`
    case 'experiment:added':
    case 'experiment:changed':
    case 'experiment:concluded':
    case 'run:added':
    case 'run:changed':
      return experimentDeed(event, names)
    case 'source:added': {
      const { url, refreshSeconds } = event.payload.source
      return `began to fetch from ${quoted(hostOf(url))} ${everyWords(refreshSeconds)}`
    }
    case 'source:changed':
      return sourceDeed(event.payload.source, event.payload.changed)
    case 'source:removed':
      return `ended fetching from ${quoted(event.payload.host)}`
    case 'ledger:marked':
      return markedDeed(event)
    case 'ledger:removed':
      return `took ${quoted(event.payload.title)} out of the team’s ledger`
    case 'query:saved':
      return `${event.payload.query.version === 1 ? 'saved' : 'changed'} the query ${quoted(event.payload.query.title)}`
    case 'query:removed':
      return `removed the query ${quoted(event.payload.title)}`
    case 'value:revealed':
      return `looked at the value of ${event.payload.what} ${event.payload.key} in ${quoted(event.payload.captureLabel)}`
    case 'agent:appeared':
      return `began to send the memory of ${quoted(event.payload.process)} on ${event.payload.host}`
    case 'snapshot:asked':
      return `asked ${quoted(event.payload.process)} for a snapshot`
    case 'snapshot:failed':
      return `could not take a snapshot of ${quoted(event.payload.process)}: ${withoutStop(event.payload.problem)}`
    case 'share:created':
      return `made a share link for the role ${event.payload.role}`
    case 'share:revoked':
      return `ended a share link for the role ${event.payload.role}`
    case 'document:version-saved':
      return `kept the notes as they stand (${event.payload.label})`
    case 'document:restored':
      return `brought the notes back to ${quoted(event.payload.label)}`
  }
}

type EventOf<T extends RoomEvent['type']> = Extract<RoomEvent, { type: T }>

/** Investigation statuses as people read them. */
export const INVESTIGATION_WORDS: Record<InvestigationStatus, string> = {
  investigating: 'investigating',
  'cause-found': 'cause found',
  'no-growth': 'no growth',
  parked: 'parked',
}

function investigationDeed({
  payload: { investigation, changed },
}: EventOf<'investigation:changed'>): string {
  const deeds = changed.map((field) => {
    if (field === 'title') return `renamed the investigation to ${quoted(investigation.title)}`
    if (field === 'status')
      return `set the investigation to ${quoted(INVESTIGATION_WORDS[investigation.status])}`
    return investigation.valuesHidden
      ? 'hid the values of heap objects'
      : 'let the values of heap objects be seen'
  })
  return deeds.join(' and ') || 'changed the investigation'
}

function hypothesisDeed({ payload, actorId }: EventOf<'hypothesis:changed'>, names: TimelineNames): string {
  const { hypothesis, changed = [] } = payload
  const title = quoted(hypothesis.title)
  const deeds = changed.map((field) => {
    if (field === 'title') return `renamed a hypothesis to ${title}`
    if (hypothesis.ownerId === null) return `took the owner off ${title}`
    if (hypothesis.ownerId === actorId) return `took on ${title}`
    return `gave ${title} to ${names.person(hypothesis.ownerId) ?? 'somebody'}`
  })
  return deeds.join(' and ') || `changed ${title}`
}

function statusDeed({ payload: { hypothesis, from } }: EventOf<'hypothesis:status-changed'>): string {
  const title = quoted(hypothesis.title)
  const because = hypothesis.statusReason ? `: ${hypothesis.statusReason}` : ''
  const wasSettled = from === 'ruled-out' || from === 'parked' || from === 'confirmed'
  if (wasSettled && (hypothesis.status === 'hunch' || hypothesis.status === 'testing'))
    return `reopened ${title} as ${STATUS_WORDS[hypothesis.status]}${because}`
  switch (hypothesis.status) {
    case 'testing':
      return `started testing ${title}${because}`
    case 'confirmed':
      return `confirmed ${title}${because}`
    case 'ruled-out':
      return `ruled out ${title}${because}`
    case 'parked':
      return `parked ${title}${because}`
    default:
      return `marked ${title} as ${STATUS_WORDS[hypothesis.status]}${because}`
  }
}

function confidenceDeed({ payload: { hypothesis }, actorId }: EventOf<'confidence:set'>): string {
  const vote = actorId === null ? undefined : hypothesis.confidence[actorId]
  return vote === undefined
    ? `took back the confidence in ${quoted(hypothesis.title)}`
    : `gave ${quoted(hypothesis.title)} a confidence of ${vote} of 5`
}

function linkDeed({ payload: { link } }: EventOf<'evidence:linked'>, names: TimelineNames): string {
  const stance = link.stance === 'neutral' ? 'beside' : link.stance
  const verb = link.version === 1 ? 'pinned' : 'now counts'
  return `${verb} ${evidenceName(link.evidenceId, names)} ${stance} ${hypothesisName(link.hypothesisId, names)}`
}

function markedDeed({ payload: { entry } }: EventOf<'ledger:marked'>): string {
  const verdict = entry.verdict === 'expected' ? 'expected' : 'not expected'
  const bound = entry.bound === null ? '' : ` up to ${formatCount(entry.bound)}`
  return `marked ${quoted(entry.title)} as ${verdict}${bound}: ${entry.reason}`
}

const FIELD_WORDS = {
  label: 'label',
  time: 'time',
  process: 'process',
  requests: 'request count',
  order: 'place',
} as const

function captureDeed({ payload: { capture, changed = [] } }: EventOf<'capture:changed'>): string {
  const fields = changed.map((field) => FIELD_WORDS[field]).join(' and ')
  return fields
    ? `changed the ${fields} of the capture ${quoted(capture.label)}`
    : `changed the capture ${quoted(capture.label)}`
}

function stateDeed(capture: CaptureRow): string {
  const label = quoted(capture.label)
  switch (capture.state) {
    case 'uploading':
      return `is uploading ${label}`
    case 'queued':
      return `uploaded ${label}`
    case 'reading':
      return `began to read ${label}`
    case 'ready':
      return `read ${label}`
    case 'failed':
      return `could not read ${label}${capture.problem ? `: ${withoutStop(capture.problem)}` : ''}`
    case 'cancelled':
      return `cancelled ${label}`
  }
}

const quoted = (text: string): string => `“${text}”`
const withoutStop = (text: string): string => text.replace(/\.$/, '')
const evidenceName = (id: string, names: TimelineNames): string => {
  const title = names.evidence(id)
  return title === undefined ? 'a piece of evidence' : quoted(title)
}
const hypothesisName = (id: string, names: TimelineNames): string => {
  const title = names.hypothesis(id)
  return title === undefined ? 'a hypothesis' : quoted(title)
}
