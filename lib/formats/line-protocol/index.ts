import { UserError } from '#lib/errors/user-error'
import type { ImportContext, SeriesFormat, SeriesImport } from '../series/format.ts'
import { assembleMetrics, type MetricSamples } from '../series/metrics.ts'
import { NumberColumn } from '../series/number-column.ts'
import { meaningOf } from '../series/quantities.ts'
import { epochUnit } from '../series/times.ts'

const FORMAT = 'line-protocol'
/** measurement[,tag=value…] field=value[,…] [time]; a backslash keeps a comma, a space or an equals sign. */
const LINE =
  /^((?:\\.|[^\s,\\])+)((?:,(?:\\.|[^\s\\])*)?) ((?:\\.|"(?:\\.|[^"\\])*"|[^\s"\\])+)(?: (-?\d+))?\s*$/
const FIELD = /((?:\\.|[^,=\\])+)=("(?:\\.|[^"\\])*"|[^,]*)/g
const MOST_SERIES = 2000

/** InfluxDB's line protocol, as Telegraf writes it to a file. Times are nanoseconds unless their size says otherwise. */
export const lineProtocol: SeriesFormat = {
  id: FORMAT,
  label: 'InfluxDB line protocol',
  recognises(head) {
    const lines = head.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'))
    const whole = (lines.length > 1 ? lines.slice(0, -1) : lines).slice(0, 20)
    const fit = whole.filter((line) => {
      const match = LINE.exec(line)
      return match !== null && /=/.test(match[3]!) && match[4] !== undefined
    })
    return fit.length > 0 && fit.length >= 0.9 * whole.length
  },
  read: readLines,
}

function readLines(text: string, context: ImportContext): SeriesImport {
  const metrics = new Map<string, MetricSamples>()
  let lines = 0
  let bad = 0
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '' || line.startsWith('#')) continue
    lines++
    const match = LINE.exec(line)
    const stamp = Number(match?.[4] ?? Number.NaN)
    if (!match || !(stamp > 0)) {
      bad++
      continue
    }
    const perUnit = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 }[epochUnit(stamp)]
    for (const [, name, value] of match[3]!.matchAll(FIELD)) {
      const number = numberOf(value!)
      if (Number.isNaN(number)) continue
      const key = `${match[1]}${match[2]} ${name}`
      let one = metrics.get(key)
      if (!one) {
        if (metrics.size >= MOST_SERIES) continue
        one = newMetric(match[1]!, match[2]!, name!)
        metrics.set(key, one)
      }
      one.t.push(Math.round(stamp * perUnit))
      one.v.push(number)
    }
  }
  if (metrics.size === 0)
    throw new UserError('series/no-samples', { why: 'no line has both a time and a number.' })
  return assembleMetrics(FORMAT, metrics.values(), { lines, badLines: bad }, context)
}

/** `procstat memory_rss` is the RSS; a field whose name says nothing keeps its measurement's. */
function newMetric(measurement: string, tags: string, field: string): MetricSamples {
  const name = plain(field)
  const labels = [...tags.slice(1).matchAll(FIELD)].map(([, tag, value]) => [plain(tag!), plain(value!)])
  return {
    metric: meaningOf(name).known ? name : `${plain(measurement)}_${name}`,
    labels: Object.fromEntries(labels),
    t: new NumberColumn(),
    v: new NumberColumn(),
    // Telegraf's procstat writes bytes.
    ...(measurement === 'procstat' && /^memory_(?!usage)/.test(name) ? { toolUnit: 'bytes' as const } : {}),
  }
}

const plain = (text: string): string => text.replace(/\\(.)/g, '$1')

/** `12i` and `12u` are integers, `12.5` a float; strings and booleans are no samples. */
function numberOf(text: string): number {
  const match = /^(-?\d+)[iu]$/.exec(text)
  if (match) return Number(match[1])
  return /^-?[\d.]+(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
}
