import { UserError } from '#lib/errors/user-error'
import { assemble } from '../series/assemble.ts'
import type { ImportContext, SeriesFormat, SeriesImport, SeriesQuestion } from '../series/format.ts'
import { NumberColumn } from '../series/number-column.ts'
import { type Moment, momentIn, RowTimes } from '../series/row-times.ts'

const FORMAT = 'proc-statm'
/** size resident shared text lib data dt; lib and dt are 0 since Linux 2.6. */
const ROW = /^(\d+) (\d+) (\d+) \d+ 0 \d+ 0$/
const PAGE_SIZES = ['4096', '16384', '65536']

/** `/proc/PID/statm` again and again: pages, whose size is asked for (4 KiB on x86; 16 or 64 on some arm64 and ppc). */
export const procStatm: SeriesFormat = {
  id: FORMAT,
  label: '/proc/PID/statm',
  recognises(head) {
    const lines = head.split(/\r?\n/).filter((line) => line.trim() !== '')
    // The last line of a head may be cut off.
    const whole = (lines.length > 1 ? lines.slice(0, -1) : lines).slice(0, 40)
    const rows = whole.filter((line) => ROW.test(afterTime(line)))
    const times = whole.filter((line) => momentIn(line)?.length === line.length)
    return rows.length > 0 && rows.length + times.length >= 0.9 * whole.length
  },
  read: readStatm,
}

const afterTime = (line: string): string => line.slice(momentIn(line)?.length ?? 0).trim()

function readStatm(text: string, context: ImportContext): SeriesImport {
  const times = new RowTimes(context, '/proc')
  const columns = ['size', 'resident', 'shared'].map(() => new NumberColumn())
  const answered = PAGE_SIZES.find((size) => size === context.answers['page-size'])
  const page = Number(answered ?? PAGE_SIZES[0])
  let block: Moment | undefined
  let lines = 0
  let bad = 0
  let sample = 0
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue
    lines++
    const moment = momentIn(line)
    if (moment?.length === line.length) {
      block = moment
      continue
    }
    const row = ROW.exec(afterTime(line))
    if (!row) {
      bad++
      continue
    }
    times.push(moment ?? block, sample++)
    for (const [i, column] of columns.entries()) column.push(Number(row[i + 1]) * page)
  }
  if (sample === 0)
    throw new UserError('series/no-samples', { why: 'no line has the seven numbers of statm.' })
  const [size, resident, shared] = columns.map((column) => column.values())
  const { t, zone, questions } = times.finish()
  const made = (column: string, values: Float64Array) => ({
    column,
    values,
    examples: [...values.subarray(0, 3)].map((value) => `${value / page} pages`),
    exampleValues: [...values.subarray(0, 3)],
    toolUnit: 'bytes' as const,
  })
  return assemble(
    {
      format: FORMAT,
      t,
      zone,
      questions: answered ? questions : [...questions, PAGE_QUESTION],
      columns: [made('resident', resident!), made('vmsize', size!), made('shared', shared!)],
      lines,
      badLines: bad,
    },
    context,
  )
}

const PAGE_QUESTION: SeriesQuestion = {
  id: 'page-size',
  ask: 'statm counts pages. How large is one on that machine (getconf PAGESIZE)?',
  options: PAGE_SIZES.map((value) => ({ value, label: `${Number(value) / 1024} KiB` })),
  suggested: '4096',
}
