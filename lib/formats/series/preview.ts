import { gaps } from '#lib/series/gaps'
import type { Phase } from '#lib/series/reading'
import { formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import type { ImportedSeries, SeriesImport, SeriesQuestion, SeriesRecipe, SeriesUnitName } from './format.ts'
import { numberIn } from './number-column.ts'

/** What people see and confirm before a file's series are stored. Plain JSON. */
export interface ImportPreview {
  /** The format as its users call it. */
  readonly format: string
  readonly zone: string
  readonly lines: number
  readonly badLines: number
  readonly series: readonly PreviewedSeries[]
  readonly phases: readonly Phase[]
  readonly questions: readonly SeriesQuestion[]
  readonly recipe: SeriesRecipe
}

export interface PreviewedSeries {
  readonly key: string
  readonly column: string
  readonly label: string
  readonly process: string
  readonly unit: SeriesUnitName
  readonly unitChoice: string
  readonly suggested: boolean
  readonly points: number
  readonly gaps: number
  /** Epoch milliseconds. */
  readonly from: number
  readonly to: number
  /** "63500" → "62.0 MiB": three cells as written and as understood. */
  readonly examples: readonly { readonly written: string; readonly means: string }[]
}

/** @param formatLabel as `SeriesFormat.label` */
export function previewOf(read: SeriesImport, formatLabel: string): ImportPreview {
  const { zone, lines, badLines, phases, questions, recipe } = read
  return {
    format: formatLabel,
    zone,
    lines,
    badLines,
    phases,
    questions,
    recipe,
    series: read.series.map(shown),
  }
}

function shown(one: ImportedSeries): PreviewedSeries {
  const { t } = one.samples
  const { key, column, label, process, unit, unitChoice, suggested } = one
  const examples = one.examples.map((written, i) => ({
    written,
    means: formatValue((one.exampleValues?.[i] ?? numberIn(written, true)) * one.factor, one.unit),
  }))
  return {
    ...{ key, column, label, process, unit, unitChoice, suggested, examples },
    points: t.length,
    gaps: gaps(t).length,
    from: t[0] ?? 0,
    to: t[t.length - 1] ?? 0,
  }
}

/** A value of a series for people: "62.0 MiB", "1,204", "0.97". */
export function formatValue(value: number, unit: SeriesUnitName): string {
  if (unit === 'bytes') return formatBytes(bytes(value))
  return unit === 'count' ? formatCount(value) : String(Number(value.toPrecision(3)))
}
