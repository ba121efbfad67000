import type { ChartSeries } from './chart-types.tsx'

/** What a switch stands for: a line, and whose it is. */
export interface ChipSeries extends ChartSeries {
  /** '' when there is only one. */
  readonly process: string
}

/** The lines of one process, the most telling ones apart from the others. */
export interface SeriesGroup<S extends ChipSeries = ChipSeries> {
  readonly process: string
  /** Shown always. */
  readonly first: readonly S[]
  /** Folded: memory, the runtime's heap, counts, in this order. Empty kinds are left out. */
  readonly more: readonly { readonly kind: SeriesKind; readonly series: readonly S[] }[]
}

export type SeriesKind = 'memory' | 'heap' | 'counts'
const KINDS: readonly SeriesKind[] = ['memory', 'heap', 'counts']

/** A process with more lines than this has some of them folded. */
const FEW = 4
const MOST_FIRST = 3

const TELLING = ['rss', 'memory', 'rss-anon', 'heap-live', 'heap-committed', 'pss', 'requests', 'failures']

/** 0 is the most telling. What is not named comes after what is, memory before counts. */
function rank({ name, unit }: ChipSeries): number {
  const at = TELLING.indexOf(name)
  return at >= 0 ? at : unit === 'bytes' ? TELLING.length : TELLING.length + 1
}

function kindOf({ name, unit }: ChipSeries): SeriesKind {
  if (/^(heap|malloc|external|array-?buffers|memsize)/.test(name)) return 'heap'
  return unit === 'bytes' ? 'memory' : 'counts'
}

/**
 * Groups the lines of a graph by process, in the order in which processes come. An agent sends about fourteen lines: RSS,
 * anonymous memory and the heap stand in front, the rest is folded. A line that is drawn is never folded. O(n log n).
 */
export function seriesGroups<S extends ChipSeries>(
  series: readonly S[],
  shown: ReadonlySet<string>,
): SeriesGroup<S>[] {
  const byProcess = new Map<string, S[]>()
  for (const one of series) byProcess.set(one.process, [...(byProcess.get(one.process) ?? []), one])
  return [...byProcess].map(([process, own]) => {
    const telling = new Set(
      own
        .toSorted((a, b) => rank(a) - rank(b))
        .slice(0, MOST_FIRST)
        .map(({ id }) => id),
    )
    const isFirst = ({ id }: S) => own.length <= FEW || telling.has(id) || shown.has(id)
    const folded = own.filter((one) => !isFirst(one))
    return {
      process,
      first: own.filter(isFirst),
      more: KINDS.flatMap((kind) => {
        const of = folded.filter((one) => kindOf(one) === kind)
        return of.length > 0 ? [{ kind, series: of }] : []
      }),
    }
  })
}
