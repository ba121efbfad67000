import { z } from 'zod'

/** Bump for any change of what is computed or stored. */
export const GROWTH_REPORT_VERSION = 4

export const GrowthShape = z.enum([
  'flat',
  'grew once',
  'saturating',
  'growing every time',
  'shrinking',
  'cannot tell',
])
export type GrowthShape = z.infer<typeof GrowthShape>

const Site = z.object({ file: z.string(), line: z.number().optional(), method: z.string().optional() })

/** What became of a group's single objects (lib/findings/identity-evidence.ts). */
export const GrowthEvidence = z.object({
  isExact: z.boolean(),
  survived: z.number(),
  appeared: z.number(),
  inReusedSlots: z.number(),
  appearedBetween: z.number(),
  keptOfThose: z.number(),
  words: z.string(),
})
export type GrowthEvidence = z.infer<typeof GrowthEvidence>

/** How far a row or a suspect can be trusted, and why: one sentence with the numbers. */
export const GrowthConfidence = z.object({ level: z.enum(['high', 'medium', 'low']), reason: z.string() })
export type GrowthConfidence = z.infer<typeof GrowthConfidence>

/** When the objects that came between the captures were allocated (lib/findings/birth-spread.ts). */
export const GrowthBirths = z.object({
  /** `cannot tell`: births are not dated, or there are too few. */
  spread: z.enum(['steady', 'in bursts', 'cannot tell']),
  words: z.string(),
})
export type GrowthBirths = z.infer<typeof GrowthBirths>

/** Objects and bytes, per request or per hour. */
const GrowthRate = z.object({ objects: z.number(), bytes: z.number() })

/**
 * What keeps growth alive: the deepest path of the owner tree that does not multiply itself while what it dominates
 * does. Arrays have one entry per capture.
 */
export const GrowthHolder = z.object({
  /** Number by which rows and suspects name it, within this comparison. */
  id: z.number(),
  /** "module AuditTrail → Array of 10,500". Names are hostile text. */
  words: z.string(),
  /** From the root down, the holder last. `edge` is the reference that leads to the step, where the dump names it. */
  path: z.array(z.object({ name: z.string(), edge: z.string().nullable() })),
  /** Objects at this path: one array, forty classes … */
  counts: z.array(z.number()),
  /** What they and everything below them keep. */
  retainedBytes: z.array(z.number()),
  retainedObjects: z.array(z.number()),
  /** References that the largest of them holds: the length of a collection, nearly. */
  references: z.array(z.number()),
  /** The path's number in the last capture's owner tree (ask=owners); null when it is gone. */
  ownerPath: z.number().nullable(),
  /** Index of the largest of them in the last capture (ask=object); null when there is none. */
  example: z.number().nullable(),
})
export type GrowthHolder = z.infer<typeof GrowthHolder>

/** One group over the captures (lib/findings/growth.ts, GrowthRow), with the key that links and pins carry. */
export const GrowthRow = z.object({
  key: z.string(),
  type: z.string(),
  className: z.string(),
  /** Absent: not traced. */
  site: Site.optional(),
  siteWords: z.string(),
  /** Where a group was not traced, it is split by who keeps it: the owner's words. Absent for traced groups. */
  owner: z.string().optional(),
  counts: z.array(z.number()),
  bytes: z.array(z.number()),
  countChange: z.number(),
  bytesChange: z.number(),
  /** What would be freed with all objects of the row, per capture; absent when a capture has no retained sizes. */
  retained: z.array(z.number()).optional(),
  retainedChange: z.number().optional(),
  shape: GrowthShape,
  reason: z.string(),
  isSuspect: z.boolean(),
  /** Index in `suspects`; absent for rows that no suspect covers. */
  suspect: z.number().optional(),
  confidence: GrowthConfidence,
  shareOfGrowth: z.number(),
  perRequest: GrowthRate.optional(),
  /** Needs the times of all captures. */
  perHour: GrowthRate.optional(),
  /** Who keeps what grew: the largest share first, at most three. `share` is of the row's growth, 0 to 1. */
  heldBy: z.array(z.object({ holder: z.number(), share: z.number() })),
  /** Further holders that are not listed. */
  moreHolders: z.number(),
  births: GrowthBirths.optional(),
  evidence: GrowthEvidence.optional(),
  /** By what the ledger knows it again: canonical, without addresses and sizes (lib/findings/fingerprint.ts). */
  fingerprint: z.string(),
})
export type GrowthRow = z.infer<typeof GrowthRow>

/** Growth that is worth a person's look: rows that one holder keeps, as one. */
export const GrowthSuspect = z.object({
  /** Short: "module AuditTrail → Array of 10,500". */
  title: z.string(),
  /** One or two sentences with the numbers. */
  words: z.string(),
  /** Id of the holder; null when nothing single keeps it. */
  holder: z.number().nullable(),
  /** Indexes into the comparison's rows, the largest growth first. */
  rows: z.array(z.number()),
  /** Part of all bytes by which groups grew, 0 to 1. */
  shareOfGrowth: z.number(),
  bytesChange: z.number(),
  perRequest: GrowthRate.optional(),
  perHour: GrowthRate.optional(),
  confidence: GrowthConfidence,
  fingerprint: z.string(),
})
export type GrowthSuspect = z.infer<typeof GrowthSuspect>

/** Something that the machine thinks is expected. People decide (`ledger:mark`). */
export const LedgerProposal = z.object({
  fingerprint: z.string(),
  title: z.string(),
  /** Why, with the numbers; the reason of the entry when it is taken as it is. */
  reason: z.string(),
  /** Objects per capture up to which it is expected; null for no bound. */
  bound: z.number().nullable(),
  /** Index into the comparison's rows. */
  row: z.number(),
})
export type LedgerProposal = z.infer<typeof LedgerProposal>

/** What the suspects do not explain. */
export const Unexplained = z.object({
  /** What was to be explained: the process's memory, or, when that is not known, the heap. */
  of: z.enum(['rss', 'heap']),
  /** Growth from the first to the last capture, in bytes. */
  grownBytes: z.number(),
  bytes: z.number(),
  /** Of `grownBytes`, 0 to 1. */
  share: z.number(),
  words: z.string(),
})
export type Unexplained = z.infer<typeof Unexplained>

/** What grew between captures. Keyed by their contents and request counts: one input, one result. */
export const GrowthReport = z.object({
  version: z.literal(GROWTH_REPORT_VERSION),
  captures: z.number(),
  objects: z.array(z.number()),
  bytes: z.array(z.number()),
  grownBytes: z.number(),
  changedGroups: z.number(),
  unchangedGroups: z.number(),
  suspects: z.array(GrowthSuspect),
  /** Part of the growth that suspects hold, 0 to 1. */
  explainedShare: z.number(),
  unexplained: Unexplained,
  /** False when the captures are of several processes: objects cannot be followed, groups are compared. */
  isOneProcess: z.boolean(),
  summary: z.string(),
  remarks: z.array(z.string()),
  /** What one could do to learn more next time (trace allocations, a third capture …), one sentence each. */
  advice: z.array(z.string()),
  holders: z.array(GrowthHolder),
  proposals: z.array(LedgerProposal),
  rows: z.array(GrowthRow),
})
export type GrowthReport = z.infer<typeof GrowthReport>

/** Reads a stored comparison. `undefined` when another version wrote it: compare again. @throws ZodError: a bug. */
export function readGrowthReport(stored: unknown): GrowthReport | undefined {
  const envelope = z.object({ version: z.number() }).parse(stored)
  return envelope.version === GROWTH_REPORT_VERSION ? GrowthReport.parse(stored) : undefined
}

export const GrowthOrder = z.enum(['growth', 'bytes', 'retained', 'count', 'share', 'class', 'site', 'shape'])
export type GrowthOrder = z.infer<typeof GrowthOrder>

/** Most captures in one comparison. */
export const MAX_COMPARED = 50

/** What may stand in the address of a page of growth. */
export const GrowthQuery = z.object({
  /** Capture ids, comma-separated; compared in the room's order of captures. */
  captures: z
    .string()
    .transform((list) => [...new Set(list.split(',').filter((id) => id !== ''))])
    .pipe(z.array(z.uuid()).min(2).max(MAX_COMPARED)),
  /** `growth`: suspects first, then by bytes of growth. */
  sort: GrowthOrder.default('growth'),
  dir: z.enum(['asc', 'desc']).default('desc'),
  q: z.string().max(200).default(''),
  shape: GrowthShape.optional(),
  /** `left`: without the rows that the team's ledger expects. */
  ledger: z.enum(['left', 'all']).default('all'),
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})
export type GrowthQuery = z.infer<typeof GrowthQuery>

/** A page of growth rows with everything that stands above the table. */
export const GrowthPage = GrowthReport.omit({
  rows: true,
  captures: true,
  suspects: true,
  proposals: true,
}).extend({
  captures: z.array(
    z.object({
      id: z.uuid(),
      label: z.string(),
      requestCount: z.number().nullable(),
      takenAt: z.number().nullable(),
    }),
  ),
  /** `key` is that of its largest row, `keys` are those of all. */
  suspects: z.array(
    GrowthSuspect.omit({ rows: true }).extend({
      key: z.string(),
      keys: z.array(z.string()),
      /** The ledger expects it, or all of its rows. */
      isExpected: z.boolean().default(false),
    }),
  ),
  proposals: z.array(LedgerProposal.omit({ row: true }).extend({ key: z.string() })),
  /** Only those that the rows and suspects of this page name. */
  holders: z.array(GrowthHolder),
  /** Rows by shape, before the filter. */
  shapes: z.record(z.string(), z.number()),
  /** Rows that the team's ledger expects, shown or not. */
  expected: z.number().default(0),
  /** Rows that match. */
  total: z.number(),
  /** Rows of the comparison that are kept, matching or not. */
  all: z.number(),
  offset: z.number(),
  rows: z.array(GrowthRow),
})
export type GrowthPage = z.infer<typeof GrowthPage>
