import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { groupedObjects } from '#lib/findings/groups'
import { retainedByGroup } from '#lib/heap/retained-groups'
import { retention } from '#lib/heap/retention'
import type { HeapSnapshot } from '#lib/heap/snapshot'
import type { Queryable } from '#lib/query/query-desk'
import { queryTables } from '#lib/reports/query-tables'
import { drawHeap } from '#test/build/draw-heap'
import { buildDesk, type TestDesk } from '#test/build/queryable'
import { rubyFixture, scanRuby } from '#test/build/ruby-dump'

/** Two sessions that share an avatar, one of which is cached; hostile names; one object that nobody keeps. */
const DRAWING = drawHeap({
  objects: [
    { className: 'Cache', bytes: 100, to: [1, 2], file: 'app/cache.rb', line: 7, generation: 3 },
    { className: 'Session', bytes: 40, to: [3], file: "it's; DROP TABLE objects", line: 1 },
    { className: 'Session', bytes: 40, to: [3], generation: 4 },
    { className: '__proto__"\u0000é', bytes: 1000, valueHash: 7 },
    { className: 'String', bytes: 1000, valueHash: 9, classIndex: 0 },
    { className: 'String', bytes: 1000, valueHash: 9 },
    { className: 'Orphan', bytes: 5_000_000_000 },
  ],
  roots: [
    ['vm', [0, 4, 5]],
    ['machine_context', [0]],
  ],
})

describe('the tables of a drawn heap', { timeout: 60_000 }, () => {
  let built: TestDesk
  let capture: Queryable
  beforeAll(async () => {
    built = await buildDesk()
    capture = await built.heap(DRAWING)
  })
  afterAll(() => built.close())
  const rows = async (sql: string) => (await built.desk.answer(capture, sql, { key: 'test' })).rows

  it('have the columns that the page promises', async () => {
    for (const table of queryTables('heap')) {
      const described = await rows(`DESCRIBE ${table.name}`)
      expect(described.map(([name, type]) => [name, type])).toEqual(
        table.columns.map(({ name, type }) => [name, type]),
      )
    }
  })

  it('say of each object what the graph says', async () => {
    expect(
      await rows(
        'SELECT object, class, file, line, generation, shallow_bytes, retained_bytes, dominator, dominator_depth, reference_count FROM objects ORDER BY object',
      ),
    ).toEqual([
      [0, 'Cache', 'app/cache.rb', 7, 3, 100, 1180, null, 1, 2],
      [1, 'Session', "it's; DROP TABLE objects", 1, null, 40, 40, 0, 2, 1],
      [2, 'Session', null, null, 4, 40, 40, 0, 2, 1],
      [3, '__proto__"\u0000é', null, null, null, 1000, 1000, 0, 2, 0],
      [4, 'String', null, null, null, 1000, 1000, null, 1, 0],
      [5, 'String', null, null, null, 1000, 1000, null, 1, 0],
      [6, 'Orphan', null, null, null, 5_000_000_000, null, null, null, 0],
    ])
    expect(
      await rows('SELECT key, class_object FROM objects WHERE object IN (1, 4) ORDER BY object'),
    ).toEqual([
      ['0x7f0000000028', null],
      ['0x7f00000000a0', 0],
    ])
  })

  it('have references, roots, duplicates and owner paths', async () => {
    expect(await rows('SELECT from_object, to_object, weak FROM refs ORDER BY ALL')).toEqual([
      [0, 1, false],
      [0, 2, false],
      [1, 3, false],
      [2, 3, false],
    ])
    expect(await rows('SELECT category, count(*) FROM roots GROUP BY category ORDER BY 1')).toEqual([
      ['machine_context', 1],
      ['vm', 3],
    ])
    expect(
      await rows('SELECT class, copies, bytes_each, wasted_bytes, example_object FROM duplicates'),
    ).toEqual([['String', 2, 1000, 1000, 4]])
    const owners = await rows('SELECT path, retained_bytes FROM owners WHERE depth > 0')
    expect(owners.some(([path, bytes]) => /Cache$/.test(String(path)) && bytes === 1180)).toBe(true)
  })

  it('keep no text of the program and nothing to compute it from', async () => {
    const columns = queryTables('heap').flatMap((table) => table.columns.map(({ name }) => name))
    expect(columns.filter((name) => /value|hash|text|content/.test(name))).toEqual([])
  })

  it('name the properties of objects, but not the keys of dictionaries: these are data', async () => {
    const users = Array.from({ length: 40 }, (_, at) => 2 + at)
    const drawn = drawHeap({
      objects: [
        { className: 'Users', to: users },
        { className: 'cache', to: [0, 2] },
        ...users.map((at) => ({ className: `person-${at}@example.org` })),
      ],
      roots: [['vm', [1]]],
    })
    // Each reference is called as the class of its target, the last one of the dictionary is V8's own.
    const name = Uint32Array.from(drawn.references, (target) => drawn.className[target]!)
    const kind = Uint8Array.from(name, (_, row) => (row === 39 ? 1 : 0))
    const edges = { kindNames: ['property', 'internal'], kind, name, numberedKinds: new Set<number>() }
    const named = await built.heap({ ...drawn, edges })
    const { rows: found } = await built.desk.answer(
      named,
      'SELECT from_object, name, count(*) FROM refs GROUP BY ALL ORDER BY ALL NULLS FIRST',
      { key: 'test' },
    )
    expect(found).toEqual([
      [0, null, 39],
      [0, 'person-41@example.org', 1],
      [1, 'Users', 1],
      [1, 'person-2@example.org', 1],
    ])
  })

  it('say where a statement went wrong', async () => {
    await expect(rows('SELECT class\nFROM objects\nWHER 1')).rejects.toMatchObject({
      code: 'query/refused',
      detail: { line: 3 },
    })
    await expect(rows('SELECT clas FROM objects')).rejects.toMatchObject({
      message: expect.stringMatching(/clas.*not found/),
      detail: { line: 1, column: 8 },
    })
  })

  it('answers each person one thing at a time, and stops when she leaves', async () => {
    const leaving = new AbortController()
    const slow = 'SELECT count(*) FROM range(1000000000000) WHERE range % 7 = 8'
    const first = built.desk.answer(capture, slow, { key: 'anna', signal: leaving.signal })
    await expect(built.desk.answer(capture, 'SELECT 1', { key: 'anna' })).rejects.toMatchObject({
      code: 'query/busy',
    })
    expect((await built.desk.answer(capture, 'SELECT 1', { key: 'ben' })).rows).toEqual([[1]])
    leaving.abort()
    await expect(first).rejects.toMatchObject({ code: 'query/cancelled' })
    expect((await built.desk.answer(capture, 'SELECT 2', { key: 'anna' })).rows).toEqual([[2]])
  })

  it('writes CSV that no spreadsheet runs, and says when it is cut', async () => {
    const read = async (sql: string) => {
      const stream = await built.desk.csv(capture, sql, { key: sql })
      const parts: Buffer[] = []
      for await (const part of stream) parts.push(Buffer.from(part))
      return Buffer.concat(parts).toString()
    }
    expect(await read(`SELECT '=1+1' AS a, 'x"y' AS b, 3 AS c, NULL AS d`)).toBe(
      `\ufeffa,b,c,d\r\n'=1+1,"x""y",3,\r\n`,
    )
    const long = await read('SELECT range FROM range(1200000)')
    expect(long.split('\r\n').at(-2)).toMatch(/cut after 1000000 rows/)
    await expect(built.desk.csv(capture, 'SELECT nothing', { key: 'csv' })).rejects.toMatchObject({
      code: 'query/refused',
    })
  })
})

describe('the tables of a real Ruby dump', { timeout: 120_000 }, () => {
  let built: TestDesk
  let capture: Queryable
  let snapshot: HeapSnapshot
  beforeAll(async () => {
    built = await buildDesk()
    snapshot = scanRuby(rubyFixture('trace-2-after-4000'))
    capture = await built.heap(snapshot)
  }, 60_000)
  afterAll(() => built.close())
  const rows = async (sql: string) => (await built.desk.answer(capture, sql, { key: 'test' })).rows

  it('add up to what the engine says', async () => {
    const tree = retention(snapshot)
    const { table, groupOf } = groupedObjects(snapshot)
    const retained = retainedByGroup(tree, groupOf, table.groups)
    const [[objects, bytes, reached] = []] = await rows(
      'SELECT count(*), sum(shallow_bytes), count(retained_bytes) FROM objects',
    )
    expect(objects).toBe(snapshot.objects)
    expect(bytes).toBe(table.bytes.reduce((sum, size) => sum + size, 0))
    expect(reached).toBe(snapshot.objects - tree.unreached.objects)
    expect(await rows('SELECT sum(retained_bytes), count(*) FROM groups')).toEqual([
      [retained.bytes.reduce((sum, size) => sum + size, 0), table.groups],
    ])
    expect(
      await rows(
        'SELECT count(*) FROM (SELECT group_id, count(*) AS n, sum(shallow_bytes) AS b FROM objects GROUP BY 1) o JOIN groups g USING (group_id) WHERE g.objects <> n OR g.shallow_bytes <> b',
      ),
    ).toEqual([[0]])
  })

  it('find the planted growth by its line', async () => {
    expect(
      await rows(
        `SELECT count(*) FROM objects WHERE file LIKE '%audit_trail.rb' AND line = 14 AND type = 'OBJECT'`,
      ),
    ).toEqual([[6500]])
  })
})
