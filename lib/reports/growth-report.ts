import { z } from 'zod'

/** Bump for any change of what is computed or stored. */
export const GROWTH_REPORT_VERSION = 1

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

/** One group over the captures (lib/findings/growth.ts, GrowthRow), with the key that links and pins carry. */
export const GrowthRow = z.object({
  key: z.string(),
  type: z.string(),
  className: z.string(),
  /** Absent: not traced. */
  site: Site.optional(),
  siteWords: z.string(),
  counts: z.array(z.number()),
  bytes: z.array(z.number()),
  countChange: z.number(),
  bytesChange: z.number(),
  shape: GrowthShape,
  reason: z.string(),
  isSuspect: z.boolean(),
  shareOfGrowth: z.number(),
  perRequest: z.object({ objects: z.number(), bytes: z.number() }).optional(),
  evidence: GrowthEvidence.optional(),
})
export type GrowthRow = z.infer<typeof GrowthRow>

/** What grew between captures. Keyed by their contents and request counts: one input, one result. */
export const GrowthReport = z.object({
  version: z.literal(GROWTH_REPORT_VERSION),
  captures: z.number(),
  objects: z.array(z.number()),
  bytes: z.array(z.number()),
  grownBytes: z.number(),
  changedGroups: z.number(),
  unchangedGroups: z.number(),
  /** `row` is an index into `rows`. */
  suspects: z.array(z.object({ row: z.number(), words: z.string() })),
  explainedShare: z.number(),
  summary: z.string(),
  remarks: z.array(z.string()),
  rows: z.array(GrowthRow),
})
export type GrowthReport = z.infer<typeof GrowthReport>

/** Reads a stored comparison. `undefined` when another version wrote it: compare again. @throws ZodError: a bug. */
export function readGrowthReport(stored: unknown): GrowthReport | undefined {
  const envelope = z.object({ version: z.number() }).parse(stored)
  return envelope.version === GROWTH_REPORT_VERSION ? GrowthReport.parse(stored) : undefined
}

export const GrowthOrder = z.enum(['growth', 'bytes', 'count', 'share', 'class', 'site', 'shape'])
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
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})
export type GrowthQuery = z.infer<typeof GrowthQuery>

/** A page of growth rows with everything that stands above the table. */
export const GrowthPage = GrowthReport.omit({ rows: true, captures: true, suspects: true }).extend({
  captures: z.array(
    z.object({
      id: z.uuid(),
      label: z.string(),
      requestCount: z.number().nullable(),
      takenAt: z.number().nullable(),
    }),
  ),
  suspects: z.array(z.object({ key: z.string(), words: z.string() })),
  /** Rows by shape, before the filter. */
  shapes: z.record(z.string(), z.number()),
  /** Rows that match. */
  total: z.number(),
  /** Rows of the comparison that are kept, matching or not. */
  all: z.number(),
  offset: z.number(),
  rows: z.array(GrowthRow),
})
export type GrowthPage = z.infer<typeof GrowthPage>
