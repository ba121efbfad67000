import { median } from '#lib/series/statistics'
import type { ImportContext, SeriesQuestion } from './format.ts'

/** Epoch milliseconds per row, NaN where a cell holds no time. */
export interface ReadTimes {
  readonly t: Float64Array
  /** "UTC", "as written", "UTC+05:45" or "counted from the start". */
  readonly zone: string
  readonly questions: readonly SeriesQuestion[]
}

const YEAR_2000 = 946_684_800_000
const YEAR_2100 = 4_102_444_800_000
/** An epoch number below this, read as milliseconds, is before March 1970: it counts from a start, not from 1970. */
const SMALLEST_EPOCH_S = 1e8

const EPOCH_UNITS = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 } as const
type EpochUnit = keyof typeof EPOCH_UNITS
const UNIT_WORDS: Record<EpochUnit, string> = {
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
}

/** Reads a column of times: numbers since 1970 or since a start, or dates in words. */
export function readTimes(cells: readonly string[], context: ImportContext): ReadTimes {
  const numbers = Float64Array.from(cells, (cell) => (cell.trim() === '' ? Number.NaN : Number(cell)))
  const numeric = numbers.filter((value) => Number.isFinite(value))
  if (numeric.length >= cells.length / 2) return readNumbers(numbers, numeric, context)
  return readDates(cells, context)
}

function readNumbers(numbers: Float64Array, numeric: Float64Array, context: ImportContext): ReadTimes {
  const typical = median(numeric)
  const answer = context.answers['time-unit']
  const answered =
    answer === 's' || answer === 'ms' || answer === 'us' || answer === 'ns' ? answer : undefined
  if (typical < SMALLEST_EPOCH_S) return readElapsed(numbers, numeric, context, answered)
  const unit = answered ?? epochUnit(typical)
  // Rounded to a millisecond: 1795426942.554 s is not exact in a double.
  const t = numbers.map((value) => Math.round(value * EPOCH_UNITS[unit]))
  const isDate = (ms: number) => ms >= YEAR_2000 && ms < YEAR_2100
  return { t: t.map((ms) => (isDate(ms) ? ms : Number.NaN)), zone: 'UTC', questions: [] }
}

/** The unit of numbers since 1970, by their size alone: no two units share a range between 2000 and 2100. */
export function epochUnit(typical: number): EpochUnit {
  if (typical < 1e11) return 's'
  if (typical < 1e14) return 'ms'
  return typical < 1e17 ? 'us' : 'ns'
}

/** Numbers that count from a start: the last of them is taken to be now. */
function readElapsed(
  numbers: Float64Array,
  numeric: Float64Array,
  context: ImportContext,
  answered: EpochUnit | undefined,
): ReadTimes {
  const steps = numeric.subarray(1).map((value, i) => value - numeric[i]!)
  const step = median(steps)
  const suggested: EpochUnit = step >= 100 ? 'ms' : 's'
  const unit = answered ?? suggested
  const last = numeric[numeric.length - 1] ?? 0
  const t = numbers.map((value) => Math.round(context.nowMs + (value - last) * EPOCH_UNITS[unit]))
  const question: SeriesQuestion = {
    id: 'time-unit',
    ask: 'The times count from a start. In what unit?',
    options: (['s', 'ms'] as const).map((value) => ({ value, label: UNIT_WORDS[value] })),
    suggested,
  }
  return { t, zone: 'counted from the start', questions: answered ? [] : [question] }
}

const DATE =
  /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$/i
const DAY_FIRST_OR_NOT =
  /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[T\s,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?)?\s*(AM|PM)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$/i
/** `date`'s own: "Mon Nov 23 12:00:00 UTC 2026". */
const UNIX_DATE =
  /^[A-Z][a-z]{2},?\s+(?:([A-Z][a-z]{2})\s+(\d{1,2})|(\d{1,2})\s+([A-Z][a-z]{2}))\s+(?:(\d{4})\s+)?(\d{1,2}):(\d{2}):(\d{2})(?:\s+(AM|PM))?(?:\s+([A-Z]{3,5}|[+-]\d{2}:?\d{2}))?(?:\s+(\d{4}))?$/
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

interface Parsed {
  /** As if the clock showed UTC. */
  readonly wall: number
  /** Minutes east, when the text says so. */
  readonly offset: number | undefined
}

function readDates(cells: readonly string[], context: ImportContext): ReadTimes {
  const order = dayOrder(cells)
  const answer = context.answers['date-order']
  const dayFirst = answer === 'day-first' || (answer !== 'month-first' && order === 'day-first')
  const parsed = cells.map((cell) => parseDate(cell, dayFirst))
  const naive = parsed.some((entry) => entry !== undefined && entry.offset === undefined)
  const questions: SeriesQuestion[] = []
  if (order === 'unknown' && answer === undefined) questions.push(ORDER_QUESTION)

  const zone = zoneChoice(context)
  if (naive && zone.question) questions.push(zone.question)
  const t = Float64Array.from(parsed, (entry) =>
    entry === undefined ? Number.NaN : entry.wall - (entry.offset ?? zone.minutes) * 60_000,
  )
  return { t, zone: naive ? zoneName(zone.minutes) : 'as written', questions }
}

const ORDER_QUESTION: SeriesQuestion = {
  id: 'date-order',
  ask: 'Which stands first in the dates?',
  options: [
    { value: 'month-first', label: 'the month (11/23/2026)' },
    { value: 'day-first', label: 'the day (23/11/2026)' },
  ],
  suggested: 'month-first',
}

/** Zone of times that name none: answered, or the uploader's, which is asked for unless that is UTC anyway. */
export function zoneChoice(context: ImportContext): { minutes: number; question?: SeriesQuestion } {
  const answer = context.answers.zone
  if (answer !== undefined && /^-?\d{1,3}$/.test(answer) && Math.abs(Number(answer)) <= 14 * 60) {
    return { minutes: Number(answer) }
  }
  if (context.zoneMinutes === 0) return { minutes: 0 }
  return {
    minutes: context.zoneMinutes,
    question: {
      id: 'zone',
      ask: 'The times name no zone. Which one is it?',
      options: [
        { value: String(context.zoneMinutes), label: `yours, ${zoneName(context.zoneMinutes)}` },
        { value: '0', label: 'UTC' },
      ],
      suggested: String(context.zoneMinutes),
    },
  }
}

/** 345 → "UTC+05:45". */
export function zoneName(minutes: number): string {
  if (minutes === 0) return 'UTC'
  const size = Math.abs(minutes)
  const two = (n: number) => String(n).padStart(2, '0')
  return `UTC${minutes < 0 ? '−' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}

/** Decided by any part above 12; unknown when all fit both ways; irrelevant counts as month-first. */
function dayOrder(cells: readonly string[]): 'day-first' | 'month-first' | 'unknown' {
  let seen = false
  for (const cell of cells) {
    const match = DAY_FIRST_OR_NOT.exec(cell.trim())
    if (!match) continue
    seen = true
    if (Number(match[1]) > 12) return 'day-first'
    if (Number(match[2]) > 12) return 'month-first'
  }
  return seen ? 'unknown' : 'month-first'
}

/** One time in words; undefined when it is none. */
export function parseDate(text: string, dayFirst = false): Parsed | undefined {
  const cell = text.trim()
  const iso = DATE.exec(cell)
  if (iso) return parsed(iso[1], iso[2], iso[3], iso.slice(4, 8), undefined, iso[8])
  const slashed = DAY_FIRST_OR_NOT.exec(cell)
  if (slashed) {
    const [day, month] = dayFirst ? [slashed[1], slashed[2]] : [slashed[2], slashed[1]]
    return parsed(slashed[3], month, day, slashed.slice(4, 8), slashed[8], slashed[9])
  }
  const unix = UNIX_DATE.exec(cell)
  if (!unix) return undefined
  const month = MONTHS.indexOf((unix[1] ?? unix[4] ?? '').toLowerCase()) + 1
  // Zone names other than UTC are ambiguous (IST is three zones): those times count as naming none.
  return parsed(unix[11] ?? unix[5], String(month), unix[2] ?? unix[3], unix.slice(6, 9), unix[9], unix[10])
}

function parsed(
  year: string | undefined,
  month: string | undefined,
  day: string | undefined,
  clock: readonly (string | undefined)[],
  half: string | undefined,
  zone: string | undefined,
): Parsed | undefined {
  const [hour, minute, second, fraction] = clock
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day))
  if (!Number.isFinite(date) || Number(month) < 1 || Number(month) > 12 || Number(day) > 31) return undefined
  const ms = fraction === undefined ? 0 : Math.round(Number(`0.${fraction}`) * 1000)
  const time = ((hourOf(hour, half) * 60 + Number(minute ?? 0)) * 60 + Number(second ?? 0)) * 1000 + ms
  return { wall: date + time, offset: offsetOf(zone) }
}

const hourOf = (hour: string | undefined, half: string | undefined): number => {
  const plain = Number(hour ?? 0)
  if (half === undefined) return plain
  return (plain % 12) + (half.toUpperCase() === 'PM' ? 12 : 0)
}

function offsetOf(zone: string | undefined): number | undefined {
  if (zone === undefined) return undefined
  if (/^(z|utc|gmt)$/i.test(zone)) return 0
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(zone)
  return match ? (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) : undefined
}

/** "12:00:01", "12:00:01 PM": milliseconds since midnight; undefined when it is none. */
export function parseClock(text: string, half?: string): number | undefined {
  const match = /^(\d{1,2}):(\d{2}):(\d{2})$/.exec(text)
  if (!match) return undefined
  return ((hourOf(match[1], half) * 60 + Number(match[2])) * 60 + Number(match[3])) * 1000
}
