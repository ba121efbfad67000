import { z } from 'zod'
import type { RoomEvent } from './events.ts'
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
  SeriesRow,
} from './rows.ts'

/** All rows of a room at one sequence number. Plain data: the server loads it, the browser keeps it current. */
export const RoomState = z.object({
  seq: z.int().nonnegative(),
  investigation: InvestigationRow,
  members: z.array(MemberRow),
  hypotheses: z.array(HypothesisRow),
  evidence: z.array(EvidenceRow),
  links: z.array(EvidenceLinkRow),
  /** The newest ones, oldest first; older ones are paged in. */
  messages: z.array(MessageRow),
  marks: z.array(MarkRow),
  limits: z.array(LimitRow),
  captures: z.array(CaptureRow),
  series: z.array(SeriesRow),
})
export type RoomState = z.infer<typeof RoomState>

const byRank = (a: { rank: string }, b: { rank: string }) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0)

/** Puts `row` in place of the one with the same identity, or at the end. Never mutates. */
function upsert<T>(rows: readonly T[], row: T, same: (other: T) => boolean): T[] {
  const at = rows.findIndex(same)
  return at < 0 ? [...rows, row] : rows.with(at, row)
}
const upsertById = <T extends { id: string }>(rows: readonly T[], row: T): T[] =>
  upsert(rows, row, (other) => other.id === row.id)
const without = <T extends { id: string }>(rows: readonly T[], id: string): T[] =>
  rows.filter((row) => row.id !== id)

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
      return { ...state, members: upsert(state.members, member, (other) => other.userId === member.userId) }
    }
    case 'member:left':
      return { ...state, members: state.members.filter((member) => member.userId !== event.payload.userId) }
    case 'hypothesis:added':
    case 'hypothesis:changed':
    case 'hypothesis:moved':
    case 'hypothesis:status-changed':
    case 'confidence:set':
      return { ...state, hypotheses: upsertById(state.hypotheses, event.payload.hypothesis).sort(byRank) }
    case 'hypothesis:removed': {
      const { hypothesisId } = event.payload
      return {
        ...state,
        hypotheses: without(state.hypotheses, hypothesisId),
        links: state.links.filter((link) => link.hypothesisId !== hypothesisId),
      }
    }
    case 'evidence:pinned':
      return { ...state, evidence: upsertById(state.evidence, event.payload.evidence) }
    case 'evidence:linked': {
      const { link } = event.payload
      const same = (other: EvidenceLinkRow) =>
        other.evidenceId === link.evidenceId && other.hypothesisId === link.hypothesisId
      return { ...state, links: upsert(state.links, link, same) }
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
        messages: upsertById(state.messages, event.payload.message).sort((a, b) => a.seq - b.seq),
      }
    case 'mark:added':
    case 'mark:changed':
      return { ...state, marks: upsertById(state.marks, event.payload.mark) }
    case 'mark:removed':
      return { ...state, marks: without(state.marks, event.payload.markId) }
    case 'limit:set':
      return { ...state, limits: upsertById(state.limits, event.payload.limit) }
    case 'limit:removed':
      return { ...state, limits: without(state.limits, event.payload.limitId) }
    case 'capture:added':
    case 'capture:changed':
    case 'capture:state-changed':
      return { ...state, captures: upsertById(state.captures, event.payload.capture).sort(byRank) }
    case 'capture:removed':
      return { ...state, captures: without(state.captures, event.payload.captureId) }
    case 'series:added':
    case 'series:changed':
      return { ...state, series: upsertById(state.series, event.payload.series) }
    case 'series:removed':
      return { ...state, series: without(state.series, event.payload.seriesId) }
    case 'share:created':
    case 'share:revoked':
    case 'document:version-saved':
    case 'document:restored':
      return state
  }
}
