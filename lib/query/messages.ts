import type { QueryAnswer, QueryProblem } from '#lib/reports/query-answer'

// What the node and a query process say to each other. Both ends are one build, so nothing is parsed here.

/** Where a capture's model is read from. */
export type ExportSource =
  | { readonly kind: 'heap'; readonly columns: string; readonly owners: string }
  | { readonly kind: 'stacks'; readonly profile: string }

/** Writes Parquet files into `folder`, which exists. */
export interface ExportJob {
  readonly kind: 'export'
  readonly source: ExportSource
  readonly folder: string
  /** The large tables too, or only them. */
  readonly part: ExportPart
  readonly memoryBytes: number
  readonly processBytes: number
}
export type ExportPart = 'usual' | 'large'

/** Runs one statement over the Parquet files of `folder`. */
export interface StatementJob {
  readonly kind: 'statement'
  readonly sql: string
  readonly folder: string
  readonly tables: readonly string[]
  /** `answer`: as one message. `csv`: to the standard output. */
  readonly as: 'answer' | 'csv'
  readonly maxRows: number
  readonly maxBytes: number
  readonly memoryBytes: number
  readonly processBytes: number
}
export type QueryJob = ExportJob | StatementJob

/** What a query process says. */
export type QueryMessage =
  /** It listens. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'exported'; readonly ms: number }
  | { readonly kind: 'answer'; readonly answer: Omit<QueryAnswer, 'exportMs'> }
  /** The statement runs and its first lines follow on the standard output. */
  | { readonly kind: 'streaming' }
  | { readonly kind: 'streamed' }
  /** A person can mend it. */
  | { readonly kind: 'refused'; readonly sentence: string; readonly at: QueryProblem | null }
  /** What the tables are made from cannot be opened. */
  | { readonly kind: 'damaged' }
  | { readonly kind: 'out-of-memory' }
  | { readonly kind: 'disk-full' }
  /** A bug, for the log. */
  | { readonly kind: 'broke'; readonly stack: string }
