import { UserError } from '#lib/errors/user-error'
import type { Phase } from '#lib/series/reading'
import { cleanSamples } from '#lib/series/samples'
import type { ImportContext, ImportedSeries, SeriesImport, SeriesQuestion } from './format.ts'
import { meaningOf, UNIT_CHOICES, type UnitChoice, unitOf } from './quantities.ts'

/** Rows of a file, as columns of equal length. */
export interface SampleTable {
  readonly format: string
  /** Epoch milliseconds, NaN where the row has no time. */
  readonly t: Float64Array
  readonly zone: string
  readonly questions: readonly SeriesQuestion[]
  readonly columns: readonly TableColumn[]
  /** Which program each row is about, where the file tells. */
  readonly commands?: readonly string[]
  /** Process id of each row, 0 or NaN where there is none. */
  readonly pids?: Float64Array
  /** The phase that each row belongs to, where the file tells. */
  readonly phases?: readonly string[]
  readonly lines: number
  readonly badLines: number
}

export interface TableColumn {
  readonly column: string
  readonly values: Float64Array
  /** The first few cells as written. */
  readonly examples: readonly string[]
  /** As `ImportedSeries.exampleValues`. */
  readonly exampleValues?: readonly number[]
  /** What this tool always writes in this column. */
  readonly toolUnit?: UnitChoice
}

/**
 * Makes one series of every column and process.
 * @throws UserError `series/no-samples` when no row has both a time and a number.
 */
export function assemble(table: SampleTable, context: ImportContext): SeriesImport {
  const processes = rowsByProcess(table)
  const questions = [...table.questions]
  const units: Record<string, string> = {}
  const series: ImportedSeries[] = []
  for (const column of table.columns) {
    const { choice, question } = unitOf(column.column, column.values, context, column.toolUnit)
    if (question) questions.push(question)
    units[`unit:${column.column}`] = choice
    for (const [process, rows] of processes) {
      const made = oneSeries(table, column, { process, rows, choice })
      if (made.samples.t.length > 0) series.push(made)
    }
  }
  if (series.length === 0) throw new UserError('series/no-samples', { why: whyNone(table) })
  const anyKnown = series.some((one) => one.suggested)
  const ticked = anyKnown ? series : series.map((one) => ({ ...one, suggested: true }))
  return {
    format: table.format,
    series: unambiguous(processes.size > MOST_TICKED && hasSizes(ticked) ? onlyLargest(ticked) : ticked),
    phases: phasesOf(table),
    questions,
    zone: table.zone,
    recipe: { format: table.format, answers: { ...known(context.answers, questions), ...units } },
    lines: table.lines,
    badLines: table.badLines,
  }
}

/** Of more processes than this (`top` lists a whole machine) only so many are ticked: those that are largest at the end. */
const MOST_TICKED = 8

const hasSizes = (series: readonly ImportedSeries[]): boolean => series.some((one) => one.unit === 'bytes')

function onlyLargest(series: readonly ImportedSeries[]): ImportedSeries[] {
  const lastOf = new Map<string, number>()
  for (const { process, unit, samples } of series) {
    const last = unit === 'bytes' ? (samples.v[samples.v.length - 1] ?? 0) : 0
    // RSS stands before VSZ, which says little about size.
    if (!lastOf.has(process)) lastOf.set(process, last)
  }
  const largest = [...lastOf].sort(([, a], [, b]) => b - a).slice(0, MOST_TICKED)
  const names = new Set(largest.map(([process]) => process))
  return series.map((one) => ({ ...one, suggested: one.suggested && names.has(one.process) }))
}

/** Answers that belong to this file; others' are not carried along. */
function known(
  answers: Readonly<Record<string, string>>,
  questions: readonly SeriesQuestion[],
): Record<string, string> {
  const kept = Object.entries(answers).filter(([id]) => !id.startsWith('unit:'))
  const assumed = questions.filter((question) => !question.id.startsWith('unit:'))
  return { ...Object.fromEntries(assumed.map((q) => [q.id, q.suggested])), ...Object.fromEntries(kept) }
}

function oneSeries(
  table: SampleTable,
  { column, values, examples, exampleValues }: TableColumn,
  { process, rows, choice }: { process: string; rows: Uint32Array; choice: UnitChoice },
): ImportedSeries {
  const { unit, factor } = UNIT_CHOICES[choice]
  const meaning = meaningOf(column)
  const take = (from: Float64Array, scale: number) => {
    const into = new Float64Array(rows.length)
    for (let i = 0; i < rows.length; i++) into[i] = from[rows[i]!]! * scale
    return into
  }
  const samples = cleanSamples({
    t: take(table.t, 1),
    v: take(values, factor),
    ...(table.pids ? { pids: take(table.pids, 1).map((pid) => (Number.isFinite(pid) ? pid : 0)) } : {}),
  })
  return {
    key: process === '' ? column : `${column} · ${process}`,
    column,
    name: meaning.name,
    label: process === '' ? meaning.label : `${meaning.label} ${process}`,
    process,
    unit,
    factor,
    unitChoice: choice,
    examples,
    ...(exampleValues ? { exampleValues } : {}),
    suggested: meaning.known,
    samples,
  }
}

/**
 * Row indexes per process. A program whose pid changes over time is one process that was restarted; a program that
 * has several pids at one moment is several processes, and then each pid is one.
 */
function rowsByProcess({ t, commands, pids }: SampleTable): Map<string, Uint32Array> {
  const crowded = crowdedCommands(t, commands, pids)
  const rows = new Map<string, number[]>()
  for (let i = 0; i < t.length; i++) {
    const command = commands?.[i] ?? ''
    const name = crowded.has(command) ? `${command} ${pids?.[i] ?? ''}`.trim() : command
    const of = rows.get(name)
    if (of) of.push(i)
    else rows.set(name, [i])
  }
  return new Map([...rows].map(([name, indexes]) => [name, Uint32Array.from(indexes)]))
}

function crowdedCommands(
  t: Float64Array,
  commands: readonly string[] | undefined,
  pids: Float64Array | undefined,
): Set<string> {
  const crowded = new Set<string>()
  if (!pids) return crowded
  // The pid that each program had at its latest moment: another one at the same moment is a second process.
  const latest = new Map<string, { t: number; pid: number }>()
  for (let i = 0; i < t.length; i++) {
    const command = commands?.[i] ?? ''
    const before = latest.get(command)
    if (before && before.t === t[i]! && before.pid !== pids[i]!) crowded.add(command)
    latest.set(command, { t: t[i]!, pid: pids[i]! })
  }
  return crowded
}

/** Two columns that mean the same would be stored as one: later ones keep their column's name. */
function unambiguous(series: readonly ImportedSeries[]): ImportedSeries[] {
  const taken = new Set<string>()
  return series.map((one) => {
    const id = `${one.name}\n${one.process}`
    if (!taken.has(id)) {
      taken.add(id)
      return one
    }
    const name = `${one.name}-${one.column.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`.slice(0, 60)
    taken.add(`${name}\n${one.process}`)
    return { ...one, name, label: `${one.label} (${one.column})` }
  })
}

function phasesOf({ t, phases }: SampleTable): Phase[] {
  if (!phases) return []
  const found: { label: string; from: number; to: number }[] = []
  for (let i = 0; i < t.length; i++) {
    const at = t[i]!
    const label = phases[i]!
    if (!Number.isFinite(at) || label === '') continue
    const current = found[found.length - 1]
    if (current) current.to = at
    if (current?.label !== label) found.push({ label, from: at, to: at })
  }
  // The last phase includes its last sample; a text column with a new word in every other row is not a phase.
  const last = found[found.length - 1]
  if (last) last.to += 1
  return found.length <= Math.max(50, t.length / 20) ? found : []
}

const whyNone = ({ t, columns }: SampleTable): string => {
  if (columns.length === 0) return 'no column holds numbers.'
  return t.every((at) => Number.isNaN(at))
    ? 'no column holds times that can be read.'
    : 'no row has both a time and a number.'
}
