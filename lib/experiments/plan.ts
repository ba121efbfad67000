import { formatByteChange, formatDuration } from '#lib/units/format'
import { bytes, milliseconds } from '#lib/units/quantity'
import { deviation } from './intervals.ts'
import { smallestP } from './permutation.ts'
import { ALPHA, detectableEffect } from './power.ts'

const HOUR_MS = 3600_000
const MINUTE_MS = 60_000
/** How sure a plan is to see what it promises. */
const PLANNED_CHANCE = 0.95

/** How much the slopes of runs without growth differ from run to run: bytes per hour, for runs of this length. */
export interface SlopeNoise {
  readonly bytesPerHour: number
  readonly runMs: number
  /** `measured`: from control runs. `assumed`: scaled from a synthetic process; two control runs tell better. */
  readonly source: 'measured' | 'assumed'
}

/** The noise of at least two control runs of one length. Null for fewer. Slopes in bytes per hour. */
export function measuredNoise(controlSlopes: readonly number[], runMs: number): SlopeNoise | null {
  if (controlSlopes.length < 2 || !(runMs > 0)) return null
  return { bytesPerHour: deviation(controlSlopes), runMs, source: 'measured' }
}

// A synthetic process of 500 MB with a warm-up that takes a third of 45 minutes: its slopes differ by 23 MB/h.
const ASSUMED = { bytesPerHour: 23e6, runMs: 45 * MINUTE_MS, level: 500e6 } as const

/** What to expect before any run was made. `level` is the process's memory in bytes. */
export const assumedNoise = (level: number): SlopeNoise => ({
  bytesPerHour: ASSUMED.bytesPerHour * (level / ASSUMED.level),
  runMs: ASSUMED.runMs,
  source: 'assumed',
})

/** The noise of runs of another length: a slope's error falls with length to the power of 1.5. */
export const noiseFor = (noise: SlopeNoise, runMs: number): number =>
  noise.bytesPerHour * (runMs / noise.runMs) ** -1.5

/** What an experiment would see, told before it starts. */
export interface Plan {
  readonly perArm: number
  readonly runMs: number
  /** All runs one after the other, milliseconds. */
  readonly totalMs: number
  /** The smallest growth in bytes per hour that it sees with a chance of 95 %; null: none, however large. */
  readonly detectable: number | null
  /** The run length that would see what is expected; null when this one does, or nothing is expected. */
  readonly longerMs: number | null
  readonly words: string
}

/** Lengths that people plan with, in minutes. */
const LENGTHS = [1, 2, 5, 10, 15, 30, 45, 60, 120, 180, 240, 360, 480, 720, 1440]

/** "4 + 4 runs of 45 min will see +62.1 MiB/h or more. You expect +28.6 MiB/h: plan runs of 2 h." */
export function plan(question: {
  readonly perArm: number
  readonly runMs: number
  readonly noise: SlopeNoise
  /** Bytes per hour. */
  readonly expected?: number | undefined
}): Plan {
  const { perArm, runMs, noise, expected } = question
  const facts = { perArm, runMs, totalMs: 2 * perArm * runMs }
  const runs = `${perArm} + ${perArm} runs of ${formatDuration(milliseconds(runMs))}`
  const effect = detectableEffect(perArm, perArm, PLANNED_CHANCE)
  if (effect === null) {
    const least = Math.round(smallestP(perArm, perArm) * 100)
    const words = `${runs} can never say yes: with so few the smallest possible chance is ${least} %, and ${ALPHA * 100} % is needed. Plan at least 3 + 3, better 4 + 4.`
    return { ...facts, detectable: null, longerMs: null, words }
  }
  const seenBy = (length: number): number => effect * noiseFor(noise, length)
  const detectable = seenBy(runMs)
  const isTooShort = expected !== undefined && expected > 0 && expected < detectable
  const longerMs = isTooShort ? longEnough(runMs, (length) => seenBy(length) <= expected) : null
  const words = [
    `${runs} will see ${perHour(detectable)} or more.`,
    ...(longerMs === null || expected === undefined
      ? []
      : [`You expect ${perHour(expected)}: plan runs of ${formatDuration(milliseconds(longerMs))}.`]),
    ...(noise.source === 'assumed'
      ? ['The noise is assumed from a synthetic process: two control runs in front tell it.']
      : []),
  ].join(' ')
  return { ...facts, detectable, longerMs, words }
}

function longEnough(runMs: number, sees: (length: number) => boolean): number {
  const found = LENGTHS.map((minutes) => minutes * MINUTE_MS).find((length) => length > runMs && sees(length))
  if (found !== undefined) return found
  // Beyond a day: whole days.
  let days = 2
  while (!sees(days * 24 * HOUR_MS) && days < 365) days++
  return days * 24 * HOUR_MS
}

const perHour = (value: number): string => `${formatByteChange(bytes(value))}/h`
