import type { ExperimentFacts, RunFacts } from '#lib/hypotheses/check-experiment'
import type { PlaceFacts } from '#lib/hypotheses/check-place'
import type { GraphReading } from '#lib/series/read-graph'
import { READING_VERSION, type SegmentReading, type SeriesReading } from '#lib/series/reading'
import { PLACE_VERSION, type PlaceVerdict } from '#lib/series/where-it-grows'
import type { GrowthPlaces } from '#lib/series/where-it-grows-all'

export const ID = '00000000-0000-4000-8000-000000000001'

/** A reading of a graph from 0 to 1,000 s. */
export function graph(
  reading: Partial<SeriesReading['reading']>,
  segments: readonly Partial<SegmentReading>[] = [],
): GraphReading {
  return {
    perThousand: null,
    reading: {
      version: READING_VERSION,
      from: 0,
      to: 1_000_000,
      samples: 1000,
      restarts: [],
      uncountedFalls: 0,
      reachesLimit: null,
      segments: segments.map((segment) => ({
        from: 0,
        to: 1_000_000,
        life: 0,
        phase: null,
        samples: 1000,
        kind: 'steady',
        bytesPerHour: null,
        persistence: 1,
        independent: 50,
        warmUpMs: 0,
        season: null,
        jumps: [],
        decidableAt: null,
        endLevel: 1e8,
        noise: 1e4,
        words: '',
        ...segment,
      })),
      reading: { kind: 'growing', bytesPerHour: null, words: '', reasons: [], decidableAt: null, ...reading },
    },
  }
}

/** Where it grows. */
export const places = (
  place: Partial<PlaceVerdict>,
  rest: Partial<Pick<PlaceFacts, 'bands' | 'seriesId'> & GrowthPlaces> = {},
): PlaceFacts => {
  const { bands = 0, seriesId = ID, ...found } = rest
  return {
    seriesId,
    bands,
    from: 0,
    to: 1_000_000,
    places: {
      place: {
        version: PLACE_VERSION,
        place: 'native',
        share: null,
        words: '',
        reasons: [],
        wouldDecide: null,
        range: { from: 0, to: 1_000_000 },
        ...place,
      },
      clock: null,
      experiment: null,
      waterfall: null,
      ...found,
    },
  }
}

/** A run that grew by so many bytes per hour, and as many per iteration. */
export function run(condition: 'A' | 'B', value: number, given: Partial<RunFacts> = {}): RunFacts {
  const rate = { value, low: value - 1, high: value + 1 }
  return {
    condition,
    isCalibration: false,
    isExcluded: false,
    bytesPerHour: rate,
    bytesPerIteration: rate,
    ...given,
  }
}

export const experiment = (
  given: Partial<Omit<ExperimentFacts, 'conclusion'>> & {
    conclusion?: Partial<NonNullable<ExperimentFacts['conclusion']>> | null
  } = {},
): ExperimentFacts => ({
  id: ID,
  labelA: 'memcached stopped',
  labelB: 'running',
  runs: [],
  ...given,
  conclusion:
    given.conclusion === null
      ? null
      : {
          verdict: 'reproduced',
          words: 'Reproduced.',
          parity: null,
          runsLeft: 0,
          version: 1,
          ...given.conclusion,
        },
})
