import { UserError } from '#lib/errors/user-error'
import { assemble } from '../series/assemble.ts'
import type { ImportContext, SeriesFormat, SeriesImport } from '../series/format.ts'
import { NumberColumn } from '../series/number-column.ts'
import { type Moment, momentIn, RowTimes } from '../series/row-times.ts'

const FORMAT = 'docker-stats'
/** "7.027MiB / 1.944GiB" */
const USAGE = /(\d+(?:\.\d+)?)\s?([kKMGTP]?i?B)\s*\/\s*(\d+(?:\.\d+)?)\s?([kKMGTP]?i?B)/
/** A terminal that is repainted leaves escape sequences in the log. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: ESC is what they begin with.
const ESCAPES = /\u001b\[[0-9;?]*[A-Za-z]/g

/**
 * `docker stats`, as a table or with `--format json`, and `podman stats`. Use and limit carry their units: MiB are
 * binary, MB (podman, old docker) decimal. Docker leaves inactive page cache out of the use (docker/cli#2415). No times
 * of its own: one in front of a line or block, else the interval is asked for.
 */
export const dockerStats: SeriesFormat = {
  id: FORMAT,
  label: 'docker stats output',
  recognises: (head) =>
    /MEM USAGE \/ LIMIT/.test(head) || (/"MemUsage"\s*:\s*"/.test(head) && /^[^\n]{0,40}\{/.test(head)),
  read: readStats,
}

interface Row {
  readonly container: string
  readonly used: Size
  readonly limit: Size
}
interface Size {
  readonly cell: string
  readonly bytes: number
}

function readStats(text: string, context: ImportContext): SeriesImport {
  const times = new RowTimes(context, 'docker stats')
  const used = new NumberColumn()
  const limits = new NumberColumn()
  const commands: string[] = []
  const examples: Row[] = []
  const seen = new Set<string>()
  let named = -1
  let block: Moment | undefined
  let sample = 0
  let lines = 0
  let bad = 0
  for (const written of text.split(/\r?\n/)) {
    const line = written.replace(ESCAPES, '')
    if (line.trim() === '') continue
    lines++
    const moment = momentIn(line)
    if (moment?.length === line.length) {
      block = moment
      continue
    }
    const rest = line.slice(moment?.length ?? 0).trim()
    if (rest.includes('MEM USAGE / LIMIT')) {
      named = rest.split(/\s{2,}/).indexOf('NAME')
      if (moment) block = moment
      continue
    }
    const row = rowOf(rest, named)
    if (!row) {
      bad++
      continue
    }
    // Without times, a container that comes again starts the next sample.
    if (seen.has(row.container)) {
      seen.clear()
      sample++
    }
    seen.add(row.container)
    times.push(moment ?? block, sample)
    used.push(row.used.bytes)
    limits.push(row.limit.bytes)
    commands.push(row.container)
    if (examples.length < 3) examples.push(row)
  }
  if (used.length === 0)
    throw new UserError('series/no-samples', { why: 'no line of docker stats has a memory use.' })
  const column = (name: string, values: NumberColumn, which: 'used' | 'limit') => ({
    column: name,
    values: values.values(),
    examples: examples.map((row) => row[which].cell),
    exampleValues: examples.map((row) => row[which].bytes),
    toolUnit: 'bytes' as const,
  })
  const columns = [column('mem usage', used, 'used'), column('mem limit', limits, 'limit')]
  return assemble({ format: FORMAT, ...times.finish(), columns, commands, lines, badLines: bad }, context)
}

function rowOf(text: string, named: number): Row | undefined {
  const isJson = text.startsWith('{')
  const member = isJson ? membersOf(text) : undefined
  const usage = USAGE.exec(isJson ? (member?.get('MemUsage') ?? '') : text)
  if (!usage) return undefined
  const cells = text.slice(0, usage.index).split(/\s{2,}/)
  const container = isJson
    ? (member?.get('Name') ?? member?.get('ID') ?? '')
    : (cells[Math.max(0, named)] ?? '')
  return {
    container: container.trim().slice(0, 120),
    used: sizeOf(usage[1]!, usage[2]!),
    limit: sizeOf(usage[3]!, usage[4]!),
  }
}

function membersOf(text: string): Map<string, string> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return undefined
    return new Map(Object.entries(value).map(([name, member]) => [name, String(member)]))
  } catch {
    return undefined
  }
}

function sizeOf(number: string, unit: string): Size {
  const power = 'KMGTP'.indexOf(unit[0]!.toUpperCase()) + 1
  return { cell: number + unit, bytes: Number(number) * (unit.includes('i') ? 1024 : 1000) ** power }
}
