import { describe, expect, it } from 'vitest'
import { cellWords, chartColumns, sortedRows } from '#components/query/result-order'
import { columnShows } from '#lib/reports/query-tables'

describe('an answer on the page', () => {
  it('sorts numbers as numbers and words with their numbers, and puts nothing last', () => {
    const rows = [[2], [null], [10], [1]]
    expect(sortedRows(rows, 0, 'asc').map(([cell]) => cell)).toEqual([1, 2, 10, null])
    expect(sortedRows(rows, 0, 'desc').map(([cell]) => cell)).toEqual([10, 2, 1, null])
    expect(sortedRows([['a10'], ['a9'], ['b']], 0, 'asc').map(([cell]) => cell)).toEqual(['a9', 'a10', 'b'])
  })

  it('writes bytes, counts, objects and lines as what they are', () => {
    expect(cellWords(2048, 'shallow_bytes')).toBe('2.0 KiB')
    expect(cellWords(-1, 'bytes')).toBe('-1')
    expect(cellWords(1_234_567, 'objects')).toBe('1,234,567')
    expect(cellWords(1_234_567, 'object')).toBe('1234567')
    expect(cellWords(1234, 'line')).toBe('1234')
    expect(cellWords(0.5, 'share')).toBe('0.5')
    expect(cellWords(null, 'x')).toBeNull()
    expect(columnShows('sum(shallow_bytes)')).toBe('plain')
    expect(columnShows('held_bytes')).toBe('bytes')
  })

  it('draws bytes before other numbers, and never the numbers of objects', () => {
    const column = (name: string, kind: 'number' | 'text') => ({ name, kind, type: '' })
    const answer = (...columns: ReturnType<typeof column>[]) => ({ columns, rows: [columns.map(() => 1)] })
    expect(
      chartColumns(answer(column('object', 'number'), column('class', 'text'), column('n', 'number'))),
    ).toEqual({ name: 1, value: 2 })
    expect(
      chartColumns(answer(column('held_bytes', 'number'), column('site', 'text'), column('n', 'number'))),
    ).toEqual({ name: 1, value: 0 })
    expect(chartColumns(answer(column('generation', 'number'), column('n', 'number')))).toEqual({
      name: 0,
      value: 1,
    })
    expect(chartColumns(answer(column('class', 'text')))).toBeNull()
  })
})
