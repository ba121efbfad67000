import type { Tone } from '#components/ui/pill'
import type { LimitRow, SeriesRow } from '#lib/investigation/rows'
import type { GraphReading } from '#lib/series/read-graph'
import type { Rate, ReadingKind, SeriesReading } from '#lib/series/reading'
import type { Place } from '#lib/series/where-it-grows'
import type { GrowthPlaces } from '#lib/series/where-it-grows-all'
import { formatByteChange, formatBytes, formatDuration } from '#lib/units/format'
import { bytes, milliseconds } from '#lib/units/quantity'
import { clock, day, sameDay } from './clock-time.tsx'

/** One field of the strip. Without a value it says what would make one appear. */
export interface Reading {
  readonly name: string
  readonly value: string | null
  readonly tone: Tone
  readonly more: string
  /** What a click does about a missing value. */
  readonly offer?: 'attach' | 'limit' | 'snapshots' | 'experiment'
  /** A click on the value shows what it rests on. */
  readonly opens?: 'place' | 'reading' | 'experiment'
}

/** Growth per thousand of what `counter` counts. */
export type PerThousandRead = NonNullable<GraphReading['perThousand']> & { readonly counter: string }

export interface ReadingFacts {
  /** Of the series that speaks for the room, over the range that is looked at. */
  readonly main: {
    readonly label: string
    readonly reading: SeriesReading | null
    readonly perThousand?: PerThousandRead | null | undefined
  } | null
  /** The same for a series of the managed heap, if there is one. */
  readonly heap: { readonly label: string; readonly reading: SeriesReading | null } | null
  /** Where it grows; absent for graphs that are no resident memory, and until the answer is there. */
  readonly places?: GrowthPlaces | null | undefined
  readonly series: readonly SeriesRow[]
  readonly limits: readonly LimitRow[]
  readonly captures: number
  /** What the room's experiments say; absent: there are none. */
  readonly reproduced?: Reading | undefined
  /** The first answer is on its way. */
  readonly isLoading?: boolean
}

const NAMES = ['Shape', 'Rate', 'Reaches the limit', 'Where it grows', 'Reproduced'] as const
const SHAPES: Record<ReadingKind, { words: string; tone: Tone }> = {
  growing: { words: 'Growing so far', tone: 'growth' },
  slowing: { words: 'Slows down', tone: 'warm' },
  stepped: { words: 'Grew in steps', tone: 'warm' },
  grew: { words: 'Grew, then stopped', tone: 'warm' },
  steady: { words: 'Steady', tone: 'steady' },
  'cannot-tell': { words: 'Cannot tell yet', tone: 'neutral' },
}

/** "+1.2 GiB/h" */
export const rateWords = (bytesPerHour: number): string => `${formatByteChange(bytes(bytesPerHour))}/h`

/** One digit more than the rate itself: an interval that reads "2.2 to 2.2" says nothing. */
const intervalWords = ({ low, high }: Rate): string =>
  `95 %: ${formatByteChange(bytes(low), 2)} to ${formatByteChange(bytes(high), 2)}/h`

/** "at 18:40", or "on Tue, 24 Nov at 18:40" when that is not the day of the last sample, in the reader's zone. */
const moment = (at: number, last: number): string =>
  `${sameDay(at, last) ? '' : `on ${day(at)} `}at ${clock(at)}`

/** The five fields of the strip, in order. Pure. */
export function readings(facts: ReadingFacts): readonly Reading[] {
  const reproduced = facts.reproduced ?? NO_EXPERIMENT
  if (facts.isLoading)
    return NAMES.map((name) => (name === reproduced.name ? reproduced : missing(name, 'Reading the graph…')))
  return [shape(facts), rate(facts), limit(facts), place(facts), reproduced]
}

const missing = (name: string, more: string, offer?: Reading['offer']): Reading => ({
  name,
  value: null,
  tone: 'neutral',
  more,
  offer,
})

function shape({ main }: ReadingFacts): Reading {
  const name = 'Shape'
  if (!main?.reading)
    return missing(name, 'Attach a memory graph: a CSV, ps, pidstat or Prometheus.', 'attach')
  const { reading, from, to, restarts } = main.reading
  const { words, tone } = SHAPES[reading.kind]
  const lives =
    restarts.length === 0 ? 'no restart' : restarts.length === 1 ? '1 restart' : `${restarts.length} restarts`
  const span = formatDuration(milliseconds(to - from))
  const seen = `${main.label} · ${span}, ${lives}`
  if (reading.kind === 'cannot-tell') {
    const again = reading.decidableAt === null ? '' : `Come back ${moment(reading.decidableAt, to)}. `
    return { name, value: words, tone, more: `${again}${reading.words}`, opens: 'reading' }
  }
  const more =
    reading.decidableAt === null
      ? seen
      : `${seen} · a daily cycle is excluded ${moment(reading.decidableAt, to)}`
  return { name, value: words, tone, more, opens: 'reading' }
}

/** "+412.0 KiB per 1,000 requests (380.2 to 450.1 KiB)"; what cannot be told is left to the evidence. */
export const perThousandWords = (cost: PerThousandRead | null | undefined): string | null =>
  cost?.state === 'told'
    ? `${formatByteChange(bytes(cost.value))} per 1,000 ${cost.counter.toLowerCase()} (95 %: ${formatByteChange(bytes(cost.low), 2)} to ${formatByteChange(bytes(cost.high), 2)})`
    : null

function rate({ main }: ReadingFacts): Reading {
  const name = 'Rate'
  if (!main?.reading) return missing(name, 'Appears with a memory graph.')
  const { bytesPerHour, kind } = main.reading.reading
  if (bytesPerHour) {
    const cost = perThousandWords(main.perThousand)
    const more = [intervalWords(bytesPerHour), ...(cost === null ? [] : [cost])].join(' · ')
    return { name, value: rateWords(bytesPerHour.value), tone: 'neutral', more, opens: 'reading' }
  }
  return missing(
    name,
    kind === 'steady'
      ? 'Nothing grows in this range.'
      : 'No rate can be told from this range. Show a longer one, or brush a part of it.',
  )
}

function limit({ main, limits }: ReadingFacts): Reading {
  const name = 'Reaches the limit'
  if (limits.length === 0)
    return missing(name, 'Add a limit line: the machine’s memory, or the container’s.', 'limit')
  const forecast = main?.reading?.reachesLimit
  if (!forecast)
    return missing(
      name,
      main?.reading ? 'Nothing grows at the end of this range.' : 'Appears with a memory graph.',
    )
  const at = `${forecast.limit.label} ${formatBytes(bytes(forecast.limit.bytes))}`
  if (forecast.state === 'reached')
    return { name, value: 'Reached', tone: 'growth', more: at, opens: 'reading' }
  if (forecast.state === 'too-far') return missing(name, forecast.words)
  const { likely, earliest, latest } = forecast.inMs
  const end = latest === null ? 'perhaps never' : formatDuration(milliseconds(latest))
  return {
    name,
    value: `in ${formatDuration(milliseconds(likely))}`,
    tone: 'neutral',
    more: `${at} · ${formatDuration(milliseconds(earliest))} to ${end}`,
    opens: 'reading',
  }
}

const PLACES: Record<Exclude<Place, 'no-growth'>, { words: string; tone: Tone }> = {
  managed: { words: 'Managed heap', tone: 'managed' },
  native: { words: 'Outside the heap', tone: 'native' },
  fragmentation: { words: 'Outside, slowing', tone: 'warm' },
  'file-backed': { words: 'Files, shared', tone: 'steady' },
  mixed: { words: 'Both sides', tone: 'warm' },
  'cannot-tell': { words: 'Cannot tell yet', tone: 'neutral' },
}

/** The verdict on the slopes; for other graphs than resident memory two measured rates side by side. */
function place(facts: ReadingFacts): Reading {
  const name = 'Where it grows'
  const { places } = facts
  if (!places) return ratesSideBySide(facts)
  const { place: verdict, clock: follows, waterfall } = places
  if (verdict.place === 'no-growth') return missing(name, 'Nothing grows steadily in this range.')
  const { words, tone } = PLACES[verdict.place]
  const { share } = verdict
  const isSure = verdict.place !== 'cannot-tell'
  const percent = (part: number) => Math.round(100 * part)
  const parts = [
    ...(isSure && share && share.low < share.high
      ? [`${percent(share.low)} to ${percent(share.high)} %`]
      : []),
    ...(follows?.best ? [`follows ${follows.best.name}`] : []),
    ...(waterfall && isSure ? [`unexplained ${formatByteChange(bytes(waterfall.unexplained))}`] : []),
    ...(isSure ? [] : [verdict.wouldDecide ?? verdict.words]),
  ]
  return {
    name,
    value: isSure && share ? `${words}, ${percent(share.value)} %` : words,
    tone,
    more: parts.join(' · '),
    opens: 'place',
  }
}

function ratesSideBySide({ main, heap, captures }: ReadingFacts): Reading {
  const name = 'Where it grows'
  const total = main?.reading?.reading.bytesPerHour
  if (!main?.reading || !total)
    return missing(
      name,
      captures >= 2
        ? 'See Growth for the captures. Beside the graph it appears when RSS grows.'
        : 'Appears when RSS grows and a series of the managed heap stands beside it.',
      captures >= 2 ? undefined : 'attach',
    )
  if (!heap?.reading)
    return missing(
      name,
      `Add a series of the managed heap beside ${main.label}, over the same time.`,
      'attach',
    )
  const inside = heap.reading.reading
  return {
    name,
    value: inside.bytesPerHour
      ? `Heap ${rateWords(inside.bytesPerHour.value)}`
      : `Heap: ${SHAPES[inside.kind].words.toLowerCase()}`,
    tone: 'native',
    more: `${main.label} ${rateWords(total.value)} in the same range`,
  }
}

const NO_EXPERIMENT = missing(
  'Reproduced',
  'Needs runs of one command under two conditions, with memory recorded for each.',
  'experiment',
)

/** The series of the managed heap that stands beside the main one: of the same process if possible. */
export function heapSeries(series: readonly SeriesRow[], mainId: string | null): SeriesRow | undefined {
  const main = series.find((row) => row.id === mainId)
  const heaps = series.filter(
    (row) => row.unit === 'bytes' && row.id !== mainId && row.name.startsWith('heap'),
  )
  return heaps.find((row) => row.process === main?.process) ?? heaps[0]
}
