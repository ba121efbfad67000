import type { Tone } from '#components/ui/pill'
import type { Interval } from '#lib/experiments/intervals'
import { LIKE_ENOUGH } from '#lib/experiments/result'
import { amount, amountWithInterval, type Metric } from '#lib/experiments/words'
import type {
  Conclusion,
  Condition,
  ExperimentRow,
  ExperimentVerdict,
  RunRow,
  StoredFix,
} from '#lib/investigation/experiments'
import type { SeriesRow } from '#lib/investigation/rows'
import { formatByteChange, formatDuration } from '#lib/units/format'
import { bytes, milliseconds } from '#lib/units/quantity'

interface Said {
  readonly words: string
  readonly tone: Tone
}

/** The verdicts in a word or two. The tone follows what it means for memory, never whether somebody is right. */
export const VERDICTS: Record<ExperimentVerdict, Said> = {
  reproduced: { words: 'Reproduced', tone: 'growth' },
  'faster-with-a': { words: 'Grows with both, faster with A', tone: 'growth' },
  'grows-in-both': { words: 'Grows with both alike', tone: 'warm' },
  opposite: { words: 'The other way round', tone: 'warm' },
  'not-reproduced': { words: 'Not reproduced', tone: 'steady' },
  'cannot-tell': { words: 'Cannot tell yet', tone: 'neutral' },
}

export const FIXES: Record<StoredFix['verdict'], Said> = {
  gone: { words: 'Growth is gone', tone: 'steady' },
  less: { words: 'Grows by less', tone: 'warm' },
  still: { words: 'Still grows', tone: 'growth' },
  'cannot-tell': { words: 'Cannot tell yet', tone: 'neutral' },
}

/** What a reading says in a few words. */
export function conclusionWords({ result, fix, parity }: Conclusion): Said {
  if (fix) return FIXES[fix.verdict]
  const said = VERDICTS[result.verdict]
  const isUnlike = result.verdict === 'not-reproduced' && parity !== null && parity < LIKE_ENOUGH
  return isUnlike ? { words: 'Not reproduced in an unlike environment', tone: 'neutral' } : said
}

/** How an experiment stands: its verdict, or how far its runs are. */
export function standing(experiment: ExperimentRow, runs: readonly RunRow[]): Said {
  const { conclusion } = experiment
  const progress = runProgress(runs)
  if (runs.some(({ state }) => state === 'running')) return { words: 'Running', tone: 'accent' }
  if (conclusion && conclusion.runsLeft === 0) return conclusionWords(conclusion)
  if (progress.done === 0) return { words: 'Planned', tone: 'neutral' }
  return { words: `${progress.done} of ${progress.of} runs`, tone: 'accent' }
}

/** How many of the runs that count are done. */
export function runProgress(runs: readonly RunRow[]): { readonly done: number; readonly of: number } {
  const counting = runs.filter(({ excluded }) => excluded === null)
  return { done: counting.filter(({ state }) => state === 'done').length, of: counting.length }
}

export const labelsOf = ({
  labelA,
  labelB,
}: Pick<ExperimentRow, 'labelA' | 'labelB'>): Record<Condition, string> => ({ A: labelA, B: labelB })

/** The run that comes next in the order; undefined when none is left. */
export const nextRun = (runs: readonly RunRow[]): RunRow | undefined =>
  runs.find(({ state, excluded }) => state === 'planned' && excluded === null)

/** "run 3", "control run 1". */
export const nameOfRun = ({ position, isCalibration }: Pick<RunRow, 'position' | 'isCalibration'>): string =>
  isCalibration ? `control run ${position}` : `run ${position}`

/** "4 + 4 runs, 45 min each, 6 h in all". */
export function sizeWords({
  perArm,
  calibration,
  runSeconds,
}: Pick<ExperimentRow, 'perArm' | 'calibration' | 'runSeconds'>): string {
  const runs = `${perArm} + ${perArm} runs${calibration > 0 ? ` and ${calibration} control runs` : ''}`
  if (runSeconds === null) return runs
  const one = formatDuration(milliseconds(runSeconds * 1000))
  const all = formatDuration(milliseconds((2 * perArm + calibration) * runSeconds * 1000))
  return `${runs}, ${one} each, ${all} in all`
}

/** What a graph is called in a list of all: "worker 1 · RSS". Many labels end in the process already. */
export function seriesWords({ process, label }: Pick<SeriesRow, 'process' | 'label'>): string {
  if (process === '') return label
  const alone = label.endsWith(process) ? label.slice(0, -process.length).replace(/[\s·,:]+$/, '') : label
  return alone === '' ? label : `${process} · ${alone}`
}

export const perHour = (value: number): string => `${formatByteChange(bytes(value))}/h`

/** The concluded experiment that speaks for the room: the newest reading that is no fix's, of an experiment in sight. */
export function concludedExperiment(
  experiments: readonly ExperimentRow[],
): (ExperimentRow & { readonly conclusion: Conclusion }) | undefined {
  let newest: (ExperimentRow & { readonly conclusion: Conclusion }) | undefined
  for (const experiment of experiments) {
    const { conclusion } = experiment
    if (conclusion === null || experiment.archived || experiment.kind !== 'compare') continue
    if (newest === undefined || rankOf(conclusion) > rankOf(newest.conclusion))
      newest = { ...experiment, conclusion }
  }
  return newest
}

/** One that has all its runs goes before one that is under way; then the newer. */
const rankOf = ({ runsLeft, at }: Conclusion): number => (runsLeft === 0 ? 1e15 : 0) + at

/** Experiments in sight, the newest first, archived ones last. */
export const inOrder = (experiments: readonly ExperimentRow[]): ExperimentRow[] =>
  experiments.toSorted((a, b) => Number(a.archived) - Number(b.archived) || b.number - a.number)

/** Beyond this an end of an interval stands for "no bound": stored numbers know no infinity. */
const ENDLESS = 1e200

/** "1,064 B per iteration (95 %: 1,021 B to 1,103 B)"; without the interval where it has no end. */
export function measured(interval: Interval, metric: Metric): string {
  const isBounded = Math.max(Math.abs(interval.low), Math.abs(interval.high)) < ENDLESS
  return isBounded
    ? amountWithInterval(interval, metric)
    : `${amount(interval.value, metric)} (no interval yet)`
}
