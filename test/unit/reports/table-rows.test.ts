import { describe, expect, it } from 'vitest'
import type { GroupTable } from '#lib/findings/group-table'
import { RowsQuery } from '#lib/reports/rows'
import { orderedRows, rowsPage, tableRows } from '#lib/reports/table-rows'

/** Session from two sites, one untraced; Cache from one of them. */
const groups: GroupTable = {
  groups: 4,
  typeNames: ['OBJECT', 'STRING'],
  classNames: ['Session', 'Cache', 'String'],
  files: ['', 'app/session.rb', 'app/cache.rb'],
  methods: ['', 'open'],
  siteFile: Uint32Array.of(0, 1, 2),
  siteLine: Int32Array.of(0, 10, 20),
  siteMethod: Uint32Array.of(0, 1, 0),
  type: Uint8Array.of(0, 0, 0, 1),
  className: Uint32Array.of(0, 0, 1, 2),
  site: Uint32Array.of(1, 0, 2, 2),
  count: Uint32Array.of(5, 1, 2, 7),
  bytes: Float64Array.of(500, 100, 80, 280),
}
const generations = {
  generation: Int32Array.of(-1, 4),
  count: Uint32Array.of(1, 14),
  bytes: Float64Array.of(100, 860),
}
const page = (query: Record<string, string>) => {
  const asked = RowsQuery.parse(query)
  const rows = tableRows(asked.table, groups, generations)
  return rowsPage(orderedRows(rows, asked), rows.length, asked)
}

describe('rows of a capture', () => {
  it('keys a group by type, class and site, the same in every capture', () => {
    expect(page({}).rows.map((row) => row.key)).toEqual([
      'OBJECT · Session · app/session.rb:10 open',
      'STRING · String · app/cache.rb:20',
      'OBJECT · Session · not traced',
      'OBJECT · Cache · app/cache.rb:20',
    ])
  })

  it('adds groups up by class, by site and by type', () => {
    expect(page({ table: 'classes' }).rows[0]).toMatchObject({ className: 'Session', count: 6, bytes: 600 })
    expect(page({ table: 'types', sort: 'type', dir: 'asc' }).rows.map((row) => row.count)).toEqual([8, 7])
    const sites = page({ table: 'sites', sort: 'site', dir: 'asc' }).rows
    expect(sites.map((row) => row.site)).toEqual(['not traced', 'app/cache.rb:20', 'app/session.rb:10 open'])
    expect(sites[1]?.className).toBe('String and 1 more')
  })

  it('finds rows that hold all words, in any column and any case', () => {
    expect(page({ q: 'SESSION app' }).total).toBe(1)
    expect(page({ q: 'cache.rb object' }).rows.map((row) => row.className)).toEqual(['Cache'])
    expect(page({ q: 'nowhere' })).toMatchObject({ total: 0, all: 4, count: 0, rows: [] })
  })

  it('sums what matches, not what is on the page', () => {
    expect(page({ limit: '1', offset: '1' })).toMatchObject({ total: 4, count: 15, bytes: 960, offset: 1 })
    expect(page({ limit: '1', offset: '99' }).rows).toEqual([])
  })

  it('shows objects from before tracing as generation -1', () => {
    expect(page({ table: 'generations', sort: 'generation', dir: 'asc' }).rows[0]).toMatchObject({
      generation: -1,
      count: 1,
    })
  })

  it('refuses a page that is too long or a table that does not exist', () => {
    expect(RowsQuery.safeParse({ limit: '501' }).success).toBe(false)
    expect(RowsQuery.safeParse({ table: '__proto__' }).success).toBe(false)
  })
})
