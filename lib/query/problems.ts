import { z } from 'zod'
import { BUG_SENTENCE } from '#lib/errors/user-error'
import type { QueryProblem } from '#lib/reports/query-answer'

/** Why a statement was refused, for the person who wrote it. */
export class StatementRefused extends Error {
  override readonly name = 'StatementRefused'
  readonly at: QueryProblem | null

  constructor(sentence: string, at: QueryProblem | null = null) {
    super(sentence)
    this.at = at
  }
}
/** DuckDB reached its limit of memory. */
export class OutOfMemory extends Error {
  override readonly name = 'OutOfMemory'
}

/** DuckDB's errors with `errors_as_json`. */
const DuckError = z.object({
  exception_type: z.string(),
  exception_message: z.string(),
  position: z.coerce.number().int().nonnegative().optional().catch(undefined),
})

const MAX_SENTENCE = 600

/** What DuckDB threw, as a refusal. Its messages begin with the kind of error and may name our files. */
export function problemOf(error: unknown, sql: string): Error {
  if (error instanceof StatementRefused) return error
  const message = (error instanceof Error ? error.message : String(error)).replace(/^Failed to [a-z ]+: /, '')
  const told = fromJson(message)
  const type = told?.exception_type ?? /^([A-Z]\w+( \w+)?) Error:/.exec(message)?.[1] ?? ''
  const words = told?.exception_message ?? message.replace(/^[A-Z]\w+( \w+)? Error: /, '')
  if (/out of memory|^memory$/i.test(type) || /out of memory|failed to allocate/i.test(words))
    return new OutOfMemory()
  if (/permission/i.test(type)) return new StatementRefused(NO_ACCESS)
  if (/internal|fatal/i.test(type))
    return new StatementRefused(`DuckDB gave up on this statement. ${BUG_SENTENCE}`)
  const at = told?.position === undefined ? null : placeOf(sql, told.position)
  return new StatementRefused(sentenceOf(words), at)
}

/** The sentence for what the lock of the session stopped. */
export const NO_ACCESS =
  'Queries see the tables of this capture and nothing else: no files, no network, no extensions.'

function fromJson(message: string): z.infer<typeof DuckError> | undefined {
  const start = message.indexOf('{')
  if (start < 0) return undefined
  try {
    return DuckError.safeParse(JSON.parse(message.slice(start))).data
  } catch {
    return undefined
  }
}

/** First paragraph, on one line: what follows are hints for DuckDB's own console. */
export function sentenceOf(words: string): string {
  const [first = ''] = words.split(/\n\s*LINE \d+:/)
  const line = first.replace(/\s+/g, ' ').trim().slice(0, MAX_SENTENCE)
  return /[.!?]$/.test(line) ? line : `${line}.`
}

/** Line and column (from 1) of a byte of the statement. */
export function placeOf(sql: string, offset: number): QueryProblem {
  const before = Buffer.from(sql).subarray(0, offset).toString('utf8')
  const lines = before.split('\n')
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}
