import { UserError } from '#lib/errors/user-error'
import { assemble } from '../series/assemble.ts'
import type { ImportContext, SeriesFormat, SeriesImport, SeriesQuestion } from '../series/format.ts'
import { NumberColumn } from '../series/number-column.ts'
import { type Moment, momentIn } from '../series/row-times.ts'
import { parseClock, zoneChoice, zoneName } from '../series/times.ts'
import { midnightOf, WallClock } from '../series/wall-clock.ts'

const FORMAT = 'top'
const TITLE = /^top - (\d{1,2}:\d{2}:\d{2})\b/
const DAY_MS = 86_400_000
/** Days back that the question for the day offers. */
const DAYS_OFFERED = 8

/**
 * `top -b`. Sizes of processes are KiB, or carry their unit (`1.2g`); the summary's own scale (`MiB Mem`) says nothing
 * about them. top writes a clock without a day: the file is taken to end on the latest day possible, and the day is
 * asked for, unless a line before each block (`date`) says when it is.
 */
export const top: SeriesFormat = {
  id: FORMAT,
  label: 'top output',
  recognises: (head) => /^top - \d{1,2}:\d{2}:\d{2}\b/m.test(head),
  read: readTop,
}

interface Size {
  readonly column: string
  readonly values: NumberColumn
  readonly cells: { cell: string; kib: number }[]
}

function readTop(text: string, context: ImportContext): SeriesImport {
  const clock = new WallClock(0)
  const sizes = ['RES', 'VIRT', 'SWAP'].map(
    (column): Size => ({ column, values: new NumberColumn(), cells: [] }),
  )
  const times = new NumberColumn()
  const kinds = new NumberColumn()
  const pids = new NumberColumn()
  const commands: string[] = []
  let header: readonly string[] | undefined
  let said: Moment | undefined
  let at: Pick<Moment, 'ms' | 'naive'> | undefined
  let kind: number = CLOCK
  let lines = 0
  let bad = 0
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue
    lines++
    const title = TITLE.exec(line)
    if (title) {
      at = said ?? { ms: clock.at(parseClock(title[1]!) ?? 0), naive: true }
      kind = said === undefined ? CLOCK : said.naive ? NAIVE : EXACT
      said = undefined
      header = undefined
      continue
    }
    const words = line.trim().split(/\s+/)
    if (words.includes('PID') && words.includes('RES')) {
      header = words
      continue
    }
    if (!header) {
      // A whole line of `date`: a summary line never is one.
      const moment = momentIn(line)
      if (moment?.length === line.length) said = moment
      continue
    }
    const moment = momentIn(line)
    if (moment?.length === line.length && words.length < header.length) {
      said = moment
      continue
    }
    const pid = Number(words[header.indexOf('PID')])
    const resident = kibIn(words[header.indexOf('RES')])
    if (!at || !Number.isInteger(pid) || Number.isNaN(resident)) {
      bad++
      continue
    }
    times.push(at.ms)
    kinds.push(kind)
    pids.push(pid)
    commands.push(commandOf(header, words))
    for (const size of sizes) keep(size, words[header.indexOf(size.column)])
  }
  if (times.length === 0)
    throw new UserError('series/no-samples', { why: 'no line of top has a PID and a RES.' })
  const { t, zone, questions } = dated(times.values(), kinds.values(), context)
  const columns = sizes.filter(({ cells }) => cells.length > 0)
  return assemble(
    {
      format: FORMAT,
      t,
      zone,
      questions,
      columns: columns.map(({ column, values, cells }) => ({
        column,
        values: values.values(),
        examples: cells.map(({ cell }) => cell),
        exampleValues: cells.map(({ kib }) => kib),
        toolUnit: 'kib' as const,
      })),
      pids: pids.values(),
      commands,
      lines,
      badLines: bad,
    },
    context,
  )
}

/** How a row's time is known: from top's clock; from a date without a zone; from one with. */
const CLOCK = 0
const NAIVE = 1
const EXACT = 2

function dated(t: Float64Array, kinds: Float64Array, context: ImportContext) {
  const zone = zoneChoice(context)
  const east = zone.minutes * 60_000
  const last = t[kinds.lastIndexOf(CLOCK)] ?? 0
  const latest = midnightOf(context.nowMs + east - (last % DAY_MS))
  const answer = context.answers.day
  const daysBack = answer !== undefined && /^\d{1,4}$/.test(answer) ? Number(answer) : undefined
  const shift = latest - (daysBack ?? 0) * DAY_MS - midnightOf(last)
  for (let i = 0; i < t.length; i++) {
    if (kinds[i] === EXACT) continue
    t[i] = t[i]! - east + (kinds[i] === CLOCK ? shift : 0)
  }
  const hasClock = kinds.includes(CLOCK)
  const isNaive = hasClock || kinds.includes(NAIVE)
  const questions: SeriesQuestion[] = []
  if (hasClock && daysBack === undefined) questions.push(dayQuestion(latest))
  if (isNaive && zone.question) questions.push(zone.question)
  return { t, questions, zone: isNaive ? zoneName(zone.minutes) : 'as written' }
}

/** Answered in days before the latest possible one, so that a recipe suits the next file too. */
const dayQuestion = (latest: number): SeriesQuestion => ({
  id: 'day',
  ask: 'top writes no date. On which day does the file end?',
  options: Array.from({ length: DAYS_OFFERED }, (_, back) => ({
    value: String(back),
    label: new Date(latest - back * DAY_MS).toISOString().slice(0, 10),
  })),
  suggested: '0',
})

const FACTORS = new Map([
  ['', 1],
  ['k', 1],
  ['m', 1024],
  ['g', 1024 ** 2],
  ['t', 1024 ** 3],
  ['p', 1024 ** 4],
])

/** "7890" → 7890 KiB, "1.2g" → 1,258,291.2 KiB; NaN when it is no size. */
function kibIn(cell: string | undefined): number {
  const match = /^(\d+(?:[.,]\d+)?)([kmgtp]?)$/i.exec(cell ?? '')
  if (!match) return Number.NaN
  return Number(match[1]!.replace(',', '.')) * (FACTORS.get(match[2]!.toLowerCase()) ?? Number.NaN)
}

function keep({ values, cells }: Size, cell: string | undefined): void {
  const kib = kibIn(cell)
  values.push(kib)
  if (cells.length < 3 && !Number.isNaN(kib)) cells.push({ cell: cell ?? '', kib })
}

/** The program without its arguments, which change from one start to the next. */
function commandOf(header: readonly string[], words: readonly string[]): string {
  const at = header.findIndex((name) => /^(COMMAND|CMD)$/.test(name))
  return at < 0 ? '' : (words[at]?.split('/').pop() ?? '')
}
