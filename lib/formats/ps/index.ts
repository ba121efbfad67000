import { UserError } from '#lib/errors/user-error'
import { assemble } from '../series/assemble.ts'
import type { ImportContext, SeriesFormat, SeriesImport, SeriesQuestion } from '../series/format.ts'
import { NumberColumn, numberIn } from '../series/number-column.ts'
import { epochUnit, parseDate, zoneChoice, zoneName } from '../series/times.ts'

const FORMAT = 'ps'
const HEADER =
  /^(?!#)(?!.*[,;|])(?!.*minflt)[^\n]*\bPID\b[^\n]*\bRSS\b|^(?!#)(?!.*[,;|])(?!.*minflt)[^\n]*\bRSS\b[^\n]*\bPID\b/m
const INTERVALS = ['1', '5', '10', '60', '300']

/**
 * `ps -o pid,rss,vsz …` written again and again into one file. RSS and VSZ are KiB. `ps` prints no time of its own:
 * it is taken from a line before each block (`date`, ISO, epoch) or from the front of each row, else the interval is
 * asked for.
 */
export const ps: SeriesFormat = {
  id: FORMAT,
  label: 'ps output',
  recognises: (head) => HEADER.test(head),
  read: readPs,
}

function readPs(text: string, context: ImportContext): SeriesImport {
  const lines = text.split(/\r?\n/)
  const zone = zoneChoice(context)
  const answered = Number(context.answers.interval)
  const interval = (answered > 0 ? answered : 1) * 1000
  const t = new NumberColumn()
  const pids = new NumberColumn()
  const rss = new NumberColumn()
  const vsz = new NumberColumn()
  const commands: string[] = []
  const examples: { rss: string[]; vsz: string[] } = { rss: [], vsz: [] }
  let header: readonly string[] | undefined
  let block: Moment | undefined
  let count = 0
  let blocks = -1
  let naive = false
  let bad = 0
  for (const line of lines) {
    if (line.trim() === '') continue
    const moment = momentIn(line)
    const words = line
      .slice(moment?.length ?? 0)
      .trim()
      .split(/\s+/)
    if (words.includes('RSS')) {
      header = words
      blocks++
      if (moment) block = moment
      continue
    }
    count++
    if (moment && words.join('') === '') {
      block = moment
      continue
    }
    const size = header ? numberIn(words[header.indexOf('RSS')] ?? '') : Number.NaN
    if (!header || Number.isNaN(size)) {
      bad++
      continue
    }
    const at = moment ?? block
    if (at?.naive) naive = true
    // Without any time, each header starts the next sample.
    t.push(at ? at.ms - (at.naive ? zone.minutes * 60_000 : 0) : blocks * interval)
    const pid = header.indexOf('PID')
    pids.push(pid < 0 ? 0 : numberIn(words[pid] ?? ''))
    rss.push(size)
    const virtual = header.indexOf('VSZ')
    vsz.push(virtual < 0 ? Number.NaN : numberIn(words[virtual] ?? ''))
    commands.push(commandOf(header, words))
    if (examples.rss.length < 3) {
      examples.rss.push(words[header.indexOf('RSS')]!)
      if (virtual >= 0) examples.vsz.push(words[virtual] ?? '')
    }
  }
  if (t.length === 0) throw new UserError('series/no-samples', { why: 'no line of ps has an RSS.' })
  const times = t.values()
  const untimed = times.some((at) => at < 1e9)
  if (untimed) {
    const last = times[times.length - 1]!
    for (let i = 0; i < times.length; i++) if (times[i]! < 1e9) times[i] = context.nowMs + times[i]! - last
  }
  const questions: SeriesQuestion[] = []
  if (untimed && !(answered > 0)) questions.push(INTERVAL_QUESTION)
  if (naive && zone.question) questions.push(zone.question)
  const columns = [{ column: 'RSS', values: rss.values(), examples: examples.rss, toolUnit: 'kib' as const }]
  if (examples.vsz.length > 0) {
    columns.push({ column: 'VSZ', values: vsz.values(), examples: examples.vsz, toolUnit: 'kib' })
  }
  return assemble(
    {
      format: FORMAT,
      t: times,
      zone: untimed ? 'counted from the start' : naive ? zoneName(zone.minutes) : 'as written',
      questions,
      columns,
      pids: pids.values(),
      commands,
      lines: count,
      badLines: bad,
    },
    context,
  )
}

const INTERVAL_QUESTION: SeriesQuestion = {
  id: 'interval',
  ask: 'ps writes no times. How many seconds lie between two samples?',
  options: INTERVALS.map((value) => ({ value, label: `${value} s` })),
  suggested: '1',
}

interface Moment {
  readonly ms: number
  readonly naive: boolean
  /** Characters of the line that the time took. */
  readonly length: number
}

/** A time at the front of a line: epoch, ISO, or `date`'s output filling the line. */
function momentIn(line: string): Moment | undefined {
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

function commandOf(header: readonly string[], words: readonly string[]): string {
  const at = header.findIndex((name) => /^(COMMAND|CMD|COMM)$/.test(name))
  // The program without its arguments, which change from one start to the next.
  return at < 0 ? '' : (words[at]?.split('/').pop() ?? '')
}
