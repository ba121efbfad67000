import { gibibytes, mebibytes } from '#lib/units/quantity'

// What one question may cost. Every number here is a promise to the others who use the server.

/** The statement alone, before its process is ended. */
export const QUERY_TIMEOUT_MS = 30_000
/** A CSV is written while it is downloaded, and a slow line is no fault. */
export const CSV_TIMEOUT_MS = 5 * 60_000
/** Making the tables of one capture. */
export const EXPORT_TIMEOUT_MS = 10 * 60_000
/** What DuckDB may hold, and what its process may come to before it is ended. */
export const QUERY_MEMORY = gibibytes(1)
export const QUERY_PROCESS_MEMORY = gibibytes(2)
export const EXPORT_MEMORY = gibibytes(4)
export const EXPORT_PROCESS_MEMORY = gibibytes(8)
/** An answer's rows as JSON. */
export const ANSWER_BYTES = mebibytes(8)
/** All of a CSV. */
export const CSV_BYTES = mebibytes(256)
/** Query processes at one time on one node, and questions that may wait for one. */
export const PROCESSES = 2
export const WAITING = 20
/** Exported tables that a node keeps, all captures together. */
export const CACHE_BYTES = gibibytes(8)
/** Bump for any change of what is exported: old tables are made anew. */
export const EXPORT_VERSION = 2
