import { z } from 'zod'

/** The tables of a capture. All but generations are made from its groups. */
export const CaptureTable = z.enum(['groups', 'classes', 'sites', 'types', 'generations'])
export type CaptureTable = z.infer<typeof CaptureTable>

export const RowOrder = z.enum([
  'count',
  'bytes',
  'type',
  'class',
  'site',
  'generation',
  'retained',
  'change',
])
export type RowOrder = z.infer<typeof RowOrder>

/** One line of a table. What a table does not tell apart is null. */
export const TableRow = z.object({
  /** The same for the same group in every capture: in links and pins. */
  key: z.string(),
  type: z.string().nullable(),
  className: z.string().nullable(),
  /** The allocation site in words, "not traced" where the dump does not say. */
  site: z.string().nullable(),
  file: z.string().nullable(),
  line: z.number().nullable(),
  method: z.string().nullable(),
  /** Allocation generation; -1 is "before tracing began". */
  generation: z.number().nullable(),
  count: z.number(),
  /** Shallow bytes. */
  bytes: z.number(),
  /** What would be freed with all of them, each byte counted once; absent where it is not known. */
  retainedBytes: z.number().nullish(),
  /** The same row in the capture that was asked `since`; zeros when it has no such row. Absent: not asked. */
  since: z.object({ count: z.number(), bytes: z.number() }).nullish(),
})
export type TableRow = z.infer<typeof TableRow>

/** A page of rows, with what all matching rows come to. */
export const RowsPage = z.object({
  table: CaptureTable,
  /** Rows that match. */
  total: z.number(),
  /** Rows of the table, matching or not. */
  all: z.number(),
  offset: z.number(),
  count: z.number(),
  bytes: z.number(),
  rows: z.array(TableRow),
})
export type RowsPage = z.infer<typeof RowsPage>

/** Most rows in one answer. */
export const MAX_PAGE_ROWS = 500

/** What may stand in the address of a page of rows. */
export const RowsQuery = z.object({
  table: CaptureTable.default('groups'),
  sort: RowOrder.default('bytes'),
  dir: z.enum(['asc', 'desc']).default('desc'),
  /** Words that must all occur in type, class, site; case does not matter. */
  q: z.string().max(200).default(''),
  /** Another capture of the room: each row then says what it was there. */
  since: z.uuid().optional(),
  offset: z.coerce.number().int().min(0).max(10_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE_ROWS).default(100),
})
export type RowsQuery = z.infer<typeof RowsQuery>
