import { type DuckDBConnection, DuckDBInstance, type DuckDBResult, StatementType } from '@duckdb/node-api'
import { z } from 'zod'
import type { QueryAnswer, ResultCell, ResultKind } from '#lib/reports/query-answer'
import { cellBytes, cellOf, csvLine, kindOfType } from './cells.ts'
import { NOT_A_SELECT, refusalOfTree, withoutExplain } from './guard.ts'
import { placeOf, problemOf, StatementRefused, sentenceOf } from './problems.ts'

/** What a statement may see and cost. */
export interface StatementLimits {
  /** Tables with a Parquet file each in the current folder. */
  readonly tables: readonly string[]
  readonly maxRows: number
  readonly maxBytes: number
  readonly memoryBytes: number
}

/**
 * A DuckDB of this process's own in which nothing can be reached but the given tables. The order counts: the files are
 * allowed and made into views while settings can still be set; then the doors are closed, and the key is thrown away.
 * Files are named relative to the current folder, so that no path of the server can be read out of the session.
 */
export async function openSession({ tables, memoryBytes }: StatementLimits): Promise<DuckDBConnection> {
  const database = await DuckDBInstance.create(':memory:', {
    threads: '2',
    memory_limit: `${memoryBytes}B`,
    temp_directory: '',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    allow_persistent_secrets: 'false',
    errors_as_json: 'true',
  })
  const connection = await database.connect()
  const files = tables.map((table) => `'${table}.parquet'`)
  await connection.run(`SET allowed_paths = [${files.join(', ')}]`)
  for (const table of tables)
    await connection.run(`CREATE VIEW ${table} AS FROM read_parquet('${table}.parquet')`)
  await connection.run('SET enable_external_access = false')
  await connection.run('SET lock_configuration = true')
  return connection
}

/** A statement that may run, running. @throws StatementRefused · OutOfMemory */
export async function beginStatement(
  connection: DuckDBConnection,
  sql: string,
  tables: readonly string[],
): Promise<DuckDBResult> {
  try {
    await checkStatement(connection, sql, new Set(tables))
    const prepared = await connection.prepare(sql)
    const { statementType } = prepared
    // By now it is one: said once more by the one who will run it.
    if (statementType !== StatementType.SELECT && statementType !== StatementType.EXPLAIN)
      throw new StatementRefused(NOT_A_SELECT)
    return await prepared.stream()
  } catch (error) {
    throw problemOf(error, sql)
  }
}

/** @throws StatementRefused with the place in the text, when the text has a fault */
async function checkStatement(
  connection: DuckDBConnection,
  sql: string,
  names: ReadonlySet<string>,
): Promise<void> {
  const parser = await connection.prepare('SELECT json_serialize_sql($1::VARCHAR)')
  parser.bindVarchar(1, withoutExplain(sql))
  const [[text] = []] = (await parser.runAndReadAll()).getRows()
  if (typeof text !== 'string') throw new Error('json_serialize_sql gave no text')
  const tree = Tree.parse(JSON.parse(text))
  if (tree.error && tree.error_type === 'parser')
    throw new StatementRefused(
      sentenceOf(tree.error_message ?? 'The text makes no sense'),
      tree.position === undefined ? null : placeOf(sql, tree.position),
    )
  if (tree.error) throw new StatementRefused(NOT_A_SELECT)
  const extracted = await connection.extractStatements(sql)
  if (extracted.count !== 1 || (tree.statements && tree.statements.length !== 1))
    throw new StatementRefused(ONE_STATEMENT)
  const refusal = refusalOfTree(tree, names)
  if (refusal) throw new StatementRefused(refusal)
}

/** What json_serialize_sql writes. */
const Tree = z.object({
  error: z.boolean(),
  error_type: z.string().optional(),
  error_message: z.string().optional(),
  position: z.coerce.number().int().nonnegative().optional().catch(undefined),
  statements: z.array(z.unknown()).optional(),
})

const ONE_STATEMENT =
  'Ask one thing at a time: the text has more than one statement. (A bare PIVOT is several; “FROM (PIVOT … ON column IN (…) …)” is one.)'

interface Column {
  readonly name: string
  readonly type: string
  readonly kind: ResultKind
}

export function columnsOf(result: DuckDBResult): Column[] {
  return result.deduplicatedColumnNames().map((name, at) => {
    const type = result.columnType(at)
    return { name: name.slice(0, 200), type: type.toString().slice(0, 200), kind: kindOfType(type) }
  })
}

/** Rows of a result in pieces, until one limit is reached. @throws StatementRefused · OutOfMemory */
async function* rowsOf(
  result: DuckDBResult,
  columns: readonly Column[],
  sql: string,
): AsyncGenerator<ResultCell[][]> {
  for (;;) {
    const chunk = await result.fetchChunk().catch((error: unknown) => {
      throw problemOf(error, sql)
    })
    if (!chunk || chunk.rowCount === 0) return
    yield chunk.getRows().map((row) => row.map((value, at) => cellOf(value, columns[at]?.kind ?? 'other')))
  }
}

/** A statement's answer, cut where the limits say. @throws StatementRefused · OutOfMemory */
export async function answerStatement(
  connection: DuckDBConnection,
  sql: string,
  limits: StatementLimits,
): Promise<Omit<QueryAnswer, 'exportMs'>> {
  const started = performance.now()
  const result = await beginStatement(connection, sql, limits.tables)
  const columns = columnsOf(result)
  const rows: ResultCell[][] = []
  let cut: QueryAnswer['cut'] = null
  let bytes = 0
  reading: for await (const piece of rowsOf(result, columns, sql)) {
    for (const row of piece) {
      bytes += row.reduce((sum: number, cell) => sum + cellBytes(cell), 2)
      if (rows.length >= limits.maxRows || bytes > limits.maxBytes) {
        cut = rows.length >= limits.maxRows ? 'rows' : 'bytes'
        break reading
      }
      rows.push(row)
    }
  }
  return { columns, rows, cut, queryMs: performance.now() - started }
}

/** A result as CSV, piece by piece. The last line says so when rows are missing. @throws StatementRefused · OutOfMemory */
export async function* csvOf(
  result: DuckDBResult,
  sql: string,
  { maxRows, maxBytes }: StatementLimits,
): AsyncGenerator<string> {
  const columns = columnsOf(result)
  // The mark in front tells spreadsheets that it is UTF-8.
  yield `\ufeff${csvLine(columns.map(({ name }) => name))}`
  let rows = 0
  let bytes = 0
  for await (const piece of rowsOf(result, columns, sql)) {
    const fitting = piece.slice(0, maxRows - rows)
    const text = fitting.map(csvLine).join('')
    rows += fitting.length
    bytes += text.length
    yield text
    if (fitting.length < piece.length || bytes > maxBytes) {
      yield csvLine([`(cut after ${rows} rows)`])
      return
    }
  }
}
