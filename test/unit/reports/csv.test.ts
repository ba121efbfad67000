import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tableCsv } from '#lib/reports/csv'
import type { TableRow } from '#lib/reports/rows'

const row = (className: string): TableRow => ({
  key: className,
  type: 'STRING',
  className,
  site: 'not traced',
  file: null,
  line: null,
  method: null,
  generation: null,
  count: 1,
  bytes: 40,
})

describe('CSV of a table', () => {
  it('writes a header and one line a row, with untraced sites named', () => {
    expect(tableCsv([row('Session')])).toBe(
      'type,class,file,line,method,generation,count,bytes\r\nSTRING,Session,not traced,,,,1,40\r\n',
    )
  })

  it('has columns for retained bytes and for another capture where the rows do', () => {
    const rows = [
      { ...row('Session'), retainedBytes: 900, since: { count: 0, bytes: 0 } },
      { ...row('Cache'), retainedBytes: null, since: null },
    ]
    expect(tableCsv(rows).split('\r\n')).toEqual([
      'type,class,file,line,method,generation,count,bytes,retained bytes,count before,bytes before',
      'STRING,Session,not traced,,,,1,40,900,0,0',
      'STRING,Cache,not traced,,,,1,40,,,',
      '',
    ])
  })

  it('disarms what a spreadsheet would run', () => {
    for (const name of ['=1+1', '+1', '-1', '@SUM(A1)', '\tx'])
      expect(tableCsv([row(name)])).toContain(`,'${name}`)
  })

  it('keeps any text in its one cell', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const [, line = ''] = splitLines(tableCsv([row(name)]))
        return splitCells(line).length === 8
      }),
      { seed: 20261123, verbose: true },
    )
  })
})

/** RFC 4180 by hand: quotes hold line ends and commas. */
function split(text: string, separator: string): string[] {
  const parts: string[] = []
  let part = ''
  let isQuoted = false
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') isQuoted = !isQuoted
    if (!isQuoted && text.startsWith(separator, at)) {
      parts.push(part)
      part = ''
      at += separator.length - 1
    } else part += text[at]
  }
  return [...parts, part]
}
const splitLines = (text: string) => split(text, '\r\n')
const splitCells = (line: string) => split(line, ',')
