import { UserError } from '#lib/errors/user-error'
import { assemble } from '../series/assemble.ts'
import type { ImportContext, SeriesFormat, SeriesImport } from '../series/format.ts'
import { NumberColumn, numberIn } from '../series/number-column.ts'
import { type Moment, momentIn, RowTimes } from '../series/row-times.ts'

const FORMAT = 'ps'
const HEADER =
  /^(?!#)(?!.*[,;|])(?!.*minflt)[^\n]*\bPID\b[^\n]*\bRSS\b|^(?!#)(?!.*[,;|])(?!.*minflt)[^\n]*\bRSS\b[^\n]*\bPID\b/m

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
  const times = new RowTimes(context, 'ps')
  const pids = new NumberColumn()
  const rss = new NumberColumn()
  const vsz = new NumberColumn()
  const commands: string[] = []
  const examples: { rss: string[]; vsz: string[] } = { rss: [], vsz: [] }
  let header: readonly string[] | undefined
  let block: Moment | undefined
  let count = 0
  let blocks = -1
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
    // Without any time, each header starts the next sample.
    times.push(moment ?? block, blocks)
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
  if (rss.length === 0) throw new UserError('series/no-samples', { why: 'no line of ps has an RSS.' })
  const columns = [{ column: 'RSS', values: rss.values(), examples: examples.rss, toolUnit: 'kib' as const }]
  if (examples.vsz.length > 0) {
    columns.push({ column: 'VSZ', values: vsz.values(), examples: examples.vsz, toolUnit: 'kib' })
  }
  return assemble(
    {
      format: FORMAT,
      ...times.finish(),
      columns,
      pids: pids.values(),
      commands,
      lines: count,
      badLines: bad,
    },
    context,
  )
}

function commandOf(header: readonly string[], words: readonly string[]): string {
  const at = header.findIndex((name) => /^(COMMAND|CMD|COMM)$/.test(name))
  // The program without its arguments, which change from one start to the next.
  return at < 0 ? '' : (words[at]?.split('/').pop() ?? '')
}
