import { z } from 'zod'
import { ExperimentId, HypothesisId, RunId, SeriesId, UserId } from './ids.ts'

// Experiments and their runs as they cross to the browser and stand in room_event payloads. What lib/experiments computes
// is stored here as plain JSON with the same shape: a row can be handed to its functions as it is.

const EpochMs = z.number()
const Version = z.int().positive()
const Words = z.string().max(4000)

/** The longest texts of an experiment, in characters. */
export const EXPERIMENT_LIMITS = {
  title: 200,
  steps: 8000,
  command: 2000,
  before: 500,
  iterations: 200,
  label: 120,
  trouble: 4000,
  reason: 1000,
  /** What is pasted to describe an environment. */
  paste: 300_000,
  perArm: 10,
  /** Runs of one experiment, those added later among them. */
  runs: 60,
  waived: 200,
} as const

/** What people may say about an experiment when they plan it, and change afterwards. */
export const ExperimentWords = {
  title: z.string().trim().min(1).max(EXPERIMENT_LIMITS.title),
  steps: z.string().max(EXPERIMENT_LIMITS.steps),
  command: z.string().max(EXPERIMENT_LIMITS.command),
  beforeA: z.string().max(EXPERIMENT_LIMITS.before),
  beforeB: z.string().max(EXPERIMENT_LIMITS.before),
  iterations: z.string().max(EXPERIMENT_LIMITS.iterations),
  labelA: z.string().trim().min(1).max(EXPERIMENT_LIMITS.label),
  labelB: z.string().trim().min(1).max(EXPERIMENT_LIMITS.label),
  runSeconds: z.int().positive().max(31_536_000).nullable(),
  /** Bytes per hour. */
  expectedPerHour: z
    .number()
    .positive()
    .max(2 ** 50)
    .nullable(),
  knownTrouble: z.string().max(EXPERIMENT_LIMITS.trouble),
} as const

/** A: the condition that is claimed to make memory grow, B: the control. Of `verify`, A is before the fix and B after it. */
export const Condition = z.enum(['A', 'B'])
export type Condition = z.infer<typeof Condition>

export const ExperimentKind = z.enum(['compare', 'verify'])
export type ExperimentKind = z.infer<typeof ExperimentKind>

export const EnvironmentSide = z.enum(['production', 'reproduction'])
export type EnvironmentSide = z.infer<typeof EnvironmentSide>

/** A value with its 95 % interval. */
export const StoredInterval = z.object({ value: z.number(), low: z.number(), high: z.number() })
export type StoredInterval = z.infer<typeof StoredInterval>

/** What one run says by itself: the shape of lib/experiments/run.ts, with what it was read from. */
export const StoredRunReading = z.object({
  kind: z.enum(['growing', 'slowing', 'stepped', 'steady', 'cannot-tell']),
  rises: z.boolean(),
  bytesPerHour: StoredInterval.nullable(),
  bytesPerIteration: StoredInterval.nullable(),
  iterations: z.number(),
  durationMs: z.number(),
  warmUpMs: z.number(),
  restarts: z.number(),
  words: Words,
  /** Samples that it was read from, those of iterations among them; absent of readings that were made before this was noted. */
  samples: z.int().nonnegative().optional(),
  /** Of these, how many came after it had been read for the first time. */
  addedLater: z.int().nonnegative().optional(),
})
export type StoredRunReading = z.infer<typeof StoredRunReading>

const StoredArm = z.object({
  condition: Condition,
  label: z.string(),
  /** One per run that counts, in the metric of the result. */
  slopes: z.array(z.number()),
  mean: z.number().nullable(),
  /** Share of runs that grew; 0 of 0 has the value 0 and the interval 0 to 1. */
  grew: StoredInterval.extend({ runs: z.int(), of: z.int() }),
})

export const ExperimentVerdict = z.enum([
  'reproduced',
  'faster-with-a',
  'grows-in-both',
  'opposite',
  'not-reproduced',
  'cannot-tell',
])
export type ExperimentVerdict = z.infer<typeof ExperimentVerdict>

/** What the runs say together: the shape of lib/experiments/result.ts. */
export const StoredResult = z.object({
  /** Of the method. */
  version: z.int(),
  verdict: ExperimentVerdict,
  metric: z.enum(['per-iteration', 'per-hour']),
  a: StoredArm,
  b: StoredArm,
  difference: StoredInterval.nullable(),
  p: z.number().nullable(),
  wouldHaveSeen: z.number().nullable(),
  excluded: z.array(z.object({ id: z.string(), condition: Condition, reason: z.string() })),
  words: Words,
  reasons: z.array(Words),
})
export type StoredResult = z.infer<typeof StoredResult>

/** Is growth gone after the fix? The shape of lib/experiments/verify.ts without the result that stands beside it. */
export const StoredFix = z.object({
  verdict: z.enum(['gone', 'less', 'still', 'cannot-tell']),
  atMost: z.number().nullable(),
  atMostShare: z.number().nullable(),
  words: Words,
})
export type StoredFix = z.infer<typeof StoredFix>

/** Does what was reproduced have production's size? Infinite ends of the share are null. */
export const StoredMatch = z.object({
  verdict: z.enum(['explains', 'part', 'more', 'cannot-tell']),
  /** Bytes per hour. */
  predicted: StoredInterval,
  share: z.object({ value: z.number(), low: z.number().nullable(), high: z.number().nullable() }),
  words: Words,
})
export type StoredMatch = z.infer<typeof StoredMatch>

/** The standing reading of an experiment, made by the server from its runs. */
export const Conclusion = z.object({
  result: StoredResult,
  /** The sentence for people: of `verify` that of the fix, else that of the result; with "So far" while runs are left. */
  words: Words,
  /** Of `verify` only. */
  fix: StoredFix.nullable(),
  /** Only when production's graph and counter are named. */
  production: StoredMatch.nullable(),
  /** Likeness of the environments that was used, 0 to 1; null when nobody compared them. */
  parity: z.number().nullable(),
  /** Runs that are neither done nor excluded. Only without any left a reading is evidence. */
  runsLeft: z.int().nonnegative(),
  /** What has to be known beside the statistics: runs that were added later, an order that was not kept. */
  notes: z.array(Words),
  at: EpochMs,
})
export type Conclusion = z.infer<typeof Conclusion>

/** One pasted environment in numbers: its facts are asked for (GET …/experiments/[experimentId]), they may be thousands. */
export const EnvironmentSummary = z.object({
  facts: z.int().nonnegative(),
  /** Lines that said nothing to us. */
  ignored: z.int().nonnegative(),
  at: EpochMs,
})
export type EnvironmentSummary = z.infer<typeof EnvironmentSummary>

/** What was read of a pasted environment, as it is stored: the shape of lib/experiments/environment/facts.ts. */
export const StoredEnvironment = z.object({
  facts: z.array(
    z.object({
      kind: z.enum([
        'native-library',
        'allocator',
        'dependency-health',
        'runtime',
        'concurrency',
        'kernel',
        'os',
        'libc',
        'setting',
        'package',
      ]),
      name: z.string(),
      value: z.string(),
    }),
  ),
  ignored: z.int().nonnegative(),
  at: EpochMs,
})
export type StoredEnvironment = z.infer<typeof StoredEnvironment>

export const ExperimentRow = z.object({
  id: ExperimentId,
  /** From 1 in this room, never used twice: how commands and people name it, "experiment 2". */
  number: z.int().positive(),
  /** Null when the hypothesis was removed: what was measured stays. */
  hypothesisId: HypothesisId.nullable(),
  kind: ExperimentKind,
  /** Id of a template (lib/experiments/templates.ts). */
  template: z.string().nullable(),
  title: z.string(),
  steps: z.string(),
  /** What is watched, for the line to copy. Never run by a server, and by a machine only when its own line says it. */
  command: z.string(),
  /** What to do before a run of A and of B, for the line to copy. */
  beforeA: z.string(),
  beforeB: z.string(),
  /** How iterations are counted: "every 2 s" or a regular expression for lines of output; '' for not at all. */
  iterations: z.string(),
  labelA: z.string(),
  labelB: z.string(),
  perArm: z.int().positive(),
  calibration: z.union([z.literal(0), z.literal(2)]),
  /** Draws the order. */
  seed: z.int().nonnegative(),
  runSeconds: z.int().positive().nullable(),
  /** Growth that is expected with A, bytes per hour. */
  expectedPerHour: z.number().positive().nullable(),
  knownTrouble: z.string(),
  production: EnvironmentSummary.nullable(),
  reproduction: EnvironmentSummary.nullable(),
  /** Differences that somebody declared not to matter: `key` is rowKey of lib/experiments/parity.ts. */
  waived: z.array(z.object({ key: z.string(), reason: z.string(), by: UserId, at: EpochMs })),
  /** Null before both environments were pasted. */
  parity: z
    .object({
      score: z.number().min(0).max(1),
      isAlike: z.boolean(),
      differences: z.int().nonnegative(),
      words: Words,
    })
    .nullable(),
  /** Production's memory graph and its count of iterations, for "does that explain it?". */
  productionSeriesId: SeriesId.nullable(),
  productionCounterId: SeriesId.nullable(),
  conclusion: Conclusion.nullable(),
  archived: z.boolean(),
  version: Version,
  createdBy: UserId,
  createdAt: EpochMs,
  updatedAt: EpochMs,
})
export type ExperimentRow = z.infer<typeof ExperimentRow>

export const RunState = z.enum(['planned', 'running', 'done'])
export type RunState = z.infer<typeof RunState>

export const RunRow = z.object({
  id: RunId,
  experimentId: ExperimentId,
  /** From 1, in the order in which they are to be made. */
  position: z.int().positive(),
  condition: Condition,
  /** A control run in front, to learn the noise. */
  isCalibration: z.boolean(),
  /** Not of the plan: added later, as one more pair or in place of another. */
  isAdded: z.boolean(),
  /** Taken over from a run of another experiment: not made in this one's order. */
  takenFrom: RunId.nullable(),
  process: z.string().nullable(),
  memorySeriesId: SeriesId.nullable(),
  iterationsSeriesId: SeriesId.nullable(),
  from: EpochMs.nullable(),
  /** Null while it runs. */
  to: EpochMs.nullable(),
  state: RunState,
  /**
   * `mark`: the program that measured said so. `quiet`: nothing was heard any more. `next`: the next run began. `attached`: it is
   * a range of a graph that somebody chose.
   */
  endedBy: z.enum(['mark', 'quiet', 'next', 'person', 'attached']).nullable(),
  excluded: z.object({ reason: z.string(), by: UserId, at: EpochMs }).nullable(),
  /** Null until it was read: shortly after its end. */
  reading: StoredRunReading.nullable(),
  version: Version,
})
export type RunRow = z.infer<typeof RunRow>

/** Names a run for `leakroom watch` and in lines of POST /api/ingest: "2/3" is run 3 of experiment 2. */
export const runName = (experiment: number, position: number): string => `${experiment}/${position}`

/** The numbers in "2/3"; undefined when it is no such name. */
export function readRunName(text: string): { experiment: number; position: number } | undefined {
  const [, experiment, position] = /^([1-9]\d{0,5})\/([1-9]\d{0,3})$/.exec(text) ?? []
  return experiment && position ? { experiment: Number(experiment), position: Number(position) } : undefined
}
