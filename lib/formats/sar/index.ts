import { UserError } from '#lib/errors/user-error'
import { assemble } from '../series/assemble.ts'
import type { ImportContext, SeriesFormat, SeriesImport } from '../series/format.ts'
import { NumberColumn, numberIn } from '../series/number-column.ts'
import { parseClock, zoneChoice, zoneName } from '../series/times.ts'
import { dayOf, midnightOf, WallClock } from '../series/wall-clock.ts'

const FORMAT = 'sar'
const HEADER = /^\d{1,2}:\d{2}:\d{2}(\s+[AP]M)?\s+kb(mem|swp)\w+/m

/**
 * `sar -r` and `sar -S`: memory of the whole machine, in KiB. Clock times whose day stands in the first line; headers
 * repeat; `LINUX RESTART` and `Average:` are no samples.
 */
export const sar: SeriesFormat = {
  id: FORMAT,
  label: 'sar output',
  recognises: (head) => HEADER.test(head),
  read: readSar,
}

interface Column {
  readonly name: string
  readonly values: NumberColumn
  readonly examples: string[]
}

function readSar(text: string, context: ImportContext): SeriesImport {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const title = lines.find((line) => line.startsWith('Linux')) ?? ''
  const zone = zoneChoice(context)
  let clock = new WallClock(dayOf(title) ?? midnightOf(context.nowMs))
  const t = new NumberColumn()
  const columns = new Map<string, Column>()
  let header: readonly string[] = []
  let bad = 0
  for (const line of lines) {
    if (line.startsWith('Linux')) {
      // Reports of several days in one file.
      const day = dayOf(line)
      if (day !== undefined) clock = new WallClock(day)
      continue
    }
    if (line.startsWith('Average:') || line.includes('LINUX RESTART')) continue
    const words = line.trim().split(/\s+/)
    const half = /^[AP]M$/.test(words[1] ?? '') ? words[1] : undefined
    const cells = words.slice(half ? 2 : 1)
    const ofDay = parseClock(words[0]!, half)
    if (ofDay !== undefined && /^(kb|%)/.test(cells[0] ?? '')) {
      header = cells
      continue
    }
    if (ofDay === undefined || cells.length < header.length || Number.isNaN(numberIn(cells[0] ?? '', true))) {
      bad++
      continue
    }
    t.push(clock.at(ofDay) - zone.minutes * 60_000)
    push(columns, header, cells, t.length)
  }
  for (const { values } of columns.values()) fill(values, t.length)
  if (t.length === 0 || columns.size === 0)
    throw new UserError('series/no-samples', { why: 'no line of sar has a time and a size.' })
  const host = /\(([^)\s]{1,80})\)/.exec(title)?.[1] ?? ''
  return assemble(
    {
      format: FORMAT,
      t: t.values(),
      zone: zoneName(zone.minutes),
      questions: zone.question ? [zone.question] : [],
      columns: [...columns.values()].map(({ name, values, examples }) => ({
        column: name,
        values: values.values(),
        examples,
        toolUnit: name.startsWith('kb') ? ('kib' as const) : ('ratio' as const),
      })),
      commands: new Array<string>(t.length).fill(host),
      lines: lines.length,
      badLines: bad,
    },
    context,
  )
}

/** `sar -A` has several tables: a row fills its own table's columns, and only memory's are kept. */
function push(
  columns: Map<string, Column>,
  header: readonly string[],
  cells: readonly string[],
  row: number,
) {
  for (const [i, name] of header.entries()) {
    if (!/^(kb|%(mem|commit|swp))/.test(name)) continue
    let column = columns.get(name)
    if (!column) {
      column = { name, values: new NumberColumn(), examples: [] }
      columns.set(name, column)
    }
    fill(column.values, row - 1)
    column.values.push(numberIn(cells[i] ?? '', true))
    if (column.examples.length < 3) column.examples.push(cells[i] ?? '')
  }
}

function fill(values: NumberColumn, length: number): void {
  while (values.length < length) values.push(Number.NaN)
}
