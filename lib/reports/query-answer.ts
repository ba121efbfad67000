import { z } from 'zod'

// What the query route takes and answers; read by the page.

/** Longest statement. */
export const MAX_SQL = 20_000
/** Rows that the page shows; a CSV holds more. */
export const SHOWN_ROWS = 10_000
/** Rows of a CSV file. */
export const CSV_ROWS = 1_000_000

export const QueryRequest = z.object({ sql: z.string().trim().min(1).max(MAX_SQL) })
export type QueryRequest = z.infer<typeof QueryRequest>

export const ParquetRequest = z.object({ table: z.string().regex(/^[a-z]{1,30}$/) })

/** What a column of a result holds, as far as showing it goes. */
export const ResultKind = z.enum(['number', 'text', 'boolean', 'other'])
export type ResultKind = z.infer<typeof ResultKind>

/** Nested values are text; integers beyond 2⁵³ are text too. */
export const ResultCell = z.union([z.string(), z.number(), z.boolean(), z.null()])
export type ResultCell = z.infer<typeof ResultCell>

export const QueryAnswer = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string(), kind: ResultKind })),
  rows: z.array(z.array(ResultCell)),
  /** Why there may be more rows than these; null when these are all. */
  cut: z.enum(['rows', 'bytes']).nullable(),
  /** The statement alone, in milliseconds. */
  queryMs: z.number().nonnegative(),
  /** Making the tables before it; 0 when they were there. */
  exportMs: z.number().nonnegative(),
})
export type QueryAnswer = z.infer<typeof QueryAnswer>

/** A refused statement, in the `detail` of the refusal: where in the text it went wrong. */
export const QueryProblem = z.object({ line: z.number().int(), column: z.number().int() })
export type QueryProblem = z.infer<typeof QueryProblem>
