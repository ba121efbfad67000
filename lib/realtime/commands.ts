import { z } from 'zod'
import { CheckPredicate } from '#lib/hypotheses/checks'
import { HypothesisStatus } from '#lib/hypotheses/transitions'
import { SnapshotRow } from '#lib/investigation/agents'
import { CheckRow } from '#lib/investigation/checks'
import {
  EnvironmentSide,
  EXPERIMENT_LIMITS,
  ExperimentKind,
  ExperimentRow,
  ExperimentWords,
  RunRow,
} from '#lib/investigation/experiments'
import {
  AgentId,
  CaptureId,
  CheckId,
  EvidenceId,
  ExperimentId,
  HypothesisId,
  LedgerEntryId,
  LimitId,
  MarkId,
  MessageId,
  ReminderId,
  RunId,
  SavedQueryId,
  SeriesId,
  SourceId,
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
  ReminderRow,
  SavedQueryRow,
  SQL_LIMIT,
  Stance,
} from '#lib/investigation/rows'
import {
  REFRESH_SECONDS,
  SOURCE_LIMITS,
  SourceRow,
  SourceSeries,
  SourceUrl,
} from '#lib/investigation/sources'

const Title = z.string().trim().min(1).max(200)
const Version = z.int().positive()
const EpochMs = z.number().min(-8.64e15).max(8.64e15)
const Reason = z.string().trim().min(1).max(EXPERIMENT_LIMITS.reason)

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
  /** The browser makes the id. The server evaluates it at once, and again whenever something changes. */
  'check:add': {
    send: z.object({ id: CheckId, hypothesisId: HypothesisId, predicate: CheckPredicate }),
    reply: CheckRow,
  },
  'check:change': {
    send: z.object({ id: CheckId, version: Version, predicate: CheckPredicate }),
    reply: CheckRow,
  },
  'check:remove': { send: z.object({ id: CheckId }), reply: z.object({ id: CheckId }) },
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
  /** Reads a memory graph again when it can be decided. `from`: where the range begins; null: the whole series. */
  'reminder:set': {
    send: z.object({ id: ReminderId, seriesId: SeriesId, from: EpochMs.nullable(), dueAt: EpochMs }),
    reply: ReminderRow,
  },
  'reminder:remove': { send: z.object({ id: ReminderId }), reply: z.object({ id: ReminderId }) },
  /** The route of the same name sends it (lib/http/series-sources.ts), because only the server can seal an authorization. */
  'source:add': {
    send: z.object({
      id: SourceId,
      url: SourceUrl,
      query: z.string().trim().min(1).max(SOURCE_LIMITS.query),
      stepSeconds: z.int().min(SOURCE_LIMITS.stepSeconds.least).max(SOURCE_LIMITS.stepSeconds.most),
      refreshSeconds: z.literal(REFRESH_SECONDS),
      from: EpochMs,
      /** Sealed by this installation for this source. */
      authorization: z.string().max(8000).nullable().default(null),
      series: z.array(SourceSeries).min(1).max(SOURCE_LIMITS.series),
      follows: z.boolean().default(false),
      startTimes: z.boolean().default(false),
    }),
    reply: SourceRow,
  },
  /** Neither address nor query: whoever could change them could send the authorization elsewhere. */
  'source:change': {
    send: z.object({
      id: SourceId,
      version: Version,
      /** False for one that fails: try now. */
      paused: z.boolean().optional(),
      refreshSeconds: z.literal(REFRESH_SECONDS).optional(),
    }),
    reply: SourceRow,
  },
  /** Its series stay. */
  'source:remove': { send: z.object({ id: SourceId }), reply: z.object({ id: SourceId }) },
  'series:remove': { send: z.object({ id: SeriesId }), reply: z.object({ id: SeriesId }) },
  /**
   * Plans an experiment and lays out its runs in balanced random order. The browser makes the id and draws the seed, so that
   * it can show the order before. `before`: of a `verify` experiment, the one whose runs of A stand for "before the fix".
   */
  'experiment:add': {
    send: z.object({
      ...ExperimentWords,
      id: ExperimentId,
      hypothesisId: HypothesisId,
      kind: ExperimentKind.default('compare'),
      template: z.string().max(60).nullable().default(null),
      steps: ExperimentWords.steps.default(''),
      command: ExperimentWords.command.default(''),
      beforeA: ExperimentWords.beforeA.default(''),
      beforeB: ExperimentWords.beforeB.default(''),
      iterations: ExperimentWords.iterations.default(''),
      runSeconds: ExperimentWords.runSeconds.default(null),
      expectedPerHour: ExperimentWords.expectedPerHour.default(null),
      knownTrouble: ExperimentWords.knownTrouble.default(''),
      perArm: z.int().min(1).max(EXPERIMENT_LIMITS.perArm).default(4),
      calibration: z.union([z.literal(0), z.literal(2)]).default(0),
      seed: z
        .int()
        .nonnegative()
        .max(2 ** 31 - 1),
      before: ExperimentId.nullable().default(null),
    }),
    reply: z.object({ experiment: ExperimentRow, runs: z.array(RunRow) }),
  },
  'experiment:change': {
    send: z
      .object({
        ...ExperimentWords,
        hypothesisId: HypothesisId,
        productionSeriesId: SeriesId.nullable(),
        productionCounterId: SeriesId.nullable(),
      })
      .partial()
      .extend({ id: ExperimentId, version: Version }),
    reply: ExperimentRow,
  },
  /** The pasted text is read and forgotten: it may hold secrets. An empty one takes the environment away. */
  'experiment:set-environment': {
    send: z.object({
      id: ExperimentId,
      version: Version,
      side: EnvironmentSide,
      text: z.string().max(EXPERIMENT_LIMITS.paste),
    }),
    reply: ExperimentRow,
  },
  /** Declares that a difference does not matter; without a reason it matters again. `key`: rowKey of the row of parity. */
  'experiment:waive': {
    send: z.object({
      id: ExperimentId,
      version: Version,
      key: z.string().min(1).max(200),
      reason: Reason.nullable(),
    }),
    reply: ExperimentRow,
  },
  /** Puts it away, or takes it up again. Nothing that was measured is ever removed. */
  'experiment:archive': {
    send: z.object({ id: ExperimentId, version: Version, archived: z.boolean() }),
    reply: ExperimentRow,
  },
  /** One more pair, or one run in place of one that was excluded. With the experiment's version. */
  'run:add': {
    send: z.object({
      experimentId: ExperimentId,
      version: Version,
      inPlaceOf: RunId.nullable().default(null),
    }),
    reply: z.object({ experiment: ExperimentRow, runs: z.array(RunRow) }),
  },
  /** A range of a graph that is there already is this run. */
  'run:attach': {
    send: z.object({
      id: RunId,
      version: Version,
      memorySeriesId: SeriesId,
      iterationsSeriesId: SeriesId.nullable().default(null),
      from: EpochMs,
      to: EpochMs,
    }),
    reply: RunRow,
  },
  /** It was attached by mistake: planned again. A run that does not please is excluded instead. */
  'run:detach': { send: z.object({ id: RunId, version: Version, reason: Reason }), reply: RunRow },
  /** It is over, although the program that measures it has not said so. */
  'run:end': { send: z.object({ id: RunId, version: Version }), reply: RunRow },
  /** It stays in the list, with the reason. */
  'run:exclude': { send: z.object({ id: RunId, version: Version, reason: Reason }), reply: RunRow },
  'run:include': { send: z.object({ id: RunId, version: Version, reason: Reason }), reply: RunRow },
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
