import { checkSentence } from '#lib/hypotheses/check-sentence'
import type { UserId } from '#lib/investigation/ids'
import type { RoomState } from '#lib/investigation/room-state'
import { COMMANDS, type CommandName, type CommandParsed } from '../commands.ts'

/** A command on its way, as the page shows it already. */
export interface Pending {
  readonly name: CommandName
  readonly body: unknown
  /** When it was given, epoch ms. */
  readonly at: number
}

/** Behind every real message. */
const LAST_SEQ = Number.MAX_SAFE_INTEGER
/** Behind every rank that the server assigns. */
const LAST_RANK = '~'

/**
 * The room as it will be when these commands are done, as far as that is safe to say: additions and one's own vote.
 * Whatever somebody else could have changed first waits for the server. Pure; returns `state` when nothing is pending.
 */
export function withPending(state: RoomState, pending: readonly Pending[], me: UserId): RoomState {
  return pending.reduce((shown, { name, body, at }) => {
    const show = SHOWN[name]
    // reason: `body` was parsed by this very command's schema before it was put in line.
    return show ? (show as Show)(shown, body, me, at) : shown
  }, state)
}

type Show = (state: RoomState, body: unknown, me: UserId, at: number) => RoomState
type Shown = {
  [C in CommandName]?: (state: RoomState, body: CommandParsed<C>, me: UserId, at: number) => RoomState
}

const has = (rows: readonly { id: string }[], id: string) => rows.some((row) => row.id === id)

const SHOWN: Shown = {
  'hypothesis:add': (state, { id, title }, me, at) => {
    if (has(state.hypotheses, id)) return state
    const hypothesis = {
      id,
      title,
      status: 'hunch' as const,
      statusReason: null,
      rank: LAST_RANK,
      ownerId: null,
      confidence: {},
      version: 1,
      createdBy: me,
      createdAt: at,
      updatedAt: at,
    }
    return { ...state, hypotheses: [...state.hypotheses, hypothesis] }
  },
  'confidence:set': (state, { hypothesisId, value }, me) => ({
    ...state,
    hypotheses: state.hypotheses.map((hypothesis) => {
      if (hypothesis.id !== hypothesisId) return hypothesis
      const { [me]: _before, ...others } = hypothesis.confidence
      return { ...hypothesis, confidence: value === null ? others : { ...others, [me]: value } }
    }),
  }),
  'check:add': (state, { id, hypothesisId, predicate }, me, at) => {
    if (has(state.checks, id)) return state
    const sentence = checkSentence(predicate, {
      series: (seriesId) => state.series.find((row) => row.id === seriesId)?.label,
      experiment: (experimentId) => state.experiments.find((row) => row.id === experimentId),
    })
    const check = {
      id,
      hypothesisId,
      predicate,
      sentence,
      outcome: null,
      version: 1,
      createdBy: me,
      createdAt: at,
    }
    return { ...state, checks: [...state.checks, check] }
  },
  'evidence:pin': (state, { id, title, ref }, me, at) =>
    has(state.evidence, id)
      ? state
      : { ...state, evidence: [...state.evidence, { id, title, ref, createdBy: me, createdAt: at }] },
  'evidence:link': (state, body, me, at) => {
    const { evidenceId, hypothesisId, stance, note, version } = body
    const isThere = state.links.some(
      (link) => link.evidenceId === evidenceId && link.hypothesisId === hypothesisId,
    )
    if (isThere || version !== undefined) return state
    const link = { evidenceId, hypothesisId, stance, note, version: 1, createdBy: me, createdAt: at }
    return { ...state, links: [...state.links, link] }
  },
  'message:post': (state, { id, body }, me, at) => {
    if (has(state.messages, id)) return state
    const row = {
      id,
      seq: LAST_SEQ,
      authorId: me,
      body,
      version: 1,
      createdAt: at,
      editedAt: null,
      deleted: false,
    }
    return { ...state, messages: [...state.messages, row] }
  },
  'mark:add': (state, body, me) =>
    has(state.marks, body.id)
      ? state
      : { ...state, marks: [...state.marks, { ...body, version: 1, createdBy: me }] },
}

/** Reads a command's body by its schema. @throws ZodError */
export const parseCommand = (name: CommandName, body: unknown): unknown => COMMANDS[name].send.parse(body)
