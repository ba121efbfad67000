import { UserError } from '#lib/errors/user-error'
import { assemble, type TableColumn } from '../series/assemble.ts'
import type { ImportContext, SeriesFormat, SeriesImport } from '../series/format.ts'
import { NumberColumn, numberIn } from '../series/number-column.ts'
import { parseDate, readTimes } from '../series/times.ts'
import { delimiterOf, splitLine } from './split-line.ts'

const FORMAT = 'series-csv'
const TIME_NAMES = /^(@?time(stamp)?|ts|t|date|date[_ ]?time|epoch|_time|at|when|elapsed|seconds?|ms)$/i
const PID_NAMES = /^(pid|process[_ ]?id)$/i
const PROCESS_NAMES = /^(process|command|comm|program|job|host|instance|name|pod)$/i
const PHASE_NAMES = /^(phase|stage|step|condition)$/i

/** Any table with a header line: a time and at least one column of numbers. */
export const seriesCsv: SeriesFormat = {
  id: FORMAT,
  label: 'table of samples',
  recognises(head) {
    const lines = contentLines(head).slice(0, 20)
    // The last line of a head may be cut off.
    const whole = lines.length > 2 ? lines.slice(0, -1) : lines
    if (whole.length === 0 || /^[{[<#]/.test(whole[0]!)) return false
    return delimiterOf(whole) !== undefined
  },
  read: readTable,
}

const contentLines = (text: string): string[] =>
  text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))

interface Layout {
  readonly header: readonly string[]
  readonly time: number
  readonly pid: number
  readonly process: number
  readonly phase: number
}

function readTable(text: string, context: ImportContext): SeriesImport {
  const lines = contentLines(text)
  const delimiter = delimiterOf(lines.slice(0, 20))
  if (delimiter === undefined) {
    throw new UserError('series/no-samples', { why: 'the lines do not fall into columns.' })
  }
  const first = splitLine(lines[0]!, delimiter).map((cell) => cell.trim())
  const hasHeader = first.some((cell) => cell !== '' && Number.isNaN(numberIn(cell)) && !parseDate(cell))
  const header = hasHeader
    ? first
    : first.map((_, i) => (i === 0 ? 'time' : i === 1 ? 'memory' : `column ${i + 1}`))
  const rows = hasHeader ? lines.slice(1) : lines
  const layout = layoutOf(header, rows.slice(0, 20), delimiter)
  return readRows(rows, delimiter, layout, context)
}

function layoutOf(header: readonly string[], sample: readonly string[], delimiter: string): Layout {
  const named = (pattern: RegExp) => header.findIndex((name) => pattern.test(name))
  const rows = sample.map((line) => splitLine(line, delimiter))
  const holdsTimes = (column: number) =>
    rows.length > 0 &&
    rows.every((row) => {
      const cell = row[column]?.trim() ?? ''
      return parseDate(cell) !== undefined || Number(cell) > 9e8
    })
  let time = named(TIME_NAMES)
  if (time < 0) time = header.findIndex((_, column) => holdsTimes(column))
  if (time < 0) {
    throw new UserError('series/no-samples', { why: 'no column is named time, and none holds times.' })
  }
  return { header, time, pid: named(PID_NAMES), process: named(PROCESS_NAMES), phase: named(PHASE_NAMES) }
}

function readRows(
  rows: readonly string[],
  delimiter: string,
  layout: Layout,
  context: ImportContext,
): SeriesImport {
  const { header, time, pid, process, phase } = layout
  const special = new Set([time, pid, process, phase])
  const measured = header.map((_, i) => i).filter((i) => !special.has(i))
  const columns = measured.map(() => new NumberColumn())
  const examples: string[][] = measured.map(() => [])
  const pids = new NumberColumn()
  const times: string[] = []
  const commands: string[] = []
  const phases: string[] = []
  let bad = 0
  for (const line of rows) {
    const cells = splitLine(line, delimiter)
    if (cells.length < 2 || cells[time] === undefined || cells[time].trim() === header[time]) {
      bad++
      continue
    }
    times.push(cells[time].trim())
    if (pid >= 0) pids.push(numberIn(cells[pid]?.trim() ?? ''))
    if (process >= 0) commands.push(cells[process]?.trim() ?? '')
    if (phase >= 0) phases.push(cells[phase]?.trim() ?? '')
    for (let c = 0; c < measured.length; c++) {
      const cell = cells[measured[c]!]?.trim() ?? ''
      columns[c]!.push(numberIn(cell, delimiter !== ','))
      if (examples[c]!.length < 3 && cell !== '') examples[c]!.push(cell)
    }
  }
  const read = readTimes(times, context)
  const untimed = read.t.reduce((count, at) => count + (Number.isNaN(at) ? 1 : 0), 0)
  const kept: TableColumn[] = []
  for (let c = 0; c < measured.length; c++) {
    const values = columns[c]!.values()
    if (values.some((value) => !Number.isNaN(value))) {
      kept.push({
        column: header[measured[c]!] || `column ${measured[c]! + 1}`,
        values,
        examples: examples[c]!,
      })
    }
  }
  return assemble(
    {
      format: FORMAT,
      ...read,
      columns: kept,
      ...(process >= 0 ? { commands } : {}),
      ...(pid >= 0 ? { pids: pids.values() } : {}),
      ...(phase >= 0 ? { phases } : {}),
      lines: rows.length,
      badLines: bad + untimed,
    },
    context,
  )
}
