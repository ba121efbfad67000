import { UserError } from '#lib/errors/user-error'
import { bytes } from '#lib/units/quantity'
import type { ImportContext, SeriesFormat, SeriesImport } from '../series/format.ts'
import { list, parsedJson, record } from '../series/json.ts'
import { assembleMetrics, type MetricSamples } from '../series/metrics.ts'
import { NumberColumn } from '../series/number-column.ts'
import { parseDate, zoneChoice, zoneName } from '../series/times.ts'

const FORMAT = 'sadf'
const LABEL = 'sadf -j output'

/** `sadf -j -- -r`: memory of a machine, in KiB, with a flag that says whether times are UTC. */
export const sadf: SeriesFormat = {
  id: FORMAT,
  label: LABEL,
  recognises: (head) => /^\s*\{\s*"sysstat"\s*:/.test(head),
  read: readSadf,
}

function readSadf(text: string, context: ImportContext): SeriesImport {
  const { sysstat } = record(parsedJson(text, () => truncated(text)))
  const metrics = new Map<string, MetricSamples>()
  const zone = zoneChoice(context)
  let naive = false
  let lines = 0
  let bad = 0
  for (const host of list(record(sysstat).hosts)) {
    const { nodename, statistics } = record(host)
    for (const sample of list(statistics)) {
      const { timestamp, memory } = record(sample)
      // Marks of restarts and comments have neither.
      if (timestamp === undefined || memory === undefined) continue
      lines++
      const { date, time, utc } = record(timestamp)
      const parsed = parseDate(`${String(date)} ${String(time)}`)
      if (!parsed) {
        bad++
        continue
      }
      const isUtc = utc === 1 || utc === true
      if (!isUtc) naive = true
      const at = parsed.wall - (isUtc ? 0 : zone.minutes * 60_000)
      pushMembers(metrics, String(nodename ?? ''), record(memory), at)
    }
  }
  if (metrics.size === 0)
    throw new UserError('series/no-samples', { why: 'no statistics hold memory. Ask for it: sadf -j -- -r.' })
  const times = {
    zone: naive ? zoneName(zone.minutes) : 'UTC',
    questions: naive && zone.question ? [zone.question] : [],
  }
  return assembleMetrics(FORMAT, metrics.values(), { lines, badLines: bad }, context, times)
}

const truncated = (text: string) =>
  new UserError('format/truncated', { format: LABEL, offset: bytes(text.length) })

function pushMembers(
  metrics: Map<string, MetricSamples>,
  host: string,
  memory: Record<string, unknown>,
  at: number,
): void {
  for (const [name, value] of Object.entries(memory).slice(0, 40)) {
    if (typeof value !== 'number') continue
    const isShare = /percent|%/.test(name)
    // sar's own names, so that both ways give the same series.
    const metric = isShare || name.startsWith('kb') ? name : `kb${name}`
    const key = `${host}\n${metric}`
    let one = metrics.get(key)
    if (!one) {
      const toolUnit = isShare ? 'ratio' : 'kib'
      const labels: Record<string, string> = host === '' ? {} : { instance: host }
      one = { metric, labels, t: new NumberColumn(), v: new NumberColumn(), toolUnit }
      metrics.set(key, one)
    }
    one.t.push(at)
    one.v.push(value)
  }
}
