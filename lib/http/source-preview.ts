import type { PreviewedSource } from '#lib/formats/prometheus-range/preview'
import { formatValue } from '#lib/formats/series/preview'
import { meaningLabel, meaningOf } from '#lib/formats/series/quantities'
import { SOURCE_LIMITS } from '#lib/investigation/sources'
import type { MatrixSeries, SourceMatrix } from '#lib/jobs/source-matrix'
import { gaps } from '#lib/series/gaps'

/** More rows than this nobody chooses from. */
export const MOST_PREVIEWED = 200

/** How the answer to a query reads. Ticked: metrics that we know, or all where none is known. Pure. */
export function previewedSeries(matrix: SourceMatrix, query: string): PreviewedSource[] {
  const ofQuery = meaningOfQuery(query)
  const series = matrix.series.map((one) =>
    one.metric === NAMELESS && ofQuery ? { ...one, guess: { ...one.guess, ...ofQuery } } : one,
  )
  const isAnyKnown = series.some(({ guess }) => guess.isKnown)
  return series.map((one, index) =>
    shown(one, (one.guess.isKnown || !isAnyKnown) && index < SOURCE_LIMITS.series),
  )
}

/** What the result of an expression is called, which has lost its metric's name (lib/formats/prometheus-range/matrix.ts). */
const NAMELESS = 'value'
const IN_BYTES = { unit: 'bytes', unitChoice: 'bytes', factor: 1, isKnown: true } as const
/** Their result is in other units than what they are of. */
const CHANGES_UNIT =
  /\b(i?rate|increase|i?delta|deriv|changes|resets|count|count_values|count_over_time|absent|group|stddev|stdvar|bool)\b|[/*%^<>=]/

/** What an expression measures, by the metrics in it: a sum or a maximum of memory is memory. Undefined: nobody can tell. */
function meaningOfQuery(query: string) {
  const bare = query.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '').replace(/\{[^}]*\}|\[[^\]]*\]/g, '')
  const metrics = bare.match(/\b[a-zA-Z_:][\w:]*_bytes\b/g)
  if (!metrics || CHANGES_UNIT.test(bare)) return undefined
  const [first, ...others] = metrics.map(meaningOf)
  if (first?.known && others.every(({ name }) => name === first.name)) {
    return { name: first.name, label: first.label, ...IN_BYTES }
  }
  const name = /node_memory_MemTotal_bytes\s*-/.test(bare) ? 'host-used' : 'memory'
  return { name, label: meaningLabel(name) ?? name, ...IN_BYTES }
}

function shown({ key, guess, samples, metric }: MatrixSeries, suggested: boolean): PreviewedSource {
  const { name, process, unit, unitChoice, factor } = guess
  const { t, v } = samples
  const examples = [0, Math.floor(v.length / 2), v.length - 1].filter((at, i, all) => all.indexOf(at) === i)
  return {
    ...{ key, name, process, unit, unitChoice, suggested },
    column: metric,
    label: meaningLabel(name) ?? guess.label,
    points: t.length,
    gaps: gaps(t).length,
    from: t[0] ?? 0,
    to: t[t.length - 1] ?? 0,
    examples: examples.map((at) => ({ written: String(v[at]), means: formatValue(v[at]! * factor, unit) })),
  }
}
