import { UserError } from '#lib/errors/user-error'
import { assemble } from '../series/assemble.ts'
import type { ImportContext, SeriesFormat, SeriesImport } from '../series/format.ts'
import { NumberColumn, numberIn } from '../series/number-column.ts'
import { parseClock, zoneChoice, zoneName } from '../series/times.ts'
import { dayOf, midnightOf, WallClock } from '../series/wall-clock.ts'

const FORMAT = 'pidstat'
const HEADER = /^(#\s*Time|\d{1,2}:\d{2}:\d{2}(\s+[AP]M)?)\s+.*\bPID\b.*\bVSZ\b\s+\bRSS\b/m

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
  const clock = new WallClock(dayOf(lines[0] ?? '') ?? midnightOf(context.nowMs))
  const zone = zoneChoice(context)
  const t = new NumberColumn()
  const pids = new NumberColumn()
  const rss = new NumberColumn()
  const vsz = new NumberColumn()
  const commands: string[] = []
  const examples: { rss: string[]; vsz: string[] } = { rss: [], vsz: [] }
  let columns: Columns | undefined
  let bad = 0
  let hasClocks = false
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
    if (at.fromClock) hasClocks = true
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
      zone: hasClocks ? zoneName(zone.minutes) : 'UTC',
      questions: hasClocks && zone.question ? [zone.question] : [],
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

function timeOf(
  words: readonly string[],
  clock: WallClock,
): { ms: number; words: number; fromClock: boolean } {
  const half = /^[AP]M$/.test(words[1] ?? '') ? words[1] : undefined
  const ofDay = parseClock(words[0]!, half)
  if (ofDay === undefined) {
    const seconds = Number(words[0])
    return { ms: seconds > 1e8 ? seconds * 1000 : Number.NaN, words: 1, fromClock: false }
  }
  return { ms: clock.at(ofDay), words: half ? 2 : 1, fromClock: true }
}
