import { z } from 'zod'
import { HypothesisStatus } from '#lib/hypotheses/transitions'
import {
  CaptureId,
  EvidenceId,
  ExperimentId,
  HypothesisId,
  InvestigationId,
  LedgerEntryId,
  LimitId,
  MarkId,
  MessageId,
  ReminderId,
  SavedQueryId,
  SeriesId,
  Sha256,
  UserId,
} from './ids.ts'
import { Role } from './roles.ts'

// The rows of a room as they cross to the browser and stand in room_event payloads. Times are epoch milliseconds.

const Version = z.int().positive()
const EpochMs = z.number()

export const InvestigationStatus = z.enum(['investigating', 'cause-found', 'no-growth', 'parked'])
export type InvestigationStatus = z.infer<typeof InvestigationStatus>

export const InvestigationRow = z.object({
  id: InvestigationId,
  title: z.string(),
  status: InvestigationStatus,
  valuesHidden: z.boolean(),
  demo: z.boolean(),
  version: Version,
  createdAt: EpochMs,
})
export type InvestigationRow = z.infer<typeof InvestigationRow>

export const MemberRow = z.object({ userId: UserId, name: z.string(), role: Role })
export type MemberRow = z.infer<typeof MemberRow>

export const HypothesisRow = z.object({
  id: HypothesisId,
  title: z.string(),
  status: HypothesisStatus,
  statusReason: z.string().nullable(),
  rank: z.string(),
  ownerId: UserId.nullable(),
  /** 1 to 5 by user id. */
  confidence: z.record(z.string(), z.int().min(1).max(5)),
  version: Version,
  createdBy: UserId,
  createdAt: EpochMs,
  updatedAt: EpochMs,
})
export type HypothesisRow = z.infer<typeof HypothesisRow>

/** What a pin points at: enough to bring anyone to the same view. */
export const EvidenceRef = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('series-range'),
    seriesIds: z.array(SeriesId).min(1).max(20),
    from: EpochMs,
    to: EpochMs,
    /** The reading of the range when it was pinned, in words. */
    reading: z.string().max(500).default(''),
    /** Of which series that was, and what tells whether it still stands (lib/series/stale.ts). Older pins have none. */
    quoted: z
      .object({ seriesId: SeriesId, version: z.number(), samples: z.number(), restarts: z.number() })
      .optional(),
  }),
  z.object({
    kind: z.literal('growth-row'),
    captureIds: z.array(CaptureId).min(2).max(50),
    /** The group's key: type, class and allocation site as shown. */
    group: z.string().max(2000),
    reading: z.string().max(500).default(''),
  }),
  z.object({
    kind: z.literal('capture'),
    captureId: CaptureId,
    /** The path and query of the view inside the capture's page. */
    view: z.string().max(1000).default(''),
  }),
  z.object({
    kind: z.literal('experiment'),
    experimentId: ExperimentId,
    /** What it said when it was pinned; the server's own piece of evidence is kept up to date. */
    reading: z.string().max(500).default(''),
  }),
  z.object({ kind: z.literal('message'), messageId: MessageId }),
  z.object({ kind: z.literal('note'), quote: z.string().max(1000) }),
])
export type EvidenceRef = z.infer<typeof EvidenceRef>

export const EvidenceRow = z.object({
  id: EvidenceId,
  title: z.string(),
  ref: EvidenceRef,
  createdBy: UserId,
  createdAt: EpochMs,
})
export type EvidenceRow = z.infer<typeof EvidenceRow>

export const Stance = z.enum(['for', 'against', 'neutral'])
export type Stance = z.infer<typeof Stance>

export const EvidenceLinkRow = z.object({
  evidenceId: EvidenceId,
  hypothesisId: HypothesisId,
  stance: Stance,
  note: z.string(),
  version: Version,
  createdBy: UserId,
  createdAt: EpochMs,
})
export type EvidenceLinkRow = z.infer<typeof EvidenceLinkRow>

export const MessageRow = z.object({
  id: MessageId,
  /** Order of the discussion, the same for everybody. */
  seq: z.int().positive(),
  authorId: UserId,
  /** Plain text. `[[pin:<evidenceId>]]` is shown as a chip, `@[name](userId)` as a mention. */
  body: z.string(),
  version: Version,
  createdAt: EpochMs,
  editedAt: EpochMs.nullable(),
  deleted: z.boolean(),
})
export type MessageRow = z.infer<typeof MessageRow>

export const MarkKind = z.enum(['crash', 'deploy', 'restart', 'outage', 'note'])
export type MarkKind = z.infer<typeof MarkKind>
export const MarkRow = z.object({
  id: MarkId,
  kind: MarkKind,
  label: z.string(),
  at: EpochMs,
  until: EpochMs.nullable(),
  version: Version,
  createdBy: UserId,
})
export type MarkRow = z.infer<typeof MarkRow>

export const LimitKind = z.enum(['ram', 'cgroup', 'swap', 'commit', 'rlimit', 'heap', 'custom'])
export type LimitKind = z.infer<typeof LimitKind>
export const LimitRow = z.object({
  id: LimitId,
  kind: LimitKind,
  label: z.string(),
  bytes: z.number().positive(),
  version: Version,
})
export type LimitRow = z.infer<typeof LimitRow>

export const CaptureState = z.enum(['uploading', 'queued', 'reading', 'ready', 'failed', 'cancelled'])
export type CaptureState = z.infer<typeof CaptureState>

/** Totals of a ready capture's report, for lists. */
export const CaptureTotals = z.object({
  /** Of stacks, objects are blocks, and bytes those in use (or allocated, where a profile knows nothing else). */
  kind: z.enum(['heap', 'stacks']).default('heap'),
  objects: z.number(),
  shallowBytes: z.number(),
  skippedLines: z.number(),
  /** Share of objects with a known allocation site, 0 to 1. */
  tracedShare: z.number(),
  partial: z.boolean(),
  readMs: z.number(),
})
export type CaptureTotals = z.infer<typeof CaptureTotals>

export const CaptureRow = z.object({
  id: CaptureId,
  label: z.string(),
  fileName: z.string(),
  rank: z.string(),
  state: CaptureState,
  /** The sentence for people when state is failed. */
  problem: z.string().nullable(),
  sha256: Sha256.nullable(),
  /** The format's label, e.g. "Ruby heap dump". */
  format: z.string().nullable(),
  /** Bytes of the file as uploaded. */
  size: z.number(),
  takenAt: EpochMs.nullable(),
  process: z.string().nullable(),
  requestCount: z.number().nullable(),
  totals: CaptureTotals.nullable(),
  version: Version,
  createdBy: UserId,
  createdAt: EpochMs,
})
export type CaptureRow = z.infer<typeof CaptureRow>

export const SeriesUnit = z.enum(['bytes', 'count', 'ratio'])
export type SeriesUnit = z.infer<typeof SeriesUnit>
export const SeriesRow = z.object({
  id: SeriesId,
  /** What it measures: rss, heap-live, heap-committed, requests, failures, … */
  name: z.string(),
  label: z.string(),
  process: z.string(),
  unit: SeriesUnit,
  source: z.enum(['file', 'live']),
  points: z.int().nonnegative(),
  from: EpochMs.nullable(),
  to: EpochMs.nullable(),
  version: Version,
  createdBy: z.string(),
  createdAt: EpochMs,
})
export type SeriesRow = z.infer<typeof SeriesRow>

/**
 * "Come back at 18:40": the room reads a memory graph again at that time and tells what it says then. One per series; a new
 * one takes the old one's place.
 */
export const ReminderRow = z.object({
  id: ReminderId,
  seriesId: SeriesId,
  /** Of the series when it was set. */
  label: z.string(),
  /** Where the range begins that is read, up to the newest sample; null: the whole series. */
  from: EpochMs.nullable(),
  dueAt: EpochMs,
  /** `told`: the room has looked and will not look again. */
  state: z.enum(['waiting', 'told']),
  /** How often the room has looked. */
  looks: z.int().nonnegative(),
  /** What it said last (lib/series/look-again.ts); null before the first look. */
  outcome: z
    .object({ at: EpochMs, verdict: z.enum(['decided', 'open', 'no-samples']), words: z.string() })
    .nullable(),
  version: Version,
  createdBy: z.string(),
  createdAt: EpochMs,
})
export type ReminderRow = z.infer<typeof ReminderRow>

/** The longest query that can be saved, in characters. */
export const SQL_LIMIT = 20_000

/** SQL over a capture's tables that somebody kept for the room. */
export const SavedQueryRow = z.object({
  id: SavedQueryId,
  title: z.string(),
  sql: z.string(),
  version: Version,
  createdBy: UserId,
  createdAt: EpochMs,
  updatedAt: EpochMs,
})
export type SavedQueryRow = z.infer<typeof SavedQueryRow>

/** The longest fingerprint and reason of a ledger entry, in characters. */
export const LEDGER_LIMITS = { fingerprint: 4000, reason: 2000 } as const

export const LedgerVerdict = z.enum(['expected', 'not-expected'])
export type LedgerVerdict = z.infer<typeof LedgerVerdict>

/** What one person of the team says about one group, in every room of the team. People may disagree: one row each. */
export const LedgerEntryRow = z.object({
  id: LedgerEntryId,
  /** Which group, in whatever capture: made by lib/findings, only compared here. */
  fingerprint: z.string(),
  /** The group in words for people. */
  title: z.string(),
  verdict: LedgerVerdict,
  reason: z.string(),
  /** Says nothing from then on. */
  expiresAt: EpochMs.nullable(),
  /** Objects of the group in one capture up to which the verdict holds; null: however many. */
  bound: z.int().nonnegative().nullable(),
  /** Where it was said; null when that investigation is gone. */
  investigationId: InvestigationId.nullable(),
  version: Version,
  createdBy: UserId,
  createdAt: EpochMs,
  updatedAt: EpochMs,
})
export type LedgerEntryRow = z.infer<typeof LedgerEntryRow>

/** The team's ledger as a room gets it: every living entry, expired ones too, which say so. */
export const Ledger = z.object({
  entries: z.array(LedgerEntryRow.extend({ expired: z.boolean() })),
  /** Names of the authors by user id, of those too who have left. */
  names: z.record(z.string(), z.string()),
})
export type Ledger = z.infer<typeof Ledger>
