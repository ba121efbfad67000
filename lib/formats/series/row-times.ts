import type { ImportContext, SeriesQuestion } from './format.ts'
import { NumberColumn } from './number-column.ts'
import { epochUnit, parseDate, type ReadTimes, zoneChoice, zoneName } from './times.ts'

/** A time that a log line names. */
export interface Moment {
  /** Epoch milliseconds; when naive, as if the clock showed UTC. */
  readonly ms: number
  /** It names no zone. */
  readonly naive: boolean
  /** Characters of the line that it took, from the line's start. */
  readonly length: number
}

/** A time at the front of a line: epoch, ISO, or `date`'s output filling the line. */
export function momentIn(line: string): Moment | undefined {
  const whole = parseDate(line)
  if (whole) return momentOf(whole, line.length)
  const epoch = /^\s*(\d{10}(?:\.\d+)?|\d{13}|\d{16}|\d{19})(?=\s|$)/.exec(line)
  if (epoch) {
    const value = Number(epoch[1])
    const perUnit = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 }[epochUnit(value)]
    return { ms: Math.round(value * perUnit), naive: false, length: epoch[0].length }
  }
  const iso = /^\s*(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}\S*)(?=\s|$)/.exec(line)
  const parsed = iso ? parseDate(iso[1]!) : undefined
  return iso && parsed ? momentOf(parsed, iso[0].length) : undefined
}

const momentOf = (parsed: { wall: number; offset: number | undefined }, length: number): Moment => ({
  ms: parsed.wall - (parsed.offset ?? 0) * 60_000,
  naive: parsed.offset === undefined,
  length,
})

const INTERVALS = ['1', '5', '10', '60', '300']
/** Below this a stored time is a count of milliseconds from the start, not a date. */
const LONGEST_RUN_MS = 1e9

/**
 * Times of a tool that writes none of its own: each row has a moment that was put before it, or the number of the
 * sample that it belongs to. Then the interval is asked for and the last sample is now.
 */
export class RowTimes {
  private readonly times = new NumberColumn()
  private readonly context: ImportContext
  private readonly tool: string
  private readonly intervalMs: number
  private readonly isAnswered: boolean
  private readonly suggested: string
  private isNaive = false

  /** @param tool begins the question: "ps writes no times." @param suggested seconds, one of 1, 5, 10, 60, 300 */
  constructor(context: ImportContext, tool: string, suggested = '1') {
    const answered = Number(context.answers.interval)
    this.context = context
    this.tool = tool
    this.suggested = suggested
    this.isAnswered = answered > 0 && answered <= 86_400
    this.intervalMs = (this.isAnswered ? answered : Number(suggested)) * 1000
  }

  /** @param sample number of the sample, from 0, for rows without a moment */
  push(moment: Moment | undefined, sample: number): void {
    if (moment?.naive) this.isNaive = true
    const east = moment?.naive ? zoneChoice(this.context).minutes * 60_000 : 0
    this.times.push(moment ? moment.ms - east : Math.max(0, sample) * this.intervalMs)
  }

  finish(): ReadTimes {
    const t = this.times.values()
    const zone = zoneChoice(this.context)
    const isCounted = t.some((at) => at < LONGEST_RUN_MS)
    const last = t[t.length - 1] ?? 0
    const start = this.context.nowMs - (last < LONGEST_RUN_MS ? last : 0)
    if (isCounted) for (let i = 0; i < t.length; i++) if (t[i]! < LONGEST_RUN_MS) t[i] = start + t[i]!
    const questions: SeriesQuestion[] = []
    if (isCounted && !this.isAnswered) questions.push(this.intervalQuestion())
    if (this.isNaive && zone.question) questions.push(zone.question)
    const named = this.isNaive ? zoneName(zone.minutes) : 'as written'
    return { t, zone: isCounted ? 'counted from the start' : named, questions }
  }

  private intervalQuestion(): SeriesQuestion {
    return {
      id: 'interval',
      ask: `${this.tool} writes no times. How many seconds lie between two samples?`,
      options: INTERVALS.map((value) => ({ value, label: `${value} s` })),
      suggested: this.suggested,
    }
  }
}
