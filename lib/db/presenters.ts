import { z } from 'zod'
import { CheckRow } from '#lib/investigation/checks'
import { ExperimentRow, RunRow, StoredEnvironment } from '#lib/investigation/experiments'
import {
  CaptureRow,
  EvidenceLinkRow,
  EvidenceRow,
  HypothesisRow,
  InvestigationRow,
  LedgerEntryRow,
  LimitRow,
  MarkRow,
  MessageRow,
  ReminderRow,
  SavedQueryRow,
  SeriesRow,
} from '#lib/investigation/rows'
import { SourceRow, SourceSeries } from '#lib/investigation/sources'
import type { Prisma } from '#prisma/generated/client'

// Stored rows as they cross to the browser and stand in room_event payloads. Each is parsed on the way out: a row that
// does not fit its schema is a bug, and is found here rather than on somebody's page.

type Stored<T extends keyof Shapes> = Shapes[T]
interface Shapes {
  investigation: Prisma.InvestigationGetPayload<object>
  hypothesis: Prisma.HypothesisGetPayload<{ include: { confidence: true } }>
  evidence: Prisma.EvidenceGetPayload<object>
  link: Prisma.EvidenceLinkGetPayload<object>
  message: Prisma.MessageGetPayload<object>
  mark: Prisma.MarkGetPayload<object>
  limit: Prisma.LimitLineGetPayload<object>
  capture: Prisma.CaptureGetPayload<object>
  series: Prisma.SeriesGetPayload<object>
  query: Prisma.SavedQueryGetPayload<object>
  check: Prisma.HypothesisCheckGetPayload<object>
  ledger: Prisma.LedgerEntryGetPayload<object>
  experiment: Prisma.ExperimentGetPayload<object>
  run: Prisma.ExperimentRunGetPayload<object>
  source: Prisma.SeriesSourceGetPayload<object>
  reminder: Prisma.ReminderGetPayload<object>
}

const epoch = (time: Date): number => time.getTime()
const epochOrNull = (time: Date | null): number | null => time?.getTime() ?? null

export const presentInvestigation = (row: Stored<'investigation'>): InvestigationRow =>
  InvestigationRow.parse({ ...row, createdAt: epoch(row.createdAt) })

/** Needs the row's `confidence`: its payload holds the votes of everybody. */
export const presentHypothesis = (row: Stored<'hypothesis'>): HypothesisRow =>
  HypothesisRow.parse({
    ...row,
    confidence: Object.fromEntries(row.confidence.map((vote) => [vote.userId, vote.value])),
    createdAt: epoch(row.createdAt),
    updatedAt: epoch(row.updatedAt),
  })

export const presentEvidence = (row: Stored<'evidence'>): EvidenceRow =>
  EvidenceRow.parse({ ...row, createdAt: epoch(row.createdAt) })

export const presentLink = (row: Stored<'link'>): EvidenceLinkRow =>
  EvidenceLinkRow.parse({ ...row, createdAt: epoch(row.createdAt) })

export const presentMessage = (row: Stored<'message'>): MessageRow =>
  MessageRow.parse({
    ...row,
    seq: Number(row.seq),
    createdAt: epoch(row.createdAt),
    editedAt: epochOrNull(row.editedAt),
    deleted: row.deletedAt !== null,
  })

export const presentMark = (row: Stored<'mark'>): MarkRow =>
  MarkRow.parse({ ...row, at: epoch(row.at), until: epochOrNull(row.until) })

export const presentLimit = (row: Stored<'limit'>): LimitRow =>
  LimitRow.parse({ ...row, bytes: Number(row.bytes) })

export const presentCapture = (row: Stored<'capture'>): CaptureRow =>
  CaptureRow.parse({
    ...row,
    size: Number(row.size),
    takenAt: epochOrNull(row.takenAt),
    requestCount: row.requestCount === null ? null : Number(row.requestCount),
    createdAt: epoch(row.createdAt),
  })

export const presentSeries = (row: Stored<'series'>): SeriesRow =>
  SeriesRow.parse({
    ...row,
    from: epochOrNull(row.fromAt),
    to: epochOrNull(row.toAt),
    createdAt: epoch(row.createdAt),
  })

export const presentCheck = (row: Stored<'check'>): CheckRow =>
  CheckRow.parse({ ...row, createdAt: epoch(row.createdAt) })

export const presentQuery = (row: Stored<'query'>): SavedQueryRow =>
  SavedQueryRow.parse({ ...row, createdAt: epoch(row.createdAt), updatedAt: epoch(row.updatedAt) })

export const presentReminder = ({ outcome, ...row }: Stored<'reminder'>): ReminderRow =>
  ReminderRow.parse({
    ...row,
    from: epochOrNull(row.fromAt),
    dueAt: epoch(row.dueAt),
    outcome: outcome && row.lookedAt ? { at: epoch(row.lookedAt), verdict: outcome, words: row.words } : null,
    createdAt: epoch(row.createdAt),
  })

/** Without its authorization and its times. */
export const presentSource = (row: Stored<'source'>): SourceRow =>
  SourceRow.parse({
    ...row,
    from: epoch(row.fromAt),
    labels: SourceSeries.array()
      .parse(row.series)
      .map(({ label }) => label),
    hasAuthorization: row.authorization !== null,
    createdAt: epoch(row.createdAt),
  })

/** Without the facts of its environments, which are only counted. */
export const presentExperiment = (row: Stored<'experiment'>): ExperimentRow =>
  ExperimentRow.parse({
    ...row,
    production: presentEnvironment(row.production),
    reproduction: presentEnvironment(row.reproduction),
    createdAt: epoch(row.createdAt),
    updatedAt: epoch(row.updatedAt),
  })

/** Its facts are only counted: they may be thousands, and rows are presented often. */
const CountedEnvironment = StoredEnvironment.extend({ facts: z.array(z.unknown()) })
const presentEnvironment = (stored: Prisma.JsonValue) => {
  if (stored === null) return null
  const { facts, ignored, at } = CountedEnvironment.parse(stored)
  return { facts: facts.length, ignored, at }
}

export const presentRun = (row: Stored<'run'>): RunRow =>
  RunRow.parse({ ...row, from: epochOrNull(row.fromAt), to: epochOrNull(row.toAt) })

export const presentLedgerEntry = (row: Stored<'ledger'>): LedgerEntryRow =>
  LedgerEntryRow.parse({
    ...row,
    bound: row.bound === null ? null : Number(row.bound),
    expiresAt: epochOrNull(row.expiresAt),
    createdAt: epoch(row.createdAt),
    updatedAt: epoch(row.updatedAt),
  })
