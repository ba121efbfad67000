import type { ChartSeries } from './chart-types.tsx'

const OTHERS = ['--p4', '--p2', '--p3', '--p1', '--p6', '--p5', '--p7', '--p8'] as const

/**
 * The CSS variable of a line's colour: memory of the process, memory of the runtime, then one after the other. Lines
 * also differ in their label; colour alone tells nothing.
 */
export function seriesColor(series: ChartSeries, all: readonly ChartSeries[]): string {
  const family = familyOf(series)
  const first = all.find((other) => familyOf(other) === family)
  if (family !== 'other' && first?.id === series.id) return family === 'process' ? '--native' : '--managed'
  const rest = all.filter((other) => {
    const of = familyOf(other)
    return of === 'other' || all.find((one) => familyOf(one) === of)?.id !== other.id
  })
  const at = Math.max(
    0,
    rest.findIndex((other) => other.id === series.id),
  )
  return OTHERS[at % OTHERS.length] ?? '--ink-3'
}

function familyOf({ name, unit }: ChartSeries): 'process' | 'runtime' | 'other' {
  if (unit !== 'bytes') return 'other'
  if (name === 'heap-live' || name === 'heap-committed') return 'runtime'
  return name === 'rss' || name === 'pss' || name === 'memory' ? 'process' : 'other'
}
