import { z } from 'zod'

/** Branded ids: an id of one noun does not compile where another noun's is expected. */
export const InvestigationId = z.uuid().brand<'InvestigationId'>()
export type InvestigationId = z.infer<typeof InvestigationId>
export const HypothesisId = z.uuid().brand<'HypothesisId'>()
export type HypothesisId = z.infer<typeof HypothesisId>
export const EvidenceId = z.uuid().brand<'EvidenceId'>()
export type EvidenceId = z.infer<typeof EvidenceId>
export const MessageId = z.uuid().brand<'MessageId'>()
export type MessageId = z.infer<typeof MessageId>
export const MarkId = z.uuid().brand<'MarkId'>()
export type MarkId = z.infer<typeof MarkId>
export const LimitId = z.uuid().brand<'LimitId'>()
export type LimitId = z.infer<typeof LimitId>
export const CaptureId = z.uuid().brand<'CaptureId'>()
export type CaptureId = z.infer<typeof CaptureId>
export const SeriesId = z.uuid().brand<'SeriesId'>()
export type SeriesId = z.infer<typeof SeriesId>
export const SavedQueryId = z.uuid().brand<'SavedQueryId'>()
export type SavedQueryId = z.infer<typeof SavedQueryId>
export const ReminderId = z.uuid().brand<'ReminderId'>()
export type ReminderId = z.infer<typeof ReminderId>
export const SourceId = z.uuid().brand<'SourceId'>()
export type SourceId = z.infer<typeof SourceId>
export const AgentId = z.uuid().brand<'AgentId'>()
export type AgentId = z.infer<typeof AgentId>
export const LedgerEntryId = z.uuid().brand<'LedgerEntryId'>()
export type LedgerEntryId = z.infer<typeof LedgerEntryId>
export const ExperimentId = z.uuid().brand<'ExperimentId'>()
export type ExperimentId = z.infer<typeof ExperimentId>
export const CheckId = z.uuid().brand<'CheckId'>()
export type CheckId = z.infer<typeof CheckId>
export const RunId = z.uuid().brand<'RunId'>()
export type RunId = z.infer<typeof RunId>
export const DocId = z.uuid().brand<'DocId'>()
export type DocId = z.infer<typeof DocId>
/** better-auth's ids are opaque strings, not UUIDs. */
export const UserId = z.string().min(1).max(64).brand<'UserId'>()
export type UserId = z.infer<typeof UserId>
/** Author of what the server does by itself, such as the evidence that an experiment makes. */
export const NODE_AUTHOR = UserId.parse('token:node')
export const TeamId = z.string().min(1).max(64).brand<'TeamId'>()
export type TeamId = z.infer<typeof TeamId>
/** SHA-256 of a file's bytes as stored, 64 hex digits. */
export const Sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<'Sha256'>()
export type Sha256 = z.infer<typeof Sha256>
