import { z } from 'zod'
import { NumberColumn } from '#lib/formats/series/number-column'
import { meaningOf, UNIT_CHOICES, unitOf } from '#lib/formats/series/quantities'
import { epochUnit, parseDate } from '#lib/formats/series/times'
import type { SeriesUnit } from '#lib/investigation/rows'
import type { Samples } from '#lib/series/samples'

/** One batch may feed this many series. */
const MOST_SERIES = 50
const DAY_MS = 86_400_000
const YEAR_2000 = 946_684_800_000

const Line = z.object({
  /** Seconds, milliseconds, micro- or nanoseconds since 1970 (told by size), or an ISO time with a zone. */
  t: z.union([z.number(), z.string().max(40)]),
  series: z.string().trim().min(1).max(60),
  v: z.number(),
  process: z.string().trim().max(120).default(''),
  pid: z
    .int()
    .nonnegative()
    .max(2 ** 31)
    .default(0),
  unit: z.enum(['bytes', 'kib', 'mib', 'gib', 'count', 'ratio']).optional(),
  /** Which run of an experiment it belongs to: "2/3", or "2/3A" with the condition that was set up. */
  run: z.string().max(20).optional(),
})

/** Says that a run is over. */
const EndLine = z.object({
  run: z.string().max(20),
  end: z.literal(true),
  process: z.string().trim().max(120).default(''),
})
export type RunEnd = Readonly<Omit<z.output<typeof EndLine>, 'end'>>

/** Samples of one series, in the order of the lines. */
export interface LiveBatch {
  readonly name: string
  readonly label: string
  readonly process: string
  readonly unit: SeriesUnit
  readonly samples: Samples
  /** The run of an experiment that the lines name. */
  readonly run?: string
}

/** What a request's lines come to. */
export interface LiveBatches {
  readonly batches: readonly LiveBatch[]
  /** Runs that are over. */
  readonly ended: readonly RunEnd[]
  readonly refused: number
  /** The first refused line, from 1, and why. */
  readonly firstProblem?: { readonly line: number; readonly why: string }
}

interface GrowingBatch extends Omit<LiveBatch, 'samples'> {
  readonly t: NumberColumn
  readonly v: NumberColumn
  readonly pids: NumberColumn
}

/**
 * Reads lines of `{"t":…,"series":"rss","v":…,"process"?:…,"pid"?:…,"unit"?:…,"run"?:…}`, and of
 * `{"run":"2/3","end":true,"process"?:…}`. Lines that make no sense are counted, never fatal. A few microseconds a line (bench/README.md): more than a few hundred belong into a worker thread (lib/jobs/series-reader.ts).
 */
export function liveBatches(body: Uint8Array, nowMs: number): LiveBatches {
  const batches = new Map<string, GrowingBatch>()
  const ended: RunEnd[] = []
  let refused = 0
  let firstProblem: LiveBatches['firstProblem']
  const refuse = (index: number, why: string) => {
    refused++
    firstProblem ??= { line: index + 1, why }
  }
  const lines = new TextDecoder().decode(body).split('\n')
  for (const [index, written] of lines.entries()) {
    const text = written.trim()
    if (text === '') continue
    const value = json(text)
    const line = Line.safeParse(value)
    const end = line.success ? undefined : EndLine.safeParse(value).data
    if (end) {
      ended.push({ run: end.run, process: end.process })
      continue
    }
    if (!line.success) {
      refuse(index, problemOf(value, line.error))
      continue
    }
    const t = instantOf(line.data.t)
    if (!(t >= YEAR_2000 && t <= nowMs + DAY_MS)) {
      refuse(index, `the time ${JSON.stringify(line.data.t)} is not between the year 2000 and tomorrow`)
      continue
    }
    const key = `${line.data.series}\n${line.data.process}\n${line.data.run ?? ''}`
    const batch = batches.get(key) ?? (batches.size < MOST_SERIES ? batchFor(line.data) : undefined)
    if (!batch) {
      refuse(index, `one request may feed at most ${MOST_SERIES} series`)
      continue
    }
    batches.set(key, batch)
    batch.t.push(t)
    batch.v.push(line.data.v * factorOf(line.data))
    batch.pids.push(line.data.pid)
  }
  const done = [...batches.values()].map(finished)
  return { batches: done, ended, refused, ...(firstProblem ? { firstProblem } : {}) }
}

const NO_CONTEXT = { nowMs: 0, zoneMinutes: 0, answers: {} } as const

type ParsedLine = z.output<typeof Line>

/** Live values are bytes or counts as the name says; tools that send KiB say so in the name or in `unit`. */
function choiceOf({ series, unit }: ParsedLine) {
  return unit ?? unitOf(series, new Float64Array(0), NO_CONTEXT).choice
}
const factorOf = (line: ParsedLine): number => UNIT_CHOICES[choiceOf(line)].factor

function batchFor(line: ParsedLine): GrowingBatch {
  const { name, label } = meaningOf(line.series)
  const { process } = line
  return {
    name,
    label: process === '' ? label : `${label} ${process}`,
    process,
    unit: UNIT_CHOICES[choiceOf(line)].unit,
    ...(line.run !== undefined && { run: line.run }),
    t: new NumberColumn(),
    v: new NumberColumn(),
    pids: new NumberColumn(),
  }
}

const finished = ({ t, v, pids, ...identity }: GrowingBatch): LiveBatch => {
  // Copies: a column's memory is larger than what it holds.
  const columns = { t: t.values().slice(), v: v.values().slice() }
  const hasPids = pids.values().some((pid) => pid !== 0)
  return { ...identity, samples: hasPids ? { ...columns, pids: pids.values().slice() } : columns }
}

/** Epoch milliseconds, NaN when it is no time. */
function instantOf(t: number | string): number {
  if (typeof t === 'string') {
    const parsed = parseDate(t)
    return parsed?.offset === undefined ? Number.NaN : parsed.wall - parsed.offset * 60_000
  }
  const perUnit = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 }[epochUnit(t)]
  return Math.round(t * perUnit)
}

function problemOf(value: unknown, error: z.ZodError): string {
  if (value === undefined) return 'the line is not JSON'
  const issue = error.issues[0]
  return issue ? `${issue.path.join('.') || 'the line'}: ${issue.message}` : 'the line is not a sample'
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
