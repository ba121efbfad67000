import type { ImportedSeries } from '#lib/formats/series/format'
import { type LeakClock, leakClock } from '#lib/series/leak-clock'
import type { SeriesReading } from '#lib/series/reading'
import { counterFalls } from '#lib/series/restarts'
import { samplesBetween } from '#lib/series/samples'

/** Counts of work: what growth may follow. Page faults and processor time follow memory themselves, and explain nothing. */
const WORK: readonly (readonly [pattern: RegExp, one: string])[] = [
  [/request/i, 'request'],
  [/fail|error/i, 'failure'],
  [/iteration/i, 'iteration'],
  [/job/i, 'job'],
  [/reconnect|connect/i, 'connection'],
  [/gc[-_ ]?(count|runs)/i, 'GC run'],
  [/message|event/i, 'message'],
]

/** The file's cumulative counts of work of the same process. */
export const workCounters = (counters: readonly ImportedSeries[], process: string): ImportedSeries[] =>
  counters.filter((one) => one.process === process && wordFor(one) !== undefined)

const wordFor = ({ name, column }: ImportedSeries): string | undefined =>
  WORK.find(([pattern]) => pattern.test(name) || pattern.test(column))?.[1]

/** Moments at which a count of work fell: its process began anew. Epoch milliseconds. */
export const fallsOf = (counters: readonly ImportedSeries[]): number[] =>
  counters.flatMap(({ samples }) => counterFalls(samples))

/** What growth ticks with, in the longest life; null when nothing grew. */
export function clockOf(
  memory: ImportedSeries,
  counters: readonly ImportedSeries[],
  { reading, restarts, from, to }: SeriesReading,
): LeakClock | null {
  if (reading.kind !== 'growing' && reading.kind !== 'grew') return null
  const starts = [from, ...restarts.map(({ at }) => at)]
  const lives = starts.map((start, i) => samplesBetween(memory.samples, start, (starts[i + 1] ?? to + 1) - 1))
  const longest = lives.reduce((best, life) => (life.t.length > best.t.length ? life : best))
  const first = longest.t[0] ?? from
  const last = longest.t[longest.t.length - 1] ?? to
  return leakClock(
    longest,
    counters.map((counter) => ({
      name: counter.column,
      one: wordFor(counter) ?? 'count',
      samples: samplesBetween(counter.samples, first, last),
    })),
  )
}
