import { z } from 'zod'

/** Bump for any change of what is computed or stored: every capture is then read again when somebody opens it. */
export const HEAP_REPORT_VERSION = 4

const Count = z.number().nonnegative()
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** The numbers at the top of a capture's page (lib/findings/capture-tables.ts, CaptureTotals). */
export const HeapTotals = z.object({
  objects: Count,
  shallowBytes: Count,
  references: Count,
  danglingReferences: Count,
  rootCategories: Count,
  rootReferences: Count,
  tracedShare: z.number().min(0).max(1),
  tracedObjects: Count,
  siteKind: z.enum(['allocation', 'definition']),
  /** What allocation tracing itself takes (lib/heap/tracer-memory.ts); null when nobody traced. */
  tracer: z
    .object({ objects: Count, shallowBytes: Count, retainedBytes: Count, retainedObjects: Count })
    .nullable(),
  /** Lowest and highest allocation generation; null when nothing was traced. */
  generationRange: z.tuple([z.number(), z.number()]).nullable(),
  bytesRead: Count,
  lines: Count,
  badLines: Count,
  badLineOffsets: z.array(Count),
  /** Where the last line starts, when the file stops in the middle of it. */
  truncatedAt: Count.nullable(),
  freeSlots: Count,
  shapes: Count,
  shapeBytes: Count,
  repeatedAddresses: Count,
  unplacedObjects: Count,
  isPartial: z.boolean(),
  producer: z.string(),
  producerHints: z.array(z.string()),
  /** What a person should know before she trusts the tables, one sentence each. */
  remarks: z.array(z.string()),
})
export type HeapTotals = z.infer<typeof HeapTotals>

/** Where a table's bytes stand in the store. */
const StoredTable = z.object({ sha256: Sha256, size: Count })

/** What is kept of a heap capture once its file has been read. The tables themselves are columns in the store. */
export const HeapReport = z.object({
  kind: z.literal('heap'),
  version: z.literal(HEAP_REPORT_VERSION),
  sha256: Sha256,
  format: z.object({ id: z.string(), label: z.string() }),
  encoding: z.enum(['plain', 'gzip', 'zstd']),
  /** Bytes as stored, and plain. */
  storedBytes: Count,
  plainBytes: Count,
  totals: HeapTotals,
  /** How many rows each table has. */
  rows: z.object({ groups: Count, generations: Count, owners: Count }),
  byType: z.array(z.object({ type: z.string(), count: Count, bytes: Count })),
  /** From the first byte read to the tables stored. */
  readMs: Count,
  tables: z.object({
    groups: StoredTable,
    generations: StoredTable,
    identities: StoredTable,
    /** What the rows of the other tables retain (lib/findings/retained-rows.ts). */
    retained: StoredTable,
    /** The dominator tree by names (lib/findings/owner-tree.ts). */
    owners: StoredTable,
    /** Graph and dominators, object by object (lib/storage/heap-columns.ts): what questions are answered from. */
    columns: StoredTable,
  }),
})
export type HeapReport = z.infer<typeof HeapReport>

/** The key of a capture's report: what the file is, nothing of who uploaded it or when. */
export const heapReportKey = (sha256: string): string => `heap:${sha256}`

/**
 * Reads a stored report. `undefined` when another version wrote it: the file has to be read again.
 * @throws ZodError when our own row is damaged: a bug.
 */
export function readHeapReport(stored: unknown): HeapReport | undefined {
  const envelope = z.object({ version: z.number() }).parse(stored)
  return envelope.version === HEAP_REPORT_VERSION ? HeapReport.parse(stored) : undefined
}
