import type { ReadingKind, SegmentReading, SeriesReading } from '#lib/series/reading'

/**
 * What a script gets to know of a graph's form.
 * - `steady`: steady growth, through a day or more. `steady-so-far`: steady growth, seen for less than a day.
 * - `slowing`: rises, the second half much less than the first. `step`: jumps, flat between.
 * - `none`: no growth found. `undecided`: it rises, but growth and a slow warm-up fit alike.
 * - `insufficient`: too little independent data for any of these.
 */
export type Shape = 'steady' | 'steady-so-far' | 'slowing' | 'step' | 'none' | 'undecided' | 'insufficient'

/** Exit status of `leakroom judge`; 125 makes `git bisect run` skip the commit. */
export const JUDGEMENT = { noGrowth: 0, growth: 1, cannotTell: 125 } as const

/** Every word of the engine, once: what it is called in JSON, and what `judge` makes of it. */
export const SHAPES: Record<ReadingKind, { readonly shape: Shape; readonly exit: number }> = {
  growing: { shape: 'steady-so-far', exit: JUDGEMENT.growth },
  // Grew in a part of the range. That it stopped is in the verdict; a commit whose run grew has grown.
  grew: { shape: 'steady-so-far', exit: JUDGEMENT.growth },
  // Levels off: a warm-up, a cache that fills. Not growth that goes on.
  slowing: { shape: 'slowing', exit: JUDGEMENT.noGrowth },
  stepped: { shape: 'step', exit: JUDGEMENT.noGrowth },
  steady: { shape: 'none', exit: JUDGEMENT.noGrowth },
  'cannot-tell': { shape: 'undecided', exit: JUDGEMENT.cannotTell },
}

const DAY_MS = 24 * 3600_000
/** Worth fewer independent samples than this, a stretch says nothing (lib/series/segment.ts). */
const FEWEST_INDEPENDENT = 4

/** The shape of one stretch. */
export function segmentShape({ kind, from, to, independent }: SegmentReading): Shape {
  if (kind === 'growing' && to - from >= DAY_MS) return 'steady'
  if (kind === 'cannot-tell' && independent < FEWEST_INDEPENDENT) return 'insufficient'
  return SHAPES[kind].shape
}

/** The shape of a whole series: of its growing stretches if there are any, else of all. */
export function seriesShape({ reading, segments }: SeriesReading): Shape {
  const growing = segments.filter(({ kind }) => kind === 'growing').map(segmentShape)
  if (reading.kind === 'growing' || reading.kind === 'grew')
    return growing.includes('steady') ? 'steady' : SHAPES[reading.kind].shape
  if (reading.kind === 'cannot-tell')
    return segments.every((one) => segmentShape(one) === 'insufficient') ? 'insufficient' : 'undecided'
  return SHAPES[reading.kind].shape
}
