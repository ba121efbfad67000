import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api'
import {
  DOUBLE,
  DuckDBDataChunk,
  DuckDBInstance,
  INTEGER,
  UINTEGER,
  USMALLINT,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api'

/** Rows that go to DuckDB at once: the size of its own vectors. */
const CHUNK = 2048
/** Longer names are cut: no class is called that. */
const MAX_WORD = 4000

export type Numbers = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array

/** One column as it is in memory, before SQL makes it what people see. */
export interface RawColumn {
  readonly name: string
  /** Numbers, or with `words` indexes into them. One entry per row; may be longer. */
  readonly values: Numbers
  /** Texts (`distinctWords`). */
  readonly words?: readonly string[]
}

export interface RawTable {
  readonly rows: number
  readonly columns: readonly RawColumn[]
}

/** Opens a DuckDB of this process's own, in memory, for writing Parquet files. */
export async function openWriter(memoryBytes: number, spillFolder: string): Promise<DuckDBConnection> {
  const database = await DuckDBInstance.create(':memory:', {
    threads: '2',
    memory_limit: `${memoryBytes}B`,
    temp_directory: spillFolder,
    preserve_insertion_order: 'true',
  })
  return database.connect()
}

/**
 * Writes `SELECT <select> FROM raw` as a Parquet file (zstd), where `raw` is the given table with its words as texts. The
 * memory of the columns is copied into DuckDB vector by vector, not value by value: 2 M rows take some 10 ms a column.
 * Words come in by a join: DuckDB's ENUM is made anew for every vector (50,000 words: 34 s).
 */
export async function writeParquet(
  connection: DuckDBConnection,
  path: string,
  table: RawTable,
  select: string,
): Promise<void> {
  const { columns, rows } = table
  await connection.run(`CREATE TABLE numbers (${columns.map(columnOf).join(', ')})`)
  await append(connection, 'numbers', columns.map(typeOf), rows, (chunk, from, count) => {
    for (const [at, { values }] of columns.entries()) fill(chunk, at, values.subarray(from, from + count))
  })
  const worded = columns.filter(({ words }) => words)
  for (const { name, words } of worded) await appendWords(connection, `${name}_words`, words ?? [])

  const texts = worded.map(({ name }) => `${name}_words.word AS ${name}`)
  const joins = worded.map(({ name }) => `JOIN ${name}_words ON numbers.${name} = ${name}_words.code`)
  const plain = columns.filter(({ words }) => !words).map(({ name }) => `numbers.${name}`)
  const raw = `SELECT ${[...plain, ...texts].join(', ')} FROM numbers ${joins.join(' ')}`
  await connection.run(
    `COPY (SELECT ${select} FROM (${raw}) raw) TO '${path.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`,
  )
  for (const { name } of worded) await connection.run(`DROP TABLE ${name}_words`)
  await connection.run('DROP TABLE numbers')
}

async function append(
  connection: DuckDBConnection,
  table: string,
  types: readonly DuckDBType[],
  rows: number,
  set: (chunk: DuckDBDataChunk, from: number, count: number) => void,
): Promise<void> {
  const appender = await connection.createAppender(table)
  const chunk = DuckDBDataChunk.create(types, CHUNK)
  for (let from = 0; from < rows; from += CHUNK) {
    const count = Math.min(CHUNK, rows - from)
    chunk.reset()
    chunk.rowCount = count
    set(chunk, from, count)
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
}

async function appendWords(
  connection: DuckDBConnection,
  table: string,
  words: readonly string[],
): Promise<void> {
  await connection.run(`CREATE TABLE ${table} (code UINTEGER, word VARCHAR)`)
  await append(connection, table, [UINTEGER, VARCHAR], words.length, (chunk, from, count) => {
    fill(
      chunk,
      0,
      Uint32Array.from({ length: count }, (_, at) => from + at),
    )
    chunk.setColumnValues(1, words.slice(from, from + count))
  })
}

const columnOf = (column: RawColumn): string => `${column.name} ${typeOf(column).toString()}`

function typeOf({ values }: RawColumn): DuckDBType {
  if (values instanceof Uint8Array) return UTINYINT
  if (values instanceof Uint16Array) return USMALLINT
  if (values instanceof Uint32Array) return UINTEGER
  return values instanceof Int32Array ? INTEGER : DOUBLE
}

/**
 * A vector of the binding keeps a typed array over its memory in `items` (@duckdb/node-api 1.5.6-r.1; pinned, and
 * test/unit/query notices when it changes). Setting values one by one takes ten times as long.
 */
function fill(chunk: DuckDBDataChunk, at: number, values: Numbers): void {
  const vector = chunk.getColumnVector(at)
  const items: unknown = Reflect.get(vector, 'items')
  if (!ArrayBuffer.isView(items) || !('set' in items) || typeof items.set !== 'function')
    throw new Error('this version of @duckdb/node-api has no vectors in memory')
  items.set(values)
  vector.flush()
}

/** Texts, each once, and each row's index into them. Bytes that are no text can make two names equal. O(rows). */
export function distinctWords(
  rows: number,
  textOf: (id: number) => string,
  ids: ArrayLike<number>,
  idCount: number,
): { readonly words: readonly string[]; readonly values: Uint32Array } {
  const words: string[] = []
  const byText = new Map<string, number>()
  const byId = new Int32Array(idCount).fill(-1)
  const values = new Uint32Array(rows)
  for (let row = 0; row < rows; row++) {
    const id = ids[row]!
    let word = byId[id]!
    if (word < 0) {
      const text = textOf(id).slice(0, MAX_WORD).toWellFormed()
      word = byText.get(text) ?? -1
      if (word < 0) {
        word = words.push(text) - 1
        byText.set(text, word)
      }
      byId[id] = word
    }
    values[row] = word
  }
  return { words, values }
}
