import { UserError } from '#lib/errors/user-error'
import type { ImportContext, SeriesFormat, SeriesImport } from '../series/format.ts'
import { assembleMetrics, type MetricSamples } from '../series/metrics.ts'
import { NumberColumn, numberIn } from '../series/number-column.ts'
import { meaningOf } from '../series/quantities.ts'
import { readTimes } from '../series/times.ts'
import { delimiterOf, splitLine } from '../series-csv/split-line.ts'

const FORMAT = 'grafana-csv'
const WIDE = /^\uFEFF?(sep=.\r?\n)?"Time"[,;\t]/
/** Columns of other people's tables, which the generic reader understands: who was measured, and in which phase. */
const OF_A_TABLE =
  /^\uFEFF?(sep=.\r?\n)?[^\n]*[,;\t]"?(pid|process|command|comm|program|phase|stage|condition)"?\s*([,;\t]|[\r\n]|$)/i
const LONG = /^\uFEFF?(sep=.\r?\n)?"?Series"?[,;\t]"?Time"?[,;\t]"?Value"?/
/** "1.2 GiB" of IEC units, "1.29 GB" of SI ones. */
const SIZE = /^(-?\d+(?:[.,]\d+)?)\s*([KMGTP]i?B|B|bytes)$/i
const SELECTOR = /^([a-zA-Z_:][a-zA-Z0-9_:]*)?\{(.*)\}$/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_.]*)="((?:[^"\\]|\\.)*)"/g

/**
 * A panel's "Inspect → Data → Download CSV": `Time` and a column per series, or the older `Series;Time;Value`. Columns are
 * legends: a metric's name, a selector with labels, or any words, which then name a process. Formatted cells carry
 * units: GiB are binary, GB decimal. Times are the browser's, without a zone, or milliseconds.
 */
export const grafanaCsv: SeriesFormat = {
  id: FORMAT,
  label: 'Grafana panel as CSV',
  recognises: (head) => (WIDE.test(head) && !OF_A_TABLE.test(head)) || LONG.test(head),
  read: readPanel,
}

interface Legend {
  readonly legend: string
  readonly rows: number[]
  readonly cells: string[]
}

function readPanel(text: string, context: ImportContext): SeriesImport {
  const isLong = LONG.test(text)
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !/^sep=.$/.test(line))
  const delimiter = delimiterOf(lines.slice(0, 20)) ?? ','
  const header = splitLine(lines[0] ?? '', delimiter).map((cell) => cell.trim())
  const times: string[] = []
  const legends = new Map<string, Legend>()
  let bad = 0
  for (const line of lines.slice(1)) {
    const cells = splitLine(line, delimiter).map((cell) => cell.trim())
    if (cells.length < 2) {
      bad++
      continue
    }
    const row = times.push(cells[isLong ? 1 : 0] ?? '') - 1
    if (isLong) keep(legends, cells[0] ?? '', row, cells[2] ?? '')
    else for (let c = 1; c < header.length; c++) keep(legends, header[c]!, row, cells[c] ?? '')
  }
  const read = readTimes(times, context)
  const untimed = read.t.reduce((count, at) => count + (Number.isNaN(at) ? 1 : 0), 0)
  const metrics = [...legends.values()].map((legend) => metricOf(legend, read.t, delimiter !== ','))
  const filled = metrics.filter((one) => one.t.length > 0)
  if (filled.length === 0)
    throw new UserError('series/no-samples', { why: 'no row of the panel has both a time and a number.' })
  const facts = { lines: lines.length - 1, badLines: bad + untimed }
  return assembleMetrics(FORMAT, filled, facts, context, read)
}

function keep(legends: Map<string, Legend>, legend: string, row: number, cell: string): void {
  // Grafana writes what is missing as nothing, or in words.
  if (cell === '' || /^(undefined|null|nan|no data)$/i.test(cell)) return
  const of = legends.get(legend) ?? { legend, rows: [], cells: [] }
  legends.set(legend, of)
  of.rows.push(row)
  of.cells.push(cell)
}

function metricOf(
  { legend, rows, cells }: Legend,
  times: Float64Array,
  decimalComma: boolean,
): MetricSamples {
  const t = new NumberColumn()
  const v = new NumberColumn()
  const written: { cell: string; value: number }[] = []
  let sizes = 0
  for (let i = 0; i < rows.length; i++) {
    const cell = cells[i]!
    const at = times[rows[i]!]!
    const size = sizeIn(cell)
    const value = size ?? numberIn(cell, decimalComma)
    if (Number.isNaN(at) || Number.isNaN(value)) continue
    if (size !== undefined) sizes++
    t.push(at)
    v.push(value)
    if (written.length < 3) written.push({ cell, value })
  }
  const isSized = sizes > v.length / 2
  const { metric, labels } = nameOf(legend, isSized)
  return { metric, labels, t, v, written, ...(isSized ? { toolUnit: 'bytes' as const } : {}) }
}

/** "1.5 GiB" in bytes; undefined for a cell without a unit. */
function sizeIn(cell: string): number | undefined {
  const match = SIZE.exec(cell)
  if (!match) return undefined
  const power = 'KMGTP'.indexOf(match[2]![0]!.toUpperCase()) + 1
  const isByte = /^(b|bytes)$/i.test(match[2]!)
  const base = /i/i.test(match[2]!) ? 1024 : 1000
  return Number(match[1]!.replace(',', '.')) * (isByte ? 1 : base ** power)
}

function nameOf(legend: string, isSized: boolean): Pick<MetricSamples, 'metric' | 'labels'> {
  const selector = SELECTOR.exec(legend)
  if (selector) {
    const labels = Object.fromEntries(
      [...selector[2]!.matchAll(LABEL)].map(([, name, value]) => [name!, value!]),
    )
    return { metric: selector[1] ?? 'memory', labels }
  }
  if (meaningOf(legend).known) return { metric: legend, labels: {} }
  // Words of somebody's own, in bytes: whose memory it is. Without a unit nobody can say what it is.
  return isSized ? { metric: 'memory', labels: { name: legend } } : { metric: legend, labels: {} }
}
