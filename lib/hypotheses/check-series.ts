import { oneOf, tellsRestarts } from '#lib/series/counters'
import type { GraphReading } from '#lib/series/read-graph'
import type { SegmentReading, SeriesReading } from '#lib/series/reading'
import {
  beside,
  finding,
  type Measured,
  NARROWER,
  rangeEvidence,
  rateWords,
  untested,
} from './check-bounds.ts'
import type { CheckFinding, PredicateOf } from './checks.ts'

/** One memory graph as it was read. */
export interface GraphFacts {
  readonly seriesId: string
  /** Null when the graph is gone or holds no memory. */
  readonly graph: GraphReading | null
  /** The counter began anew, or fell, in the stretch that its cost is about: it does not count that process's work. */
  readonly isCounterBroken?: boolean
}

/** May a series of this name be a cumulative count of work? "heap-live-slots" and the like are how many there are now. */
export const isCounter = (name: string): boolean =>
  name === 'iterations' || oneOf(name) !== undefined || tellsRestarts(name)

const GONE = untested('The memory graph is gone.', 'Its samples. Change the check to another graph.')

/** "RSS shop grows by more than 10 MiB/h". Pure. */
export function checkRate(
  { side, bytesPerHour }: PredicateOf<'rate'>,
  { seriesId, graph }: GraphFacts,
): CheckFinding {
  if (graph === null) return GONE
  const { reading } = graph
  const rest = { methods: [`reading ${reading.version}`], evidence: evidenceOf(seriesId, reading) }
  const undecided = whyUndecided(reading)
  if (undecided) return untested(undecided.words, undecided.missing, { ...rest, decidableAt: undecided.at })
  const { kind } = reading.reading
  const rate = kind === 'steady' ? lastSteady(reading)?.bytesPerHour : reading.reading.bytesPerHour
  if (!rate) return untested('No rate can be told from these samples.', 'A longer stretch.', rest)
  const state = beside(rate, side, bytesPerHour)
  const words = `${KIND_WORDS[kind]}: ${rateWords(rate, '/h')}.`
  return finding(state, words, { ...rest, missing: state === 'untested' ? NARROWER : null })
}

/** "RSS shop grows by more than 1 KiB per 1,000 of Requests". Pure. */
export function checkPerThousand(
  { side, bytes }: PredicateOf<'per-thousand'>,
  { seriesId, graph, isCounterBroken }: GraphFacts,
): CheckFinding {
  if (graph === null) return GONE
  const { reading, perThousand } = graph
  const methods = [`reading ${reading.version}`]
  const rest = { methods, evidence: evidenceOf(seriesId, reading) }
  const undecided = whyUndecided(reading)
  if (undecided) return untested(undecided.words, undecided.missing, { ...rest, decidableAt: undecided.at })
  if (perThousand === null)
    return untested(
      'Nothing grows steadily here, so there is nothing to divide.',
      'A stretch in which it grows.',
      rest,
    )
  const told = { methods, evidence: rangeEvidence(seriesId, perThousand.from, perThousand.to) }
  if (isCounterBroken)
    return untested(
      'The counter falls while memory grows: it is no count of this process’s work since it began.',
      'A counter that only rises: requests, jobs, failures.',
      told,
    )
  switch (perThousand.state) {
    case 'too-few':
      return untested('Hardly anything was counted while it grew.', 'At least 1,000 counted.', told)
    case 'too-even':
      return untested(
        'The counter rose so evenly that growth per one and growth per hour are the same line.',
        'A stretch in which the load changes.',
        told,
      )
    case 'cannot-tell':
      return untested('What a thousand cost cannot be told yet.', 'A longer stretch.', told)
    case 'told': {
      const state = beside(perThousand, side, bytes)
      const words = `${rateWords(perThousand, ' per 1,000')} while it grew.`
      return finding(state, words, { ...told, missing: state === 'untested' ? NARROWER : null })
    }
  }
}

const KIND_WORDS: Record<SeriesReading['reading']['kind'], string> = {
  growing: 'It grows',
  grew: 'While it grew, which it does not at the end',
  steady: 'No growth was found',
  slowing: 'It slows down',
  stepped: 'It grows in steps',
  'cannot-tell': 'It cannot be told',
}

/** A reading that is open, or whose growth has no one rate; null when a rate may be taken from it. */
function whyUndecided({
  reading,
  samples,
}: SeriesReading): { words: string; missing: string; at: number | null } | null {
  if (samples === 0)
    return { words: 'There are no samples.', missing: 'Samples of this memory graph.', at: null }
  switch (reading.kind) {
    case 'cannot-tell':
      return {
        words: 'It cannot be told yet whether it grows.',
        missing: 'More samples of this memory graph.',
        at: reading.decidableAt,
      }
    case 'slowing':
    case 'stepped':
      return {
        words: `${KIND_WORDS[reading.kind]}: no one rate describes it.`,
        missing: 'A stretch in which it grows evenly, or is steady.',
        at: null,
      }
    default:
      return null
  }
}

/** The stretch that `steady` is said of: the last that could be judged. */
const lastSteady = ({
  segments,
}: SeriesReading): (SegmentReading & { bytesPerHour: Measured | null }) | undefined =>
  segments.findLast(({ kind }) => kind !== 'cannot-tell')

const evidenceOf = (seriesId: string, { from, to }: SeriesReading) => rangeEvidence(seriesId, from, to)
