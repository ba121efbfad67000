import { UserError } from '#lib/errors/user-error'
import type { ImportContext, SeriesFormat, SeriesImport } from '../series/format.ts'
import { assembleMetrics, type MetricSamples } from '../series/metrics.ts'
import { NumberColumn } from '../series/number-column.ts'
import { epochUnit } from '../series/times.ts'

const FORMAT = 'prometheus-text'
const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const SAMPLE = new RegExp(`^(${NAME})(\\{.*\\})?\\s+(\\S+)(?:\\s+(-?[\\d.eE+]+))?\\s*(?:#.*)?$`)
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g

/**
 * Prometheus text exposition with timestamps: milliseconds in Prometheus's own format, seconds in OpenMetrics. The
 * two are told apart by the size of the number, not by the `# EOF` that a cut file lacks.
 */
export const prometheusText: SeriesFormat = {
  id: FORMAT,
  label: 'Prometheus text exposition',
  recognises(head) {
    if (/^# (HELP|TYPE|UNIT) /m.test(head)) return true
    const lines = head.split(/\r?\n/).filter((line) => line.trim() !== '')
    const whole = (lines.length > 1 ? lines.slice(0, -1) : lines).slice(0, 20)
    return (
      whole.length > 0 &&
      whole.every((line) => line.startsWith('#') || /\{.*="/.test(line)) &&
      SAMPLE.test(whole.find((line) => !line.startsWith('#')) ?? '')
    )
  },
  read: readExposition,
}

function readExposition(text: string, context: ImportContext): SeriesImport {
  const metrics = new Map<string, MetricSamples>()
  let lines = 0
  let bad = 0
  let untimed = 0
  for (const line of text.split(/\r?\n/)) {
    if (line === '' || line.startsWith('#')) continue
    lines++
    const match = SAMPLE.exec(line)
    const value = match ? numberOf(match[3]!) : Number.NaN
    if (!match || Number.isNaN(value)) {
      bad++
      continue
    }
    if (match[4] === undefined) {
      untimed++
      continue
    }
    const stamp = Number(match[4])
    const key = match[1]! + (match[2] ?? '')
    let one = metrics.get(key)
    if (!one) {
      one = {
        metric: match[1]!,
        labels: labelsOf(match[2] ?? ''),
        t: new NumberColumn(),
        v: new NumberColumn(),
      }
      metrics.set(key, one)
    }
    one.t.push(Math.round(epochUnit(stamp) === 's' ? stamp * 1000 : stamp))
    one.v.push(value)
  }
  if (metrics.size === 0 && untimed > 0) {
    throw new UserError('series/no-samples', {
      why: 'the lines carry no times; one scrape is a single moment, and a graph needs many.',
    })
  }
  return assembleMetrics(FORMAT, metrics.values(), { lines, badLines: bad + untimed }, context)
}

/** Infinities and NaN (a stale marker among them) are not samples of memory. */
function numberOf(text: string): number {
  const value = Number(text)
  return Number.isFinite(value) ? value : Number.NaN
}

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  for (const [, name, value] of text.matchAll(LABEL)) {
    labels[name!] = value!.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
  }
  return labels
}
