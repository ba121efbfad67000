import { basename } from 'node:path'
import type { ImportedSeries } from '#lib/formats/series/format'
import { readSeries } from '#lib/series/read-series'
import type { Rate, ReadingKind, SegmentReading, SeriesReading } from '#lib/series/reading'
import type { Restart } from '#lib/series/restarts'
import { formatByteChange, formatBytes, formatCount, formatDuration } from '#lib/units/format'
import { type Bytes, bytes, milliseconds } from '#lib/units/quantity'
import { openSeries, type SeriesFileOptions } from './open-series.ts'
import { clockOf, fallsOf, workCounters } from './series-clock.ts'
import { JUDGEMENT, SHAPES, type Shape, segmentShape, seriesShape } from './series-shape.ts'
import { EXIT, type Terminal } from './terminal.ts'
import { plain, textTable } from './text-table.ts'

export interface SeriesOptions extends SeriesFileOptions {
  readonly json: boolean
  readonly limits: readonly Bytes[]
}

// The JSON of `leakroom series --json`: stable, for scripts. Sizes are bytes, moments milliseconds since 1970.

/** A stretch: a life of the process, cut further where a phase begins or where growth set in or stopped. */
export interface JsonSegment
  extends Pick<
    SegmentReading,
    | 'from'
    | 'to'
    | 'life'
    | 'phase'
    | 'samples'
    | 'bytesPerHour'
    | 'persistence'
    | 'independent'
    | 'warmUpMs'
    | 'season'
    | 'jumps'
    | 'decidableAt'
  > {
  readonly shape: Shape
  readonly verdict: string
}

/** One process of a file that has several. */
export interface JsonProcess {
  readonly series: string
  readonly process: string
  readonly shape: Shape
  readonly bytesPerHour: Rate | null
  readonly verdict: string
}

export interface JsonSeries {
  readonly file: string
  readonly format: string
  /** The column that was judged, and whose it is. */
  readonly series: string
  readonly process: string
  readonly samples: number
  readonly from: number
  readonly to: number
  readonly segments: readonly JsonSegment[]
  readonly restarts: readonly Restart[]
  readonly shape: Shape
  /** Does it still grow at the end of the file? */
  readonly growsAtEnd: boolean
  /** Of the growing stretches; where nothing grows, of the only stretch, for what would have shown. */
  readonly bytesPerHour: Rate | null
  /** The likely moment; null when nothing grows, no limit is given, or it is too far to tell. */
  readonly reachesLimitAt: number | null
  readonly reachesLimit: {
    readonly state: 'reached' | 'ahead' | 'too-far'
    readonly limitBytes: number
    readonly earliestAt: number | null
    readonly latestAt: number | null
    readonly words: string
  } | null
  /** The cumulative counter that growth follows; null when none clearly leads. */
  readonly clock: string | null
  /** What one of it costs, in bytes. */
  readonly clockCost: Rate | null
  readonly clockWords: string | null
  /** When more can be said if it goes on as it does; null when nothing is open or nobody can say when. */
  readonly decidableAt: number | null
  readonly verdict: string
  readonly reasons: readonly string[]
  /** What the file did not say, and what was taken for it. */
  readonly assumptions: readonly string[]
  /** The file's other processes. */
  readonly others: readonly JsonProcess[]
  readonly version: number
}

/** `leakroom series FILE`: what a memory graph does, at what rate, and when it meets a limit. @throws UserError */
export async function series(file: string, options: SeriesOptions, terminal: Terminal): Promise<number> {
  const { answer } = await readFile(file, options)
  terminal.out(options.json ? JSON.stringify(answer, null, 2) : text(answer))
  return EXIT.done
}

/**
 * `leakroom judge FILE`: the same as an exit status for `git bisect run`: 0 no growth, 1 growth, 125 cannot tell. Of
 * several processes one that grows is enough; without one, a single "cannot tell" is.
 * @throws UserError
 */
export async function judge(file: string, options: SeriesOptions, terminal: Terminal): Promise<number> {
  const { answer, kinds } = await readFile(file, options)
  terminal.out(options.json ? JSON.stringify(answer, null, 2) : `${answer.shape}: ${plain(answer.verdict)}`)
  for (const { process, shape, verdict } of options.json ? [] : answer.others)
    terminal.out(`${plain(process)}: ${shape}: ${plain(verdict)}`)
  for (const words of answer.assumptions) terminal.err(plain(words))
  return judgementOf(kinds)
}

/** The exit status for what the processes of a file do. */
export function judgementOf(kinds: readonly ReadingKind[]): number {
  const exits = kinds.map((kind) => SHAPES[kind].exit)
  const { growth, cannotTell, noGrowth } = JUDGEMENT
  return [growth, cannotTell].find((exit) => exits.includes(exit)) ?? noGrowth
}

interface Read {
  readonly one: ImportedSeries
  readonly reading: SeriesReading
}

async function readFile(
  file: string,
  options: SeriesOptions,
): Promise<{ answer: JsonSeries; kinds: readonly ReadingKind[] }> {
  const { read, memory, counters, assumptions } = await openSeries(file, options)
  const limits = options.limits.map((limit) => ({ label: 'The limit', bytes: limit }))
  const all = memory
    .map((one): Read => {
      const work = workCounters(counters, one.process)
      const question = { limits, phases: read.phases, counterFalls: fallsOf(work), measure: one.name }
      return { one, reading: readSeries(one.samples, question) }
    })
    .sort(mostTellingFirst)
  const [{ one, reading }, ...others] = all as [Read, ...Read[]] // reason: openSeries gives one or throws
  const forecast = reading.reachesLimit
  const at = (ms: number | null): number | null => (ms === null ? null : Math.round(reading.to + ms))
  const ahead = forecast?.state === 'ahead' ? forecast.inMs : undefined
  const clock = clockOf(one, workCounters(counters, one.process), reading)
  const answer: JsonSeries = {
    file,
    format: read.format,
    series: one.column,
    process: one.process,
    samples: reading.samples,
    from: reading.from,
    to: reading.to,
    segments: reading.segments.map(jsonSegment),
    restarts: reading.restarts,
    shape: seriesShape(reading),
    growsAtEnd: reading.reading.kind === 'growing',
    bytesPerHour: rateOf(reading),
    reachesLimitAt: ahead ? at(ahead.likely) : null,
    reachesLimit: forecast && {
      state: forecast.state,
      limitBytes: forecast.limit.bytes,
      earliestAt: ahead ? at(ahead.earliest) : null,
      latestAt: ahead ? at(ahead.latest) : null,
      words: forecast.words,
    },
    clock: clock?.best?.name ?? null,
    clockCost: clock?.cost ?? null,
    clockWords: clock?.words ?? null,
    decidableAt: reading.reading.decidableAt,
    verdict: reading.reading.words,
    reasons: reading.reading.reasons,
    assumptions,
    others: others.map((other) => ({
      series: other.one.column,
      process: other.one.process,
      shape: seriesShape(other.reading),
      bytesPerHour: rateOf(other.reading),
      verdict: other.reading.reading.words,
    })),
    version: reading.version,
  }
  return { answer, kinds: all.map((each) => each.reading.reading.kind) }
}

const MOST_TELLING: readonly number[] = [JUDGEMENT.growth, JUDGEMENT.cannotTell, JUDGEMENT.noGrowth]

/** What grows comes first, then what cannot be told; among equals the highest rate, then the largest. */
function mostTellingFirst(a: Read, b: Read): number {
  const rank = ({ reading }: Read): number => MOST_TELLING.indexOf(SHAPES[reading.reading.kind].exit)
  const rate = ({ reading }: Read): number => reading.reading.bytesPerHour?.value ?? 0
  const size = ({ reading }: Read): number => reading.segments.at(-1)?.endLevel ?? 0
  return rank(a) - rank(b) || rate(b) - rate(a) || size(b) - size(a)
}

/** What grows has its rate; what is one stretch has that stretch's, so that a script sees what would have shown. */
function rateOf({ reading, segments }: SeriesReading): Rate | null {
  if (reading.bytesPerHour !== null) return reading.bytesPerHour
  // A line through jumps means nothing.
  return segments.length === 1 && reading.kind !== 'stepped' ? segments[0]!.bytesPerHour : null
}

function jsonSegment(segment: SegmentReading): JsonSegment {
  const { kind: _, endLevel: _level, noise: _noise, words, ...rest } = segment
  return { ...rest, shape: segmentShape(segment), verdict: words }
}

function text(answer: JsonSeries): string {
  const { file, series: column, process, samples, from, to, restarts } = answer
  const whose = process ? ` of ${process}` : ''
  const span = formatDuration(milliseconds(to - from))
  const parts = [
    plain(
      `${basename(file)}: ${column}${whose}, ${formatCount(samples)} samples through ${span}, ${restarts.length === 1 ? '1 restart' : `${restarts.length} restarts`}`,
    ),
    plain(answer.verdict),
    ...(answer.reachesLimit ? [plain(answer.reachesLimit.words)] : []),
    ...(answer.clock && answer.clockWords ? [plain(answer.clockWords)] : []),
    textTable(
      [
        {
          title: 'From',
          align: 'right',
          text: (row: JsonSegment) => formatDuration(milliseconds(row.from - from)),
        },
        { title: 'For', align: 'right', text: (row) => formatDuration(milliseconds(row.to - row.from)) },
        { title: 'Life', align: 'right', text: (row) => String(row.life + 1) },
        { title: 'Phase', widest: 30, text: (row) => row.phase ?? '' },
        { title: 'Samples', align: 'right', text: (row) => formatCount(row.samples) },
        { title: 'Shape', text: (row) => row.shape },
        {
          title: 'Rate',
          align: 'right',
          text: (row) => (row.bytesPerHour ? rate(row.bytesPerHour.value) : ''),
        },
        {
          title: '95 %',
          text: ({ bytesPerHour: r }) => (r ? `${rate(r.low)} to ${rate(r.high)}` : ''),
        },
      ],
      answer.segments,
    ),
    ...answer.others.map(({ process: other, verdict }) => plain(`${other}: ${verdict}`)),
    ...answer.assumptions.map(plain),
  ]
  return parts.join('\n\n')
}

const rate = (value: number): string =>
  value === 0 ? formatBytes(bytes(0)) : `${formatByteChange(bytes(value))}/h`
