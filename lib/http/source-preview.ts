import type { PreviewedSource } from '#lib/formats/prometheus-range/preview'
import { formatValue } from '#lib/formats/series/preview'
import { meaningLabel } from '#lib/formats/series/quantities'
import { SOURCE_LIMITS } from '#lib/investigation/sources'
import type { MatrixSeries, SourceMatrix } from '#lib/jobs/source-matrix'
import { gaps } from '#lib/series/gaps'

/** More rows than this nobody chooses from. */
export const MOST_PREVIEWED = 200

/** How an answer reads. Ticked: metrics that we know, or all where none is known. Pure. */
export function previewedSeries(matrix: SourceMatrix): PreviewedSource[] {
  const isAnyKnown = matrix.series.some(({ guess }) => guess.isKnown)
  return matrix.series.map((one, index) =>
    shown(one, (one.guess.isKnown || !isAnyKnown) && index < SOURCE_LIMITS.series),
  )
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
