import { UserError } from '#lib/errors/user-error'
import { cleanSamples } from '#lib/series/samples'
import type { ImportContext, ImportedSeries, SeriesImport, SeriesQuestion } from './format.ts'
import type { NumberColumn } from './number-column.ts'
import { meaningOf, UNIT_CHOICES, type UnitChoice, unitOf } from './quantities.ts'
import type { ReadTimes } from './times.ts'

/** One metric with its labels, as samples come in. */
export interface MetricSamples {
  readonly metric: string
  readonly labels: Readonly<Record<string, string>>
  /** Epoch milliseconds. */
  readonly t: NumberColumn
  readonly v: NumberColumn
  /** What the file or protocol says of the unit. */
  readonly toolUnit?: UnitChoice | undefined
  /** The first few values as written, with what they are; otherwise the numbers stand for themselves. */
  readonly written?: readonly { readonly cell: string; readonly value: number }[]
}

/** Labels that name a process, the most telling first. */
const PROCESS_LABELS = [
  'process',
  'process_name',
  'service.name',
  'job',
  'instance',
  'pod',
  'container',
  'app',
  'service',
  'name',
]
const PID_LABELS = ['pid', 'process_id', 'process.pid']

/**
 * Series of labelled metrics. Metrics that differ only in their pid, one after the other, are one process that was
 * restarted; at the same time they are several.
 * @throws UserError `series/no-samples`
 */
export function assembleMetrics(
  format: string,
  metrics: Iterable<MetricSamples>,
  facts: { lines: number; badLines: number },
  context: ImportContext,
  times: Pick<ReadTimes, 'zone' | 'questions'> = { zone: 'UTC', questions: [] },
): SeriesImport {
  const questions = new Map<string, SeriesQuestion>(times.questions.map((one) => [one.id, one]))
  const units: Record<string, string> = {}
  const made: ImportedSeries[] = []
  for (const members of groupsOf(metrics)) {
    const one = members[0]!
    const { choice, question } = unitOf(one.metric, one.v.values(), context, one.toolUnit)
    if (question) questions.set(question.id, question)
    units[`unit:${one.metric}`] = choice
    const { unit, factor } = UNIT_CHOICES[choice]
    const meaning = meaningOf(one.metric)
    const process = processOf(one, members.length === 1)
    const samples = joined(members, factor)
    if (samples.t.length === 0) continue
    made.push({
      key: `${one.metric} · ${labelText(one.labels)}`,
      column: one.metric,
      name: meaning.name,
      label: process === '' ? meaning.label : `${meaning.label} ${process}`,
      process,
      unit,
      factor,
      unitChoice: choice,
      examples: one.written?.map(({ cell }) => cell) ?? [...one.v.values().subarray(0, 3)].map(String),
      ...(one.written ? { exampleValues: one.written.map(({ value }) => value) } : {}),
      suggested: meaning.known,
      samples,
    })
  }
  if (made.length === 0)
    throw new UserError('series/no-samples', { why: 'no line has both a time and a number.' })
  const anyKnown = made.some((one) => one.suggested)
  return {
    format,
    series: distinct(anyKnown ? made : made.map((one) => ({ ...one, suggested: true }))),
    phases: [],
    questions: [...questions.values()],
    zone: times.zone,
    recipe: { format, answers: { ...timeAnswers(times.questions, context), ...units } },
    ...facts,
  }
}

/** Answers about times, given or assumed, for the recipe. */
const timeAnswers = (questions: readonly SeriesQuestion[], { answers }: ImportContext) => ({
  ...Object.fromEntries(questions.map((one) => [one.id, one.suggested])),
  ...Object.fromEntries(TIME_ANSWERS.flatMap((id) => (answers[id] === undefined ? [] : [[id, answers[id]]]))),
})
const TIME_ANSWERS = ['zone', 'time-unit', 'date-order', 'interval'] as const

/** Metrics that differ in nothing but the pid, when their times do not overlap; otherwise each on its own. */
function groupsOf(metrics: Iterable<MetricSamples>): MetricSamples[][] {
  const byRest = new Map<string, MetricSamples[]>()
  for (const one of metrics) {
    if (one.t.length === 0) continue
    const rest = Object.entries(one.labels).filter(([name]) => !PID_LABELS.includes(name))
    const key = `${one.metric}\n${JSON.stringify(rest.sort())}`
    const of = byRest.get(key)
    if (of) of.push(one)
    else byRest.set(key, [one])
  }
  return [...byRest.values()].flatMap((members) => {
    const inOrder = members.sort((a, b) => a.t.values()[0]! - b.t.values()[0]!)
    const overlap = inOrder.some((one, i) => i > 0 && lastOf(inOrder[i - 1]!) >= one.t.values()[0]!)
    return overlap ? inOrder.map((one) => [one]) : [inOrder]
  })
}

const lastOf = (one: MetricSamples): number => one.t.values()[one.t.length - 1]!
const pidOf = (one: MetricSamples): number =>
  Number(PID_LABELS.map((name) => one.labels[name]).find((pid) => pid !== undefined) ?? 0) || 0

function joined(members: readonly MetricSamples[], factor: number) {
  const total = members.reduce((sum, one) => sum + one.t.length, 0)
  const t = new Float64Array(total)
  const v = new Float64Array(total)
  const pids = new Float64Array(total)
  let at = 0
  for (const one of members) {
    t.set(one.t.values(), at)
    v.set(
      one.v.values().map((value) => value * factor),
      at,
    )
    pids.fill(pidOf(one), at, at + one.t.length)
    at += one.t.length
  }
  return cleanSamples(pids.some((pid) => pid !== 0) ? { t, v, pids } : { t, v })
}

function processOf(one: MetricSamples, alone: boolean): string {
  const name = PROCESS_LABELS.map((label) => one.labels[label]).find((value) => value)
  if (name) return name.slice(0, 120)
  const pid = pidOf(one)
  return alone && pid > 0 ? `pid ${pid}` : ''
}

const labelText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')

/** Several instances of one job: the labels that tell them apart join the name of the process. */
function distinct(series: readonly ImportedSeries[]): ImportedSeries[] {
  const seen = new Map<string, number>()
  return series.map((one) => {
    const id = `${one.name}\n${one.process}`
    const before = seen.get(id) ?? 0
    seen.set(id, before + 1)
    if (before === 0) return one
    const process = `${one.process} #${before + 1}`.trim()
    return { ...one, process, label: `${one.label} #${before + 1}` }
  })
}
