import { formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { basisOf } from './basis.ts'
import { blockCount } from './blocks.ts'
import { type Samples, samplesBetween } from './samples.ts'
import { lagOneCorrelation, studentQuantile } from './statistics.ts'
import { commonBlocks } from './where-it-grows-blocks.ts'

/** A cumulative counter of the same process: requests, failures, reconnects, … */
export interface ClockCounter {
  readonly name: string
  /** One of it, in words: "failed write". */
  readonly one: string
  readonly samples: Samples
}

/** Which counter growth follows. Plain JSON. */
export interface LeakClock {
  /** Null: none leads clearly, and `words` says why. */
  readonly best: { readonly name: string; readonly one: string } | null
  /** How far the best leads the next, in the information criterion. */
  readonly lead: number | null
  /** Bytes that one costs, with the 95 % interval. */
  readonly cost: { readonly value: number; readonly low: number; readonly high: number } | null
  /** All that were compared, the best first; the criterion relative to the best. */
  readonly ranking: readonly { readonly name: string; readonly behind: number }[]
  readonly words: string
}

/** How far the best has to lead. */
const LEAD = 6
const FEWEST_BLOCKS = 12
/** A counter that moved in fewer blocks than this is an event, not a clock. */
const FEWEST_MOVES = 6
const MOST_AUTOCORRELATION = 0.9
const TIME = 'time'

/**
 * Growth ticks with what? A line of the blocks of memory on each counter, with neighbours decorrelated by one coefficient for
 * all, and n·ln of what each leaves compared. Silent unless the best leads by more than six. `rss` is one life of the
 * process: a counter that falls in it is left out. Time is always compared. `over`: the stretch in which memory grows, epoch
 * milliseconds; the cost is measured there, because what memory does before (a warm-up, a dump that was taken) bends a line
 * through all of the life.
 */
export function leakClock(
  rss: Samples,
  counters: readonly ClockCounter[],
  over?: { readonly from: number; readonly to: number },
): LeakClock {
  const n = rss.t.length
  if (n === 0) return silent('There is no memory graph.')
  const from = Math.max(rss.t[0]!, ...counters.map(({ samples }) => samples.t[0] ?? rss.t[0]!))
  const to = Math.min(
    rss.t[n - 1]!,
    ...counters.map(({ samples }) => samples.t[samples.t.length - 1] ?? rss.t[n - 1]!),
  )
  const { t, columns } = commonBlocks(
    [{ samples: rss }, ...counters.map(({ samples }) => ({ samples }))],
    from,
    to,
    blockCount(n, to - from),
  )
  if (counters.length === 0) return silent('No counter of the process stands beside its memory.')
  if (t.length < FEWEST_BLOCKS) return silent('Memory and counters were hardly measured at the same times.')
  const clocks = [
    { name: TIME, one: 'hour', values: hoursOf(t) },
    ...counters.map(({ name, one }, i) => ({ name, one, values: columns[i + 1]! })),
  ].filter(({ values }) => isClock(values))
  const memory = columns[0]!
  const rho = commonCorrelation(
    memory,
    clocks.map(({ values }) => values),
  )
  const flat = lineOn(memory, undefined, rho)
  const ranked = clocks
    .map((clock) => ({ ...clock, ...lineOn(memory, clock.values, rho) }))
    .filter(({ slope }) => slope > 0)
    .sort((a, b) => a.criterion - b.criterion)
  const first = ranked[0]
  if (!first || flat.criterion - first.criterion < LEAD) return silent('Memory follows no counter here.')
  const ranking = ranked.map(({ name, criterion }) => ({ name, behind: criterion - first.criterion }))
  const lead = ranking[1]?.behind
  if (lead === undefined)
    return { ...silent('Only one counter moved: there is nothing to compare it with.'), ranking }
  if (lead <= LEAD)
    return {
      ...silent(
        `${first.name} and ${ranking[1]!.name} explain the growth about equally well: too even to tell apart.`,
      ),
      ranking,
    }
  const within = over && costOver(rss, counters.find(({ name }) => name === first.name)?.samples, over)
  const cost = within ?? costOf(first)
  return {
    best: { name: first.name, one: first.one },
    lead,
    cost,
    ranking,
    words: `Follows ${first.name}: ${amount(cost.value)} per ${first.one} (95 %: ${amount(cost.low)} to ${amount(cost.high)}), not ${ranking[1]!.name}.`,
  }
}

const costOf = ({ slope, reach }: { readonly slope: number; readonly reach: number }) => ({
  value: slope,
  low: slope - reach,
  high: slope + reach,
})

/** What one of a counter (of an hour, without one) costs in a stretch; undefined when that is too short to say. */
function costOver(
  rss: Samples,
  counter: Samples | undefined,
  { from, to }: { readonly from: number; readonly to: number },
): LeakClock['cost'] | undefined {
  const count = blockCount(samplesBetween(rss, from, to).t.length, to - from)
  const asked = [{ samples: rss }, ...(counter ? [{ samples: counter }] : [])]
  const { t, columns } = commonBlocks(asked, from, to, count)
  const memory = columns[0]!
  const values = columns[1] ?? hoursOf(t)
  if (t.length < FEWEST_BLOCKS || !isClock(values)) return undefined
  const line = lineOn(memory, values, commonCorrelation(memory, [values]))
  return line.slope > line.reach ? costOf(line) : undefined
}

const hoursOf = (t: Float64Array): Float64Array => t.map((at) => (at - t[0]!) / 3600_000)

/** Small costs in whole bytes, because people compare them with sizes in the source. */
const amount = (cost: number): string =>
  Math.abs(cost) < 16_384 ? `${formatCount(cost)} B` : formatBytes(bytes(Math.max(0, cost)))

const silent = (words: string): LeakClock => ({ best: null, lead: null, cost: null, ranking: [], words })

function isClock(values: Float64Array): boolean {
  let moves = 0
  for (let i = 1; i < values.length; i++) {
    if (values[i]! < values[i - 1]!) return false
    if (values[i]! > values[i - 1]!) moves++
  }
  return moves >= FEWEST_MOVES
}

/** Of what the clocks leave together: with the coefficient of a poor one, the good one's lead would be washed out. */
function commonCorrelation(memory: Float64Array, clocks: readonly Float64Array[]): number {
  const { rest } = basisOf([ones(memory.length), ...clocks.map(scaled)], memory)
  return Math.min(MOST_AUTOCORRELATION, Math.max(0, lagOneCorrelation(rest)))
}

const ones = (n: number): Float64Array => new Float64Array(n).fill(1)
const scaled = (values: Float64Array): Float64Array => {
  const first = values[0]!
  const span = values[values.length - 1]! - first || 1
  return values.map((value) => (value - first) / span)
}

function lineOn(memory: Float64Array, clock: Float64Array | undefined, rho: number) {
  const n = memory.length
  const prewhitened = (v: Float64Array) =>
    v.map((value, i) => (i === 0 ? value * Math.sqrt(1 - rho * rho) : value - rho * v[i - 1]!))
  const y = prewhitened(memory)
  const one = prewhitened(ones(n))
  const base = basisOf([one], y)
  // Squares of a perfect fit are never below a byte's.
  const criterion = (residual: number) => n * Math.log(residual / n + 1)
  if (!clock) return { criterion: criterion(base.residual), slope: 0, reach: 0 }
  const first = clock[0]!
  const x = basisOf([one], prewhitened(clock.map((value) => value - first))).rest
  let square = 0
  let product = 0
  for (let i = 0; i < n; i++) {
    square += x[i]! * x[i]!
    product += x[i]! * base.rest[i]!
  }
  const slope = square > 0 ? product / square : 0
  const residual = Math.max(0, base.residual - slope * product)
  const freedom = n - 2
  return {
    criterion: criterion(residual),
    slope,
    reach: studentQuantile(freedom) * Math.sqrt(residual / freedom / square),
  }
}
