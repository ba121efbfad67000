import { z } from 'zod'
import { CheckState } from '#lib/hypotheses/checks'
import { HypothesisStatus } from '#lib/hypotheses/transitions'
import { CheckRow } from './checks.ts'
import { ExperimentRow, RunRow } from './experiments.ts'
import {
  CaptureId,
  CheckId,
  EvidenceId,
  HypothesisId,
  InvestigationId,
  LedgerEntryId,
  LimitId,
  MarkId,
  ReminderId,
  SavedQueryId,
  SeriesId,
  SourceId,
  UserId,
} from './ids.ts'
import {
  CaptureRow,
  EvidenceLinkRow,
  EvidenceRow,
  HypothesisRow,
  InvestigationRow,
  LedgerEntryRow,
  LimitRow,
  MarkRow,
  MemberRow,
  MessageRow,
  ReminderRow,
  SavedQueryRow,
  SeriesRow,
} from './rows.ts'
import { SourceChange, SourceRow } from './sources.ts'

/**
 * Everything that can happen in a room, as a past-tense fact. Each carries the whole row as it stands after the
 * change, so that applying events in order of `seq` to a room's state gives the room's state (room-state.ts).
 */
export const ROOM_EVENTS = {
  'investigation:opened': z.object({ investigation: InvestigationRow }),
  'investigation:changed': z.object({
    investigation: InvestigationRow,
    changed: z.array(z.enum(['title', 'status', 'valuesHidden'])),
  }),
  'member:joined': z.object({ member: MemberRow }),
  /** `name`: what was written under it stays. Older logs lack it. */
  'member:left': z.object({ userId: UserId, name: z.string().optional() }),

  'hypothesis:added': z.object({ hypothesis: HypothesisRow }),
  'hypothesis:changed': z.object({
    hypothesis: HypothesisRow,
    changed: z.array(z.enum(['title', 'owner'])).optional(),
  }),
  'hypothesis:moved': z.object({ hypothesis: HypothesisRow }),
  'hypothesis:status-changed': z.object({ hypothesis: HypothesisRow, from: HypothesisStatus }),
  'hypothesis:removed': z.object({ hypothesisId: HypothesisId, title: z.string() }),
  'confidence:set': z.object({ hypothesis: HypothesisRow }),

  'check:added': z.object({ check: CheckRow }),
  'check:changed': z.object({ check: CheckRow }),
  /** By the server; `from`: what it was before, null at first. Only when state or words change. */
  'check:evaluated': z.object({ check: CheckRow, from: CheckState.nullable() }),
  'check:removed': z.object({ checkId: CheckId, sentence: z.string() }),

  'evidence:pinned': z.object({ evidence: EvidenceRow }),
  /** What it says was brought up to date by the server: the reading of an experiment. */
  'evidence:changed': z.object({ evidence: EvidenceRow }),
  'evidence:linked': z.object({ link: EvidenceLinkRow }),
  'evidence:unlinked': z.object({ evidenceId: EvidenceId, hypothesisId: HypothesisId }),

  'message:posted': z.object({ message: MessageRow }),
  'message:changed': z.object({ message: MessageRow }),

  'mark:added': z.object({ mark: MarkRow }),
  'mark:changed': z.object({ mark: MarkRow }),
  'mark:removed': z.object({ markId: MarkId, label: z.string() }),
  'limit:set': z.object({ limit: LimitRow }),
  'limit:removed': z.object({ limitId: LimitId, label: z.string() }),

  'capture:added': z.object({ capture: CaptureRow }),
  'capture:changed': z.object({
    capture: CaptureRow,
    changed: z.array(z.enum(['label', 'time', 'process', 'requests', 'order'])).optional(),
  }),
  /** Uploaded, being read, ready, failed, cancelled. */
  'capture:state-changed': z.object({ capture: CaptureRow }),
  'capture:removed': z.object({ captureId: CaptureId, label: z.string() }),

  'series:added': z.object({ series: SeriesRow }),
  'series:changed': z.object({ series: SeriesRow }),
  'series:removed': z.object({ seriesId: SeriesId, label: z.string() }),

  'reminder:set': z.object({ reminder: ReminderRow }),
  /** The room has looked again; a reminder that still waits comes once more. */
  'reminder:due': z.object({ reminder: ReminderRow }),
  'reminder:removed': z.object({ reminderId: ReminderId, label: z.string() }),

  /** With the runs that its plan lays out. */
  'experiment:added': z.object({ experiment: ExperimentRow, runs: z.array(RunRow) }),
  'experiment:changed': z.object({
    experiment: ExperimentRow,
    changed: z.array(
      z.enum([
        'title',
        'hypothesis',
        'steps',
        'conditions',
        'length',
        'expected',
        'trouble',
        'production-series',
        'production',
        'reproduction',
        'waived',
        'counted',
        'archived',
        'unarchived',
      ]),
    ),
  }),
  /** Its reading changed: words or numbers. */
  'experiment:concluded': z.object({ experiment: ExperimentRow }),
  'run:added': z.object({ experiment: ExperimentRow, runs: z.array(RunRow) }),
  'run:changed': z.object({
    run: RunRow,
    /** The experiment's title, for the timeline. */
    title: z.string(),
    deed: z.enum(['attached', 'detached', 'started', 'ended', 'excluded', 'included', 'read']),
    reason: z.string().optional(),
  }),

  /** A Prometheus that the server asks for the room. Each fetch is not told, only what changes about the source. */
  'source:added': z.object({ source: SourceRow }),
  'source:changed': z.object({ source: SourceRow, changed: SourceChange }),
  'source:removed': z.object({ sourceId: SourceId, host: z.string() }),

  /** The team's, so no row of the room changes: pages ask for the ledger anew. */
  'ledger:marked': z.object({ entry: LedgerEntryRow }),
  'ledger:removed': z.object({ entryId: LedgerEntryId, title: z.string() }),

  'query:saved': z.object({ query: SavedQueryRow }),
  'query:removed': z.object({ queryId: SavedQueryId, title: z.string() }),

  /** Somebody looked at what an object of a dump holds: its number in the capture, its address, its class. */
  'value:revealed': z.object({
    captureId: CaptureId,
    captureLabel: z.string(),
    object: z.int().nonnegative(),
    key: z.string().max(200),
    what: z.string().max(500),
  }),

  /** A program that sends a process's memory was heard for the first time. Rows of agents are asked for, not folded. */
  'agent:appeared': z.object({ process: z.string(), host: z.string() }),
  /** The request's id becomes the capture's. */
  'snapshot:asked': z.object({ requestId: CaptureId, process: z.string() }),
  'snapshot:failed': z.object({ requestId: CaptureId, process: z.string(), problem: z.string() }),

  'share:created': z.object({ role: z.string(), expiresAt: z.number().nullable() }),
  'share:revoked': z.object({ role: z.string() }),
  'document:version-saved': z.object({ label: z.string(), seq: z.number() }),
  'document:restored': z.object({ label: z.string() }),
} as const

export type RoomEventType = keyof typeof ROOM_EVENTS
export type RoomEventPayload<T extends RoomEventType> = z.infer<(typeof ROOM_EVENTS)[T]>

interface Envelope {
  readonly investigationId: InvestigationId
  /** Contiguous from 1 within an investigation, in commit order. */
  readonly seq: number
  /** A user id, or null for a machine. */
  readonly actorId: UserId | null
  readonly actorName: string
  /** Epoch milliseconds. */
  readonly at: number
}
/** One fact of the log, discriminated by `type`. */
export type RoomEvent = {
  [T in RoomEventType]: Envelope & { readonly type: T; readonly payload: RoomEventPayload<T> }
}[RoomEventType]

const EnvelopeSchema = z.object({
  investigationId: InvestigationId,
  seq: z.int().positive(),
  type: z.enum(Object.keys(ROOM_EVENTS) as [RoomEventType, ...RoomEventType[]]),
  actorId: UserId.nullable(),
  actorName: z.string(),
  at: z.number(),
  payload: z.unknown(),
})

/** Reads an event from the wire or from a stored row. @throws ZodError when it is not one: a bug. */
export function readRoomEvent(value: unknown): RoomEvent {
  const envelope = EnvelopeSchema.parse(value)
  const payload = ROOM_EVENTS[envelope.type].parse(envelope.payload)
  // reason: the payload was parsed by the schema of this very type; TypeScript cannot correlate the two look-ups.
  return { ...envelope, payload } as RoomEvent
}
