import { z } from 'zod'
import { CheckRow } from './checks.ts'
import type { RoomEvent } from './events.ts'
import { ExperimentRow, RunRow } from './experiments.ts'
import { NODE_AUTHOR, type SeriesId } from './ids.ts'
import {
  CaptureRow,
  EvidenceLinkRow,
  EvidenceRow,
  HypothesisRow,
  InvestigationRow,
  LimitRow,
  MarkRow,
  MemberRow,
  MessageRow,
  ReminderRow,
  SavedQueryRow,
  SeriesRow,
} from './rows.ts'
import { SourceRow } from './sources.ts'

/** All rows of a room at one sequence number. Plain data: the server loads it, the browser keeps it current. */
export const RoomState = z.object({
  seq: z.int().nonnegative(),
  investigation: InvestigationRow,
  members: z.array(MemberRow),
  /** Names of people who wrote here and are no members any more, by user id: their words keep their name. */
  formerNames: z.record(z.string(), z.string()).default({}),
  hypotheses: z.array(HypothesisRow),
  evidence: z.array(EvidenceRow),
  links: z.array(EvidenceLinkRow),
  /** The newest ones, oldest first; older ones are paged in. */
  messages: z.array(MessageRow),
  marks: z.array(MarkRow),
  limits: z.array(LimitRow),
  captures: z.array(CaptureRow),
  series: z.array(SeriesRow),
  /** Not in what browsers kept before there were any. */
  queries: z.array(SavedQueryRow).default([]),
  sources: z.array(SourceRow).default([]),
  experiments: z.array(ExperimentRow).default([]),
  runs: z.array(RunRow).default([]),
  reminders: z.array(ReminderRow).default([]),
  checks: z.array(CheckRow).default([]),
})
export type RoomState = z.infer<typeof RoomState>

const compare = (a: string | number, b: string | number) => (a < b ? -1 : a > b ? 1 : 0)
const linkKey = (link: EvidenceLinkRow) => `${link.evidenceId} ${link.hypothesisId}`

/**
 * The one order of each list, for the server that loads it and for the browser that keeps it current: a reload must
 * not shuffle the page. Ties are broken by id.
 */
export const ORDER = {
  members: (a: MemberRow, b: MemberRow) => compare(a.name, b.name) || compare(a.userId, b.userId),
  hypotheses: (a: HypothesisRow, b: HypothesisRow) => compare(a.rank, b.rank),
  evidence: (a: EvidenceRow, b: EvidenceRow) => compare(a.createdAt, b.createdAt) || compare(a.id, b.id),
  links: (a: EvidenceLinkRow, b: EvidenceLinkRow) =>
    compare(a.createdAt, b.createdAt) || compare(linkKey(a), linkKey(b)),
  messages: (a: MessageRow, b: MessageRow) => compare(a.seq, b.seq),
  marks: (a: MarkRow, b: MarkRow) => compare(a.at, b.at) || compare(a.id, b.id),
  limits: (a: LimitRow, b: LimitRow) => compare(a.bytes, b.bytes) || compare(a.id, b.id),
  captures: (a: CaptureRow, b: CaptureRow) => compare(a.rank, b.rank),
  series: (a: SeriesRow, b: SeriesRow) => compare(a.createdAt, b.createdAt) || compare(a.id, b.id),
  queries: (a: SavedQueryRow, b: SavedQueryRow) => compare(a.createdAt, b.createdAt) || compare(a.id, b.id),
  sources: (a: SourceRow, b: SourceRow) => compare(a.createdAt, b.createdAt) || compare(a.id, b.id),
  experiments: (a: ExperimentRow, b: ExperimentRow) => compare(a.number, b.number),
  runs: (a: RunRow, b: RunRow) => compare(a.experimentId, b.experimentId) || compare(a.position, b.position),
  reminders: (a: ReminderRow, b: ReminderRow) => compare(a.dueAt, b.dueAt) || compare(a.id, b.id),
  checks: (a: CheckRow, b: CheckRow) => compare(a.createdAt, b.createdAt) || compare(a.id, b.id),
} as const

/** The name of somebody who is or was in the room, and of the server itself; undefined for other machines. O(members). */
export const personName = (
  state: Pick<RoomState, 'members' | 'formerNames'>,
  userId: string,
): string | undefined =>
  userId === NODE_AUTHOR
    ? 'Leakroom'
    : (state.members.find((member) => member.userId === userId)?.name ?? state.formerNames[userId])

/** Puts `row` in place of the one with the same identity, or at the end. Never mutates. */
function upsert<T>(rows: readonly T[], row: T, same: (other: T) => boolean): T[] {
  const at = rows.findIndex(same)
  return at < 0 ? [...rows, row] : rows.with(at, row)
}
const upsertById = <T extends { id: string }>(rows: readonly T[], row: T): T[] =>
  upsert(rows, row, (other) => other.id === row.id)
const without = <T extends { id: string }>(rows: readonly T[], id: string): T[] =>
  rows.filter((row) => row.id !== id)

/** Experiments and runs after a graph was removed: what was read of it stays. */
function withoutSeries(
  { experiments, runs }: RoomState,
  seriesId: SeriesId,
): Pick<RoomState, 'experiments' | 'runs'> {
  const kept = (id: SeriesId | null): SeriesId | null => (id === seriesId ? null : id)
  return {
    experiments: experiments.map((row) => ({
      ...row,
      productionSeriesId: kept(row.productionSeriesId),
      productionCounterId: kept(row.productionCounterId),
    })),
    runs: runs.map((row) => ({
      ...row,
      memorySeriesId: kept(row.memorySeriesId),
      iterationsSeriesId: kept(row.iterationsSeriesId),
    })),
  }
}

/**
 * The room after one more event. Pure. An event that the state already holds (`seq` not above the state's) returns the
 * same object; a gap is the caller's business: it must fetch what lies between first.
 */
export function applyRoomEvent(state: RoomState, event: RoomEvent): RoomState {
  if (event.seq <= state.seq) return state
  return { ...change(state, event), seq: event.seq }
}

function change(state: RoomState, event: RoomEvent): RoomState {
  switch (event.type) {
    case 'investigation:opened':
    case 'investigation:changed':
      return { ...state, investigation: event.payload.investigation }
    case 'member:joined': {
      const { member } = event.payload
      return {
        ...state,
        members: upsert(state.members, member, (other) => other.userId === member.userId).sort(ORDER.members),
      }
    }
    case 'member:left': {
      const { userId } = event.payload
      const name = personName(state, userId) ?? event.payload.name
      return {
        ...state,
        members: state.members.filter((member) => member.userId !== userId),
        formerNames: name === undefined ? state.formerNames : { ...state.formerNames, [userId]: name },
      }
    }
    case 'hypothesis:added':
    case 'hypothesis:changed':
    case 'hypothesis:moved':
    case 'hypothesis:status-changed':
    case 'confidence:set':
      return {
        ...state,
        hypotheses: upsertById(state.hypotheses, event.payload.hypothesis).sort(ORDER.hypotheses),
      }
    case 'hypothesis:removed': {
      const { hypothesisId } = event.payload
      return {
        ...state,
        hypotheses: without(state.hypotheses, hypothesisId),
        links: state.links.filter((link) => link.hypothesisId !== hypothesisId),
        checks: state.checks.filter((check) => check.hypothesisId !== hypothesisId),
        // What was measured for it stays.
        experiments: state.experiments.map((row) =>
          row.hypothesisId === hypothesisId ? { ...row, hypothesisId: null } : row,
        ),
      }
    }
    case 'check:added':
    case 'check:changed':
    case 'check:evaluated':
      return { ...state, checks: upsertById(state.checks, event.payload.check).sort(ORDER.checks) }
    case 'check:removed':
      return { ...state, checks: without(state.checks, event.payload.checkId) }
    case 'evidence:pinned':
    case 'evidence:changed':
      return { ...state, evidence: upsertById(state.evidence, event.payload.evidence).sort(ORDER.evidence) }
    case 'evidence:linked': {
      const { link } = event.payload
      const same = (other: EvidenceLinkRow) =>
        other.evidenceId === link.evidenceId && other.hypothesisId === link.hypothesisId
      return { ...state, links: upsert(state.links, link, same).sort(ORDER.links) }
    }
    case 'evidence:unlinked': {
      const { evidenceId, hypothesisId } = event.payload
      const stays = (link: EvidenceLinkRow) =>
        link.evidenceId !== evidenceId || link.hypothesisId !== hypothesisId
      return { ...state, links: state.links.filter(stays) }
    }
    case 'message:posted':
    case 'message:changed':
      return {
        ...state,
        messages: upsertById(state.messages, event.payload.message).sort(ORDER.messages),
      }
    case 'mark:added':
    case 'mark:changed':
      return { ...state, marks: upsertById(state.marks, event.payload.mark).sort(ORDER.marks) }
    case 'mark:removed':
      return { ...state, marks: without(state.marks, event.payload.markId) }
    case 'limit:set':
      return { ...state, limits: upsertById(state.limits, event.payload.limit).sort(ORDER.limits) }
    case 'limit:removed':
      return { ...state, limits: without(state.limits, event.payload.limitId) }
    case 'capture:added':
    case 'capture:changed':
    case 'capture:state-changed':
      return { ...state, captures: upsertById(state.captures, event.payload.capture).sort(ORDER.captures) }
    case 'capture:removed':
      return { ...state, captures: without(state.captures, event.payload.captureId) }
    case 'series:added':
    case 'series:changed':
      return { ...state, series: upsertById(state.series, event.payload.series).sort(ORDER.series) }
    case 'series:removed':
      return {
        ...state,
        series: without(state.series, event.payload.seriesId),
        ...withoutSeries(state, event.payload.seriesId),
        reminders: state.reminders.filter(({ seriesId }) => seriesId !== event.payload.seriesId),
      }
    case 'reminder:set':
    case 'reminder:due': {
      const { reminder } = event.payload
      const same = ({ seriesId }: ReminderRow) => seriesId === reminder.seriesId
      return { ...state, reminders: upsert(state.reminders, reminder, same).sort(ORDER.reminders) }
    }
    case 'reminder:removed':
      return { ...state, reminders: without(state.reminders, event.payload.reminderId) }
    case 'experiment:added':
    case 'run:added': {
      const { experiment, runs } = event.payload
      return {
        ...state,
        experiments: upsertById(state.experiments, experiment).sort(ORDER.experiments),
        runs: runs.reduce<RunRow[]>(upsertById, state.runs).sort(ORDER.runs),
      }
    }
    case 'experiment:changed':
    case 'experiment:concluded': {
      const { experiment } = event.payload
      return {
        ...state,
        experiments: upsertById(state.experiments, experiment).sort(ORDER.experiments),
      }
    }
    case 'run:changed':
      return { ...state, runs: upsertById(state.runs, event.payload.run).sort(ORDER.runs) }
    case 'source:added':
    case 'source:changed':
      return { ...state, sources: upsertById(state.sources, event.payload.source).sort(ORDER.sources) }
    case 'source:removed':
      return { ...state, sources: without(state.sources, event.payload.sourceId) }
    case 'query:saved':
      return { ...state, queries: upsertById(state.queries, event.payload.query).sort(ORDER.queries) }
    case 'query:removed':
      return { ...state, queries: without(state.queries, event.payload.queryId) }
    case 'ledger:marked':
    case 'ledger:removed':
    case 'value:revealed':
    case 'agent:appeared':
    case 'snapshot:asked':
    case 'snapshot:failed':
    case 'share:created':
    case 'share:revoked':
    case 'document:version-saved':
    case 'document:restored':
      return state
  }
}
