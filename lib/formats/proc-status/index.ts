import { UserError } from '#lib/errors/user-error'
import { assemble } from '../series/assemble.ts'
import type { ImportContext, SeriesFormat, SeriesImport } from '../series/format.ts'
import { NumberColumn } from '../series/number-column.ts'
import { type Moment, momentIn, RowTimes } from '../series/row-times.ts'

const FORMAT = 'proc-status'
/** What a process holds now. VmPeak and VmHWM never fall: as a graph they would look like growth. */
const SIZES = ['VmRSS', 'RssAnon', 'RssFile', 'RssShmem', 'VmSwap', 'VmSize', 'Rss', 'Pss', 'SwapPss']
const FIELD = /^\s*(\w+):\s+(\S.*)$/

/**
 * `/proc/PID/status` or `smaps_rollup`, again and again in one file. "kB" are KiB. A new block starts at `Name:`, at a
 * time (`date` before each `cat`), or where a field comes again. Times as in `RowTimes`.
 */
export const procStatus: SeriesFormat = {
  id: FORMAT,
  label: '/proc/PID/status',
  recognises: (head) =>
    /^(\S+\s+)?(VmRSS|VmSize|RssAnon):\s+\d+ kB\s*$/m.test(head) || /^Pss:\s+\d+ kB\s*$/m.test(head),
  read: readStatus,
}

interface Block {
  readonly moment: Moment | undefined
  readonly fields: Map<string, string>
}

function readStatus(text: string, context: ImportContext): SeriesImport {
  const { blocks, lines, bad } = blocksOf(text)
  const times = new RowTimes(context, '/proc')
  const pids = new NumberColumn()
  const commands: string[] = []
  const sizes = SIZES.map((column) => ({ column, values: new NumberColumn(), cells: [] as string[] }))
  const seen = new Set<string>()
  let sample = 0
  for (const { moment, fields } of blocks) {
    const pid = fields.get('Pid') ?? ''
    if (seen.has(pid)) {
      seen.clear()
      sample++
    }
    seen.add(pid)
    times.push(moment, sample)
    pids.push(Number(pid))
    commands.push((fields.get('Name') ?? '').slice(0, 120))
    for (const { column, values, cells } of sizes) {
      const cell = fields.get(column)
      const match = /^(\d+) kB$/.exec(cell?.trim() ?? '')
      values.push(match ? Number(match[1]) : Number.NaN)
      if (match && cells.length < 3) cells.push(cell!.trim())
    }
  }
  const kept = sizes.filter(({ cells }) => cells.length > 0)
  if (kept.length === 0) throw new UserError('series/no-samples', { why: 'no line tells a size in kB.' })
  return assemble(
    {
      format: FORMAT,
      ...times.finish(),
      columns: kept.map(({ column, values, cells }) => ({
        column,
        values: values.values(),
        examples: cells,
        exampleValues: cells.map((cell) => Number.parseInt(cell, 10)),
        toolUnit: 'kib' as const,
      })),
      ...(pids.values().some((pid) => pid > 0) ? { pids: pids.values() } : {}),
      commands,
      lines,
      badLines: bad,
    },
    context,
  )
}

function blocksOf(text: string): { blocks: Block[]; lines: number; bad: number } {
  const blocks: Block[] = []
  let said: Moment | undefined
  let current: Block | undefined
  let lines = 0
  let bad = 0
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue
    lines++
    const moment = momentIn(line)
    if (moment?.length === line.length) {
      said = moment
      current = undefined
      continue
    }
    const field = FIELD.exec(line.slice(moment?.length ?? 0))
    if (!field) {
      // The first line of smaps_rollup is a range of addresses.
      if (!/\[rollup\]/.test(line)) bad++
      continue
    }
    const [, name, value] = field
    if (!current || name === 'Name' || current.fields.has(name!)) {
      current = { moment: moment ?? said, fields: new Map() }
      blocks.push(current)
    }
    current.fields.set(name!, value!)
  }
  const withSizes = blocks.filter(({ fields }) => SIZES.some((name) => fields.has(name)))
  return { blocks: withSizes, lines, bad }
}
