import { UserError } from '#lib/errors/user-error'
import { median } from '#lib/series/statistics'
import { assemble } from '../series/assemble.ts'
import type { ImportContext, SeriesFormat, SeriesImport } from '../series/format.ts'
import { NumberColumn } from '../series/number-column.ts'
import { RowTimes } from '../series/row-times.ts'

const FORMAT = 'derailed'
const NUMBER = /^\d+(\.\d+)?$/
/** What derailed says before the numbers. */
const TALK = /^(Booting|Endpoint|PID|User ?Agent|Method|Port|Auth|Warming|Rack)\b.*:/i

/**
 * One number a line and nothing else: derailed_benchmarks' `perf:mem_over_time`, in MiB (get_process_mem), its file or what
 * it prints. No clock: the interval is asked for, and the unit unless the numbers are broken ones of a size that only MiB
 * make sense of.
 */
export const derailed: SeriesFormat = {
  id: FORMAT,
  label: 'column of numbers, as derailed_benchmarks writes it',
  recognises(head) {
    const lines = head.split(/\r?\n/).filter((line) => line.trim() !== '')
    const whole = lines.slice(0, 40)
    const numbers = whole.filter((line) => NUMBER.test(line.trim()))
    const talk = whole.filter((line) => TALK.test(line.trim()))
    return numbers.length >= 3 && numbers.length + talk.length >= 0.9 * whole.length
  },
  read: readNumbers,
}

function readNumbers(text: string, context: ImportContext): SeriesImport {
  const times = new RowTimes(context, 'derailed_benchmarks', '5')
  const values = new NumberColumn()
  const pids = new NumberColumn()
  const examples: string[] = []
  let pid = 0
  let hasFractions = false
  let lines = 0
  let bad = 0
  for (const line of text.split(/\r?\n/)) {
    const cell = line.trim()
    if (cell === '') continue
    lines++
    if (!NUMBER.test(cell)) {
      const said = /^PID: (\d+)$/.exec(cell)
      if (said) pid = Number(said[1])
      else if (!TALK.test(cell)) bad++
      continue
    }
    if (cell.includes('.')) hasFractions = true
    times.push(undefined, values.length)
    values.push(Number(cell))
    pids.push(pid)
    if (examples.length < 3) examples.push(cell)
  }
  if (values.length === 0) throw new UserError('series/no-samples', { why: 'no line is a number.' })
  const typical = median(values.values())
  const isMebibytes = hasFractions && typical >= 4 && typical < 1e6
  return assemble(
    {
      format: FORMAT,
      ...times.finish(),
      columns: [
        {
          column: 'rss',
          values: values.values(),
          examples,
          ...(isMebibytes ? { toolUnit: 'mib' as const } : {}),
        },
      ],
      ...(pid > 0 ? { pids: pids.values() } : {}),
      lines,
      badLines: bad,
    },
    context,
  )
}
