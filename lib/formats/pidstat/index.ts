import { UserError } from '#lib/errors/user-error'
import { assemble } from '../series/assemble.ts'
import type { ImportContext, SeriesFormat, SeriesImport } from '../series/format.ts'
import { NumberColumn, numberIn } from '../series/number-column.ts'
import { parseClock, zoneChoice, zoneName } from '../series/times.ts'

const FORMAT = 'pidstat'
const HEADER = /^(#\s*Time|\d{1,2}:\d{2}:\d{2}(\s+[AP]M)?)\s+.*\bPID\b.*\bVSZ\b\s+\bRSS\b/m
const DAY_MS = 86_400_000

/**
 * `pidstat -r`, plain or with `-h` and `-H`. VSZ and RSS are KiB. The header repeats; plain output has clock times
 * whose day stands in the first line.
 */
export const pidstat: SeriesFormat = {
  id: FORMAT,
  label: 'pidstat output',
  recognises: (head) => HEADER.test(head),
  read: readPidstat,
}

function readPidstat(text: string, context: ImportContext): SeriesImport {
  const lines = text.split(/\r?\n/)
  const day = dayOf(lines[0] ?? '') ?? Math.floor(context.nowMs / DAY_MS) * DAY_MS
  const zone = zoneChoice(context)
  const t = new NumberColumn()
  const pids = new NumberColumn()
  const rss = new NumberColumn()
  const vsz = new NumberColumn()
  const commands: string[] = []
  const examples: { rss: string[]; vsz: string[] } = { rss: [], vsz: [] }
  let columns: Columns | undefined
  let bad = 0
  let clock = { day, before: 0, used: false }
  for (const line of lines) {
    const words = line.trim().split(/\s+/)
    if (words.length < 6 || words[0] === 'Average:' || line.startsWith('Linux')) continue
    if (words.includes('RSS') && words.includes('PID')) {
      columns = columnsOf(words)
      continue
    }
    if (!columns) continue
    const at = timeOf(words, clock)
    const cells = words.slice(at.words)
    const size = numberIn(cells[columns.rss] ?? '', true)
    if (Number.isNaN(at.ms) || Number.isNaN(size) || cells.length < columns.count) {
      bad++
      continue
    }
    clock = at.clock
    t.push(at.fromClock ? at.ms - zone.minutes * 60_000 : at.ms)
    pids.push(numberIn(cells[columns.pid] ?? ''))
    rss.push(size)
    vsz.push(numberIn(cells[columns.vsz] ?? '', true))
    commands.push(cells.slice(columns.command).join(' '))
    if (examples.rss.length < 3) {
      examples.rss.push(cells[columns.rss]!)
      examples.vsz.push(cells[columns.vsz] ?? '')
    }
  }
  if (t.length === 0)
    throw new UserError('series/no-samples', { why: 'no line of pidstat has a time and an RSS.' })
  return assemble(
    {
      format: FORMAT,
      t: t.values(),
      zone: clock.used ? zoneName(zone.minutes) : 'UTC',
      questions: clock.used && zone.question ? [zone.question] : [],
      columns: [
        { column: 'RSS', values: rss.values(), examples: examples.rss, toolUnit: 'kib' },
        { column: 'VSZ', values: vsz.values(), examples: examples.vsz, toolUnit: 'kib' },
      ],
      pids: pids.values(),
      commands,
      lines: lines.length,
      badLines: bad,
    },
    context,
  )
}

/** Where the cells stand after the time: with `-h` the header starts "# Time", plain it starts with a clock. */
interface Columns {
  readonly pid: number
  readonly rss: number
  readonly vsz: number
  readonly command: number
  readonly count: number
}

function columnsOf(words: readonly string[]): Columns {
  const timeWords = words[0] === '#' || /^[AP]M$/.test(words[1] ?? '') ? 2 : 1
  const names = words.slice(timeWords)
  return {
    pid: names.indexOf('PID'),
    rss: names.indexOf('RSS'),
    vsz: names.indexOf('VSZ'),
    command: names.indexOf('Command'),
    count: names.length,
  }
}

interface Clock {
  /** Midnight of the day that the clock times belong to, as if in UTC. */
  readonly day: number
  readonly before: number
  readonly used: boolean
}

function timeOf(
  words: readonly string[],
  clock: Clock,
): { ms: number; words: number; fromClock: boolean; clock: Clock } {
  const half = /^[AP]M$/.test(words[1] ?? '') ? words[1] : undefined
  const ofDay = parseClock(words[0]!, half)
  if (ofDay === undefined) {
    const seconds = Number(words[0])
    return { ms: seconds > 1e8 ? seconds * 1000 : Number.NaN, words: 1, fromClock: false, clock }
  }
  // More than half a day back is the next day, not a clock that was set back.
  const day = clock.used && ofDay < clock.before - DAY_MS / 2 ? clock.day + DAY_MS : clock.day
  const next = { day, before: ofDay, used: true }
  return { ms: day + ofDay, words: half ? 2 : 1, fromClock: true, clock: next }
}

/** The day in "Linux 6.1 (host) 	2026-11-23 	_x86_64_"; American by locale: 11/23/2026 or 11/23/26. */
function dayOf(line: string): number | undefined {
  const iso = /(\d{4})-(\d{2})-(\d{2})/.exec(line)
  if (iso) return Date.UTC(Number(iso[1]), Number(iso[2]) - 1, Number(iso[3]))
  const american = /(\d{2})\/(\d{2})\/(\d{2,4})/.exec(line)
  if (!american) return undefined
  const year = Number(american[3])
  return Date.UTC(year < 100 ? 2000 + year : year, Number(american[1]) - 1, Number(american[2]))
}
