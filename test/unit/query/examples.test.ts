import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { queryExamples } from '#components/query/examples'
import type { Queryable } from '#lib/query/query-desk'
import { queryTables } from '#lib/reports/query-tables'
import { buildDesk, type TestDesk } from '#test/build/queryable'
import { rubyFixture, scanRuby } from '#test/build/ruby-dump'
import { readStackFile, STACK_FILES, totalOf } from '#test/build/stack-files'

describe('the examples of the query tab', { timeout: 120_000 }, () => {
  let built: TestDesk
  let heap: Queryable
  let stacks: Queryable
  const read = readStackFile(STACK_FILES[0] ?? '')
  beforeAll(async () => {
    built = await buildDesk()
    heap = await built.heap(scanRuby(rubyFixture('trace-1-warm')))
    stacks = await built.stacks(read.profile)
  }, 60_000)
  afterAll(() => built.close())

  it.each(queryExamples('heap'))('answer on a heap: $title', async ({ sql }) => {
    const { rows, columns } = await built.desk.answer(heap, sql, { key: 'test' })
    expect(rows.length).toBeGreaterThan(0)
    expect(columns.length).toBeGreaterThan(1)
  })

  it.each(queryExamples('stacks'))('answer on stacks: $title', async ({ sql }) => {
    expect((await built.desk.answer(stacks, sql, { key: 'test' })).rows.length).toBeGreaterThan(0)
  })

  it('find stacks that add up, in the columns that the page promises', async () => {
    for (const table of queryTables('stacks')) {
      const { rows } = await built.desk.answer(stacks, `DESCRIBE ${table.name}`, { key: 'test' })
      expect(rows.map(([name, type]) => [name, type])).toEqual(
        table.columns.map(({ name, type }) => [name, type]),
      )
    }
    const { rows } = await built.desk.answer(
      stacks,
      'SELECT kind, sum(in_use_bytes), sum(in_use_blocks) FROM stacks GROUP BY 1',
      { key: 'test' },
    )
    for (const [kind, bytes, blocks] of rows) {
      // reason: the column holds STACK_KINDS.
      const of = kind as Parameters<typeof totalOf>[1]
      expect(bytes ?? 0).toBe(totalOf(read, of, 'in-use-bytes'))
      if (blocks !== null) expect(blocks).toBe(totalOf(read, of, 'in-use-blocks'))
    }
  })
})
