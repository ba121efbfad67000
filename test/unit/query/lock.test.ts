import type { DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Queryable } from '#lib/query/query-desk'
import { beginStatement, openSession } from '#lib/query/statement'
import { drawHeap } from '#test/build/draw-heap'
import { buildDesk, type TestDesk } from '#test/build/queryable'

/** Statements that are no questions about this capture, with what the refusal says. */
const ESCAPES: readonly (readonly [sql: string, says: RegExp])[] = [
  // Files, by every function that reads or writes one.
  [`SELECT * FROM read_csv('/etc/passwd')`, /cannot be used here/],
  [`SELECT * FROM read_text('/etc/passwd')`, /cannot be used here/],
  [`SELECT * FROM READ_BLOB('/etc/passwd')`, /cannot be used here/],
  [`SELECT * FROM read_json_auto('package.json')`, /cannot be used here/],
  [`SELECT * FROM read_parquet('objects.parquet')`, /cannot be used here/],
  [`SELECT * FROM parquet_metadata('objects.parquet')`, /cannot be used here/],
  [`SELECT * FROM sniff_csv('/etc/passwd')`, /cannot be used here/],
  [`SELECT * FROM glob('/etc/*')`, /cannot be used here/],
  [`SELECT * FROM '/etc/passwd'`, /no table/],
  [`SELECT * FROM 'objects.parquet'`, /no table/],
  [`FROM "https://example.com/x.parquet"`, /no table/],
  [`SELECT * FROM 's3://bucket/x.parquet'`, /no table/],
  [`COPY (SELECT 1) TO '/tmp/leakroom-escape.csv'`, /Only one SELECT/],
  [`COPY objects TO 'objects.parquet'`, /Only one SELECT/],
  [`EXPLAIN ANALYZE COPY (SELECT 1) TO 'objects.parquet'`, /Only one SELECT/],
  [`EXPORT DATABASE '/tmp/leakroom-escape'`, /Only one SELECT/],
  [`IMPORT DATABASE '/tmp/leakroom-escape'`, /Only one SELECT/],
  [`ATTACH '/tmp/leakroom-escape.db'`, /Only one SELECT/],
  [`WITH x AS (SELECT * FROM read_csv('/etc/passwd')) SELECT * FROM x`, /cannot be used here/],
  [`SELECT (SELECT content FROM read_text('/etc/passwd'))`, /cannot be used here/],
  [`SELECT * FROM objects, LATERAL (SELECT * FROM read_text('/etc/passwd'))`, /cannot be used here/],
  [`FROM (PIVOT (FROM read_csv('/etc/passwd')) ON column0 IN ('a') USING count(*))`, /cannot be used here/],
  [`SUMMARIZE SELECT * FROM read_csv('/etc/passwd')`, /cannot be used here/],
  [`EXPLAIN SELECT * FROM read_csv('/etc/passwd')`, /cannot be used here/],
  // The session and the machine.
  [`INSTALL httpfs`, /Only one SELECT/],
  [`LOAD httpfs`, /Only one SELECT/],
  [`SET lock_configuration = false`, /Only one SELECT/],
  [`RESET enable_external_access`, /Only one SELECT/],
  [`PRAGMA database_list`, /Only one SELECT/],
  [`PRAGMA enable_profiling`, /Only one SELECT/],
  [`CALL enable_logging()`, /Only one SELECT/],
  [`SELECT * FROM enable_logging(storage = 'file', storage_path = '/tmp/leakroom-escape')`, /cannot be used/],
  [`SELECT * FROM duckdb_settings()`, /cannot be used here/],
  [`SELECT * FROM duckdb_secrets()`, /cannot be used here/],
  [`SELECT * FROM information_schema.tables`, /no table/],
  [`SELECT * FROM pg_catalog.pg_class`, /no table/],
  [`SELECT * FROM duckdb_views`, /no table/],
  [`SELECT * FROM system.main.duckdb_settings`, /no table/],
  [`SHOW ALL TABLES`, /no table/],
  [`SELECT getenv('HOME')`, /cannot be used here/],
  [`SELECT current_setting('allowed_paths')`, /cannot be used here/],
  [`SELECT Write_Log('x')`, /cannot be used here/],
  [`SELECT count(*) FILTER (WHERE write_log('x') IS NULL) FROM objects`, /cannot be used here/],
  [`SELECT * FROM query('SELECT 1')`, /cannot be used here/],
  [`SELECT * FROM query_table('objects')`, /cannot be used here/],
  [`SELECT * FROM json_execute_serialized_sql('{}')`, /cannot be used here/],
  [`SELECT * FROM checkpoint()`, /cannot be used here/],
  [`SELECT sleep_ms(1000)`, /cannot be used here/],
  [`SELECT * FROM arrow_scan(1, 2, 3)`, /cannot be used here/],
  // Changes, and more than one statement.
  [`CREATE TABLE x AS SELECT 1`, /Only one SELECT/],
  [`INSERT INTO objects VALUES (1)`, /Only one SELECT/],
  [`DELETE FROM objects`, /Only one SELECT/],
  [`DROP VIEW objects`, /Only one SELECT/],
  [`CREATE MACRO f() AS TABLE SELECT * FROM read_csv('/etc/passwd')`, /Only one SELECT/],
  [`BEGIN`, /Only one SELECT/],
  [`PREPARE x AS SELECT 1`, /Only one SELECT/],
  [`EXECUTE x`, /Only one SELECT/],
  [`SELECT 1; SELECT 2`, /one thing at a time/],
  [`SELECT 1; COPY (SELECT 1) TO '/tmp/leakroom-escape.csv'`, /Only one SELECT|one thing/],
  [`SELECT $1`, /parameter/],
  [`EXPLAIN EXPLAIN SELECT 1`, /Only one SELECT|syntax/],
]

describe('the lock around queries', { timeout: 60_000 }, () => {
  let built: TestDesk
  let capture: Queryable
  let session: DuckDBConnection
  beforeAll(async () => {
    session = await openSession({ tables: [], memoryBytes: 2 ** 28, maxRows: 10, maxBytes: 1000 })
    built = await buildDesk()
    capture = await built.heap(drawHeap({ objects: [{ to: [1] }, {}], roots: [['vm', [0]]] }))
  })
  afterAll(async () => {
    session.closeSync()
    await built.close()
  })

  const ask = (sql: string, desk = built.desk) => desk.answer(capture, sql, { key: 'test' })

  it.each(ESCAPES)('refuses %s', async (sql, says) => {
    await expect(beginStatement(session, sql, ['objects'])).rejects.toThrow(says)
  })

  it('refuses in its process what it refuses here', async () => {
    for (const [sql, says] of ESCAPES.slice(0, 2))
      await expect(ask(sql)).rejects.toMatchObject({
        code: 'query/refused',
        message: expect.stringMatching(says),
      })
  })

  it('is locked even for statements that were not judged', async () => {
    for (const sql of [
      `SELECT * FROM read_csv('/etc/passwd')`,
      `SELECT * FROM read_text('${process.execPath}')`,
      `SELECT * FROM glob('/etc/*')`,
      `COPY (SELECT 1) TO '/tmp/leakroom-escape.csv'`,
      `ATTACH '/tmp/leakroom-escape.db'`,
      `INSTALL httpfs`,
      `LOAD httpfs`,
      `SELECT * FROM 'https://example.com/x.parquet'`,
      `SET enable_external_access = true`,
      `SET memory_limit = '100GB'`,
      `SET allowed_paths = ['/etc/passwd']`,
    ])
      await expect(session.run(sql)).rejects.toThrow(/disabled|locked|Cannot|Permission|allowed/i)
  })

  it.each([
    `SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b`,
    `WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t`,
    `SELECT count(*) FROM range(1000000000000) WHERE range % 7 = 8`,
  ])('ends after its time: %s', async (sql) => {
    const hasty = built.with({ queryTimeoutMs: 1500 })
    await expect(ask(sql, hasty)).rejects.toMatchObject({ code: 'query/too-slow' })
  })

  it.each([
    `SELECT length(repeat('x', 4000000000)) FROM range(10)`,
    `SELECT list(range) FROM range(1000000000)`,
    `SELECT string_agg(repeat('x', 1000000), '') FROM range(100000)`,
    `SELECT * FROM range(200000000) ORDER BY hash(range)`,
  ])('bounds memory: %s', async (sql) => {
    const tight = built.with({ memoryBytes: 128 * 1024 * 1024, queryTimeoutMs: 8000 })
    await expect(ask(sql, tight)).rejects.toMatchObject({
      code: expect.stringMatching(/^query\/(too-much-memory|refused|too-slow)$/),
    })
  })

  it('bounds rows, bytes and cells of an answer', async () => {
    const many = await ask('SELECT * FROM range(100000000)')
    expect(many.rows).toHaveLength(10_000)
    expect(many.cut).toBe('rows')
    const wide = await ask(`SELECT repeat('x', 10000) AS text FROM range(20000)`)
    expect(wide.cut).toBe('bytes')
    expect(JSON.stringify(wide).length).toBeLessThan(10 * 1024 * 1024)
    expect(String(wide.rows[0]?.[0]).length).toBeLessThan(2100)
  })

  it('survives statements nested deeper than any person writes', async () => {
    const brackets = `SELECT ${'('.repeat(9000)}1${')'.repeat(9000)}`
    const calls = `SELECT ${'abs('.repeat(3900)}1${')'.repeat(3900)}`
    const selects = `SELECT * FROM ${'(FROM '.repeat(2000)}objects${')'.repeat(2000)}`
    for (const deep of [brackets, calls, selects])
      await ask(deep).catch((error) => expect(error.code).toMatch(/^query\//))
    expect((await ask('SELECT 1')).rows).toEqual([[1]])
  })

  it('tells nothing of the server’s folders', async () => {
    const told = await ask('EXPLAIN SELECT * FROM objects').then((answer) => JSON.stringify(answer))
    expect(told).not.toContain(built.folder)
    for (const [sql] of ESCAPES.slice(0, 5))
      await expect(ask(sql)).rejects.not.toMatchObject({ message: expect.stringContaining(built.folder) })
  })
})
