import { list, record } from './json.ts'
import { epochUnit, parseDate } from './times.ts'

/** A stretch of time with its name, as other tools tell it. Epoch milliseconds; `to` null: it has not ended. */
export interface NamedBand {
  readonly label: string
  readonly from: number
  readonly to: number | null
}

/** What a pasted list of outages holds. */
export interface ReadBands {
  /** In order of their begin. */
  readonly bands: readonly NamedBand[]
  readonly refused: number
  /** The first refused line or entry, from 1, and why. */
  readonly firstProblem?: { readonly line: number; readonly why: string }
}

/** More are no list of outages. */
export const MOST_BANDS = 200
const MOST_CHARACTERS = 2_000_000
const LONGEST_LABEL = 200

/**
 * Reads outages: lines of `start,end,label` (commas, semicolons or tabs; a heading is passed over; the end may be empty; times as
 * since 1970 or written, with or without a zone), alerts of an Alertmanager (`/api/v2/alerts`: startsAt, endsAt), or Prometheus' answer to
 * `ALERTS{alertstate="firing"}` over a range. Pure. O(characters).
 * @param localTime what a time without a zone means: milliseconds as if it were UTC → epoch milliseconds
 */
export function readBands(text: string, localTime: (wall: number) => number): ReadBands {
  const plain = text
    .slice(0, MOST_CHARACTERS)
    .replace(/^\uFEFF/, '')
    .trim()
  const rows = /^[[{]/.test(plain) ? jsonRows(plain) : lineRows(plain)
  const bands: NamedBand[] = []
  let refused = 0
  let firstProblem: ReadBands['firstProblem']
  for (const { line, start, end, label } of rows) {
    const from = momentOf(start, localTime)
    const to = end.trim() === '' ? null : momentOf(end, localTime)
    const why =
      bands.length >= MOST_BANDS
        ? `at most ${MOST_BANDS} are taken at once`
        : Number.isNaN(from)
          ? `“${start.slice(0, 60)}” is no time`
          : Number.isNaN(to)
            ? `“${end.slice(0, 60)}” is no time`
            : to !== null && to <= from
              ? 'the end has to be after the start'
              : undefined
    if (why === undefined) bands.push({ label: nameOf(label), from, to })
    else {
      refused++
      firstProblem ??= { line, why }
    }
  }
  bands.sort((a, b) => a.from - b.from)
  return { bands, refused, ...(firstProblem && { firstProblem }) }
}

interface Row {
  readonly line: number
  readonly start: string
  readonly end: string
  readonly label: string
}

const nameOf = (label: string): string =>
  // Control characters and marks that turn the text around do not belong into a name.
  [...label.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').trim()].slice(0, LONGEST_LABEL).join('') || 'Outage'

function lineRows(text: string): Row[] {
  const lines = text.split(/\r?\n/)
  const separator = ['\t', ';', ','].find((one) => lines.some((line) => line.includes(one))) ?? ','
  return lines.flatMap((written, index) => {
    if (written.trim() === '' || written.startsWith('#')) return []
    const plain = (cell: string) => cell.trim().replace(/^"(.*)"$/, '$1')
    const cells = written.split(separator)
    const [start, end, label] = [cells[0] ?? '', cells[1] ?? '', cells.slice(2).join(separator)].map(plain)
    // A heading: words where times belong.
    if (index === 0 && /^[a-z_ ]+$/i.test(start ?? '')) return []
    return [{ line: index + 1, start: start ?? '', end: end ?? '', label: label ?? '' }]
  })
}

function jsonRows(text: string): Row[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return [{ line: 1, start: 'this JSON stops short: it', end: '', label: '' }]
  }
  const matrix = list(record(record(value).data).result)
  const found = matrix.length > 0 ? matrix.flatMap(firings) : list(value).map(alert)
  return found.map((row, i) => ({ ...row, line: i + 1 }))
}

function alert(entry: unknown): Omit<Row, 'line'> {
  const { startsAt, endsAt, labels } = record(entry)
  return { start: String(startsAt ?? ''), end: String(endsAt ?? ''), label: labelOf(labels) }
}

/** An alert fires where its series has samples: a hole of more than two steps ends it. */
function firings(entry: unknown): Omit<Row, 'line'>[] {
  const { metric, values } = record(entry)
  const times = list(values).map((pair) => Number(list(pair)[0]))
  const steps = times.slice(1).map((at, i) => at - times[i]!)
  const step = Math.min(...steps.filter((one) => one > 0), Number.MAX_SAFE_INTEGER)
  const label = labelOf(metric)
  const rows: Omit<Row, 'line'>[] = []
  for (let start = 0, i = 0; i < times.length; i++) {
    const isLast = i === times.length - 1
    if (!isLast && times[i + 1]! - times[i]! <= 2 * step) continue
    // One sample says that it fired for about a step.
    const end =
      times[i]! > times[start]! ? times[i]! : times[i]! + (step < Number.MAX_SAFE_INTEGER ? step : 60)
    rows.push({ start: String(times[start]), end: String(end), label })
    start = i + 1
  }
  return rows
}

function labelOf(labels: unknown): string {
  const { alertname, instance, job } = record(labels)
  return [alertname, instance ?? job].filter((part) => typeof part === 'string' && part !== '').join(' · ')
}

const PER_UNIT = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 }
const [EARLIEST, LATEST] = [Date.UTC(2000, 0), Date.UTC(2100, 0)]

/** Epoch milliseconds; NaN when it is no time between 2000 and 2100. */
function momentOf(cell: string, localTime: (wall: number) => number): number {
  const number = cell.trim() === '' ? Number.NaN : Number(cell)
  const date = Number.isFinite(number) ? undefined : parseDate(cell)
  const at = Number.isFinite(number)
    ? Math.round(number * PER_UNIT[epochUnit(number)])
    : date === undefined
      ? Number.NaN
      : date.offset === undefined
        ? localTime(date.wall)
        : date.wall - date.offset * 60_000
  return at >= EARLIEST && at < LATEST ? at : Number.NaN
}
