import { z } from 'zod'
import { HypothesisStatus } from '#lib/hypotheses/transitions'
import { SnapshotRow } from '#lib/investigation/agents'
import {
  AgentId,
  CaptureId,
  EvidenceId,
  HypothesisId,
  LedgerEntryId,
  LimitId,
  MarkId,
  MessageId,
  SavedQueryId,
  SeriesId,
  UserId,
} from '#lib/investigation/ids'
import {
  CaptureRow,
  EvidenceLinkRow,
  EvidenceRef,
  EvidenceRow,
  HypothesisRow,
  InvestigationRow,
  InvestigationStatus,
  LEDGER_LIMITS,
  LedgerEntryRow,
  LedgerVerdict,
  LimitKind,
  LimitRow,
  MarkKind,
  MarkRow,
  MessageRow,
  SavedQueryRow,
  SQL_LIMIT,
  Stance,
} from '#lib/investigation/rows'

const Title = z.string().trim().min(1).max(200)
const Version = z.int().positive()
const EpochMs = z.number().min(-8.64e15).max(8.64e15)

/**
 * Changes of a room's rows. Each is sent with an idempotency key, changes rows and writes its `room_event` in one
 * transaction, and answers with the row. Versions are compared and set: a stale one is refused with the winner.
 */
export const COMMANDS = {
  'investigation:change': {
    send: z.object({
      version: Version,
      title: Title.optional(),
      status: InvestigationStatus.optional(),
      valuesHidden: z.boolean().optional(),
    }),
    reply: InvestigationRow,
  },
  /** The browser makes the id, so that a hypothesis added offline can be edited before it is sent. */
  'hypothesis:add': {
    send: z.object({ id: HypothesisId, title: Title }),
    reply: HypothesisRow,
  },
  'hypothesis:change': {
    send: z.object({
      id: HypothesisId,
      version: Version,
      title: Title.optional(),
      ownerId: UserId.nullable().optional(),
    }),
    reply: HypothesisRow,
  },
  /** Between two others; null is the end. The server assigns the rank. */
  'hypothesis:move': {
    send: z.object({ id: HypothesisId, after: HypothesisId.nullable(), before: HypothesisId.nullable() }),
    reply: HypothesisRow,
  },
  'hypothesis:set-status': {
    send: z.object({
      id: HypothesisId,
      version: Version,
      to: HypothesisStatus,
      reason: z.string().max(2000).default(''),
    }),
    reply: HypothesisRow,
  },
  'hypothesis:remove': {
    send: z.object({ id: HypothesisId, version: Version }),
    reply: z.object({ id: HypothesisId }),
  },
  /** One's own; null takes it back. */
  'confidence:set': {
    send: z.object({ hypothesisId: HypothesisId, value: z.int().min(1).max(5).nullable() }),
    reply: HypothesisRow,
  },
  'evidence:pin': { send: z.object({ id: EvidenceId, title: Title, ref: EvidenceRef }), reply: EvidenceRow },
  /** Without a version: a new link. With one: a changed stance or note. */
  'evidence:link': {
    send: z.object({
      evidenceId: EvidenceId,
      hypothesisId: HypothesisId,
      stance: Stance,
      note: z.string().max(2000).default(''),
      version: Version.optional(),
    }),
    reply: EvidenceLinkRow,
  },
  'evidence:unlink': {
    send: z.object({ evidenceId: EvidenceId, hypothesisId: HypothesisId }),
    reply: z.object({ evidenceId: EvidenceId, hypothesisId: HypothesisId }),
  },
  'message:post': {
    send: z.object({ id: MessageId, body: z.string().trim().min(1).max(8000) }),
    reply: MessageRow,
  },
  'message:edit': {
    send: z.object({ id: MessageId, version: Version, body: z.string().trim().min(1).max(8000) }),
    reply: MessageRow,
  },
  'message:delete': { send: z.object({ id: MessageId, version: Version }), reply: MessageRow },
  'mark:add': {
    send: z.object({
      id: MarkId,
      kind: MarkKind,
      label: Title,
      at: EpochMs,
      until: EpochMs.nullable().default(null),
    }),
    reply: MarkRow,
  },
  'mark:change': {
    send: z.object({
      id: MarkId,
      version: Version,
      kind: MarkKind.optional(),
      label: Title.optional(),
      at: EpochMs.optional(),
      until: EpochMs.nullable().optional(),
    }),
    reply: MarkRow,
  },
  'mark:remove': { send: z.object({ id: MarkId }), reply: z.object({ id: MarkId }) },
  'limit:set': {
    send: z.object({
      id: LimitId,
      kind: LimitKind,
      label: Title,
      bytes: z
        .number()
        .positive()
        .max(2 ** 60),
    }),
    reply: LimitRow,
  },
  'limit:remove': { send: z.object({ id: LimitId }), reply: z.object({ id: LimitId }) },
  'capture:change': {
    send: z.object({
      id: CaptureId,
      version: Version,
      label: Title.optional(),
      takenAt: EpochMs.nullable().optional(),
      process: z.string().max(200).nullable().optional(),
      requestCount: z
        .number()
        .int()
        .nonnegative()
        .max(2 ** 53)
        .nullable()
        .optional(),
    }),
    reply: CaptureRow,
  },
  'capture:move': {
    send: z.object({ id: CaptureId, after: CaptureId.nullable(), before: CaptureId.nullable() }),
    reply: CaptureRow,
  },
  'capture:cancel': { send: z.object({ id: CaptureId }), reply: CaptureRow },
  'capture:remove': { send: z.object({ id: CaptureId }), reply: z.object({ id: CaptureId }) },
  /** The browser makes the id, which becomes the capture's. */
  'snapshot:ask': { send: z.object({ id: CaptureId, agentId: AgentId }), reply: SnapshotRow },
  'series:remove': { send: z.object({ id: SeriesId }), reply: z.object({ id: SeriesId }) },
  /**
   * One's own verdict on a group, for the whole team: sets it or sets it anew, never anybody else's. With a version, only
   * when that is the one that stands.
   */
  'ledger:mark': {
    send: z.object({
      fingerprint: z.string().min(1).max(LEDGER_LIMITS.fingerprint),
      title: Title,
      verdict: LedgerVerdict,
      reason: z.string().trim().min(1).max(LEDGER_LIMITS.reason),
      expiresAt: EpochMs.nullable().default(null),
      bound: z
        .int()
        .nonnegative()
        .max(2 ** 53 - 1)
        .nullable()
        .default(null),
      version: Version.optional(),
    }),
    reply: LedgerEntryRow,
  },
  /** One's own, or anybody's by an owner of the team. */
  'ledger:remove': { send: z.object({ id: LedgerEntryId }), reply: z.object({ id: LedgerEntryId }) },
  /** Without a version: a new query under an id that the browser makes. With one: changed words or title. */
  'query:save': {
    send: z.object({
      id: SavedQueryId,
      title: Title,
      sql: z.string().trim().min(1).max(SQL_LIMIT),
      version: Version.optional(),
    }),
    reply: SavedQueryRow,
  },
  'query:remove': { send: z.object({ id: SavedQueryId }), reply: z.object({ id: SavedQueryId }) },
} as const

export type CommandName = keyof typeof COMMANDS
export type CommandSent<C extends CommandName> = z.input<(typeof COMMANDS)[C]['send']>
export type CommandParsed<C extends CommandName> = z.output<(typeof COMMANDS)[C]['send']>
export type CommandReply<C extends CommandName> = z.output<(typeof COMMANDS)[C]['reply']>
