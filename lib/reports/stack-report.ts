import { z } from 'zod'
import { captureSuspects } from '#lib/findings/run-growth'
import {
  STACK_KINDS,
  STACK_MEASURES,
  type StackKind,
  type StackMeasure,
  type StackProfile,
} from '#lib/stacks/stack-profile'
import { kindTotals } from '#lib/stacks/totals'

/** Bump for any change of what is computed or stored: every stack capture is then read again when somebody opens it. */
export const STACK_REPORT_VERSION = 2

// reason: zod's enum wants a tuple with a first entry; the lists are the ones that the model keeps, and are never empty.
export const StackMeasureName = z.enum(STACK_MEASURES as readonly [StackMeasure, ...StackMeasure[]])
// reason: as above.
export const StackKindName = z.enum(STACK_KINDS as readonly [StackKind, ...StackKind[]])

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const Count = z.number().nonnegative()
const StoredColumns = z.object({ sha256: Sha256, size: Count })
/** Numbers by measure; a difference of two profiles may be below zero. */
const Totals = z.object({
  'in-use-bytes': z.number(),
  'in-use-blocks': z.number(),
  'allocated-bytes': z.number(),
  'allocated-blocks': z.number(),
})

/** What a page shows of a stack capture without opening its columns. */
export const StackSummary = z.object({
  producer: z.string(),
  measures: z.array(StackMeasureName),
  blockWord: z.string(),
  sampling: z.object({ isSampled: z.boolean(), periodBytes: z.number().optional(), words: z.string() }),
  /** Per kind that occurs. Indirectly lost bytes are in the definitely lost ones: never sum the two. */
  kinds: z.array(z.object({ kind: StackKindName, stacks: Count, totals: Totals })),
  stacks: Count,
  nodes: Count,
  bytesRead: Count,
  skipped: Count,
  truncated: z.boolean(),
  facts: z.array(z.tuple([z.string(), z.string()])),
  remarks: z.array(z.string()),
  /** Totals over the run (massif): the moment, bytes with overhead. At most MAX_MOMENTS, evenly taken. */
  timeline: z
    .object({
      unit: z.string(),
      shown: Count,
      peak: Count,
      points: z.array(z.tuple([z.number(), z.number()])),
    })
    .nullable(),
  suspects: z.array(
    z.object({
      className: z.string(),
      site: z.string(),
      bytes: Count,
      blocks: Count,
      share: z.number(),
      words: z.string(),
    }),
  ),
  /** What this one capture says, or what would decide. */
  words: z.string(),
})
export type StackSummary = z.infer<typeof StackSummary>

/** What is kept of a stack capture once its file has been read. The columns stand in the store. */
export const StackReport = z.object({
  version: z.literal(STACK_REPORT_VERSION),
  kind: z.literal('stacks'),
  sha256: Sha256,
  format: z.object({ id: z.string(), label: z.string() }),
  encoding: z.enum(['plain', 'gzip', 'zstd']),
  storedBytes: Count,
  plainBytes: Count,
  summary: StackSummary,
  rows: z.object({ groups: Count }),
  readMs: Count,
  /** `profile` is lib/findings/stack-columns.ts's, `groups` the group table's. */
  tables: z.object({ profile: StoredColumns, groups: StoredColumns }),
})
export type StackReport = z.infer<typeof StackReport>

/** The key of a stack capture's report. */
export const stackReportKey = (sha256: string): string => `stacks:${sha256}`

/**
 * Reads a stored report. `undefined` when another version wrote it: the file has to be read again.
 * @throws ZodError when our own row is damaged: a bug.
 */
export function readStackReport(stored: unknown): StackReport | undefined {
  const envelope = z.object({ version: z.number(), kind: z.literal('stacks') }).parse(stored)
  return envelope.version === STACK_REPORT_VERSION ? StackReport.parse(stored) : undefined
}

const MAX_MOMENTS = 400

/** The summary of a profile. O(nodes). */
export function stackSummary(profile: StackProfile): StackSummary {
  const { notes } = profile
  const kinds = kindTotals(profile)
  const { suspects, words } = captureSuspects(profile)
  return {
    producer: profile.producer,
    measures: [...profile.measures],
    blockWord: profile.blockWord,
    sampling: profile.sampling,
    kinds: kinds.map(({ kind, stacks, totals }) => ({ kind, stacks, totals: { ...totals } })),
    stacks: kinds.reduce((sum, { stacks }) => sum + stacks, 0),
    nodes: profile.nodes.count - 1,
    bytesRead: notes.bytesRead,
    skipped: notes.skipped,
    truncated: notes.truncated,
    facts: notes.facts.map(([name, value]): [string, string] => [name, value]),
    remarks: [...notes.remarks],
    timeline: timelineOf(profile),
    suspects: suspects.map(({ frame, bytes, blocks, share, words: sentence }) => ({
      className: frame.name,
      site: frame.file === '' ? frame.library : frame.line === 0 ? frame.file : `${frame.file}:${frame.line}`,
      bytes,
      blocks,
      share,
      words: sentence,
    })),
    words,
  }
}

function timelineOf({ timeline }: StackProfile): StackSummary['timeline'] {
  if (!timeline) return null
  const count = timeline.at.length
  const step = Math.max(1, Math.ceil(count / MAX_MOMENTS))
  const points: [number, number][] = []
  const indexes = new Set([timeline.peak, timeline.shown, count - 1])
  for (let at = 0; at < count; at += step) indexes.add(at)
  const kept = [...indexes].filter((at) => at >= 0 && at < count).sort((a, b) => a - b)
  for (const at of kept)
    points.push([
      timeline.at[at]!,
      timeline.heapBytes[at]! + timeline.extraBytes[at]! + timeline.stackBytes[at]!,
    ])
  return {
    unit: timeline.unit,
    shown: kept.indexOf(timeline.shown),
    peak: kept.indexOf(timeline.peak),
    points,
  }
}
