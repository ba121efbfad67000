import { describe, expect, it } from 'vitest'
import { storedResult, storedRunReading } from '#lib/db/experiment-forms'
import { LIKE_ENOUGH } from '#lib/experiments/result'
import type { RunReading } from '#lib/experiments/run'
import { type StandingRun, standing } from '#lib/experiments/standing'
import { StoredResult, StoredRunReading } from '#lib/investigation/experiments'
import { LIKE_ENOUGH as ROOM_LIKE_ENOUGH } from '#lib/investigation/timeline-experiments'

const LABELS = { a: 'stopped', b: 'running' }

const reading = (perHour: number, given: Partial<RunReading> = {}): RunReading => ({
  kind: perHour > 0 ? 'growing' : 'steady',
  rises: perHour > 0,
  bytesPerHour: { value: perHour, low: perHour - 5, high: perHour + 5 },
  bytesPerIteration: null,
  iterations: 0,
  durationMs: 300_000,
  warmUpMs: 0,
  restarts: 0,
  words: '',
  ...given,
})

const run = (position: number, given: Partial<StandingRun> = {}): StandingRun => {
  const condition = position % 2 === 1 ? 'A' : 'B'
  return {
    id: `run ${position}`,
    position,
    condition,
    isCalibration: false,
    isAdded: false,
    isTakenOver: false,
    isAttached: false,
    isDone: true,
    excluded: undefined,
    from: position * 1000,
    reading: reading(condition === 'A' ? 1000 + position : 0),
    ...given,
  }
}
const eight = (change: (position: number) => Partial<StandingRun> = () => ({})) =>
  Array.from({ length: 8 }, (_, i) => run(i + 1, change(i + 1)))
const ask = (runs: readonly StandingRun[], kind: 'compare' | 'verify' = 'compare') =>
  standing({ kind, runs, labels: LABELS, parity: null })

describe('where an experiment stands', () => {
  it('is its result without a note when all runs were made as they were drawn', () => {
    const { words, runsLeft, notes, fix } = ask(eight())
    expect(words).toMatch(/^Reproduced in 4 of 4/)
    expect({ runsLeft, notes, fix }).toEqual({ runsLeft: 0, notes: [], fix: null })
  })

  it('is "so far" while runs are left, be the result ever so clear', () => {
    const { words, runsLeft } = ask(eight((n) => (n > 6 ? { isDone: false, reading: null } : {})))
    expect(runsLeft).toBe(2)
    expect(words).toMatch(/^So far, with 2 of 8 runs to come: Reproduced in 3 of 3/)
  })

  it('does not wait for a run that was excluded', () => {
    const { runsLeft } = ask(
      eight((n) => (n === 8 ? { isDone: false, reading: null, excluded: 'no time' } : {})),
    )
    expect(runsLeft).toBe(0)
  })

  it.each([
    [eight((n) => (n === 8 ? { excluded: 'swapped' } : {})), '1 of 8 runs is excluded'],
    [eight((n) => (n > 6 ? { isAdded: true } : {})), '2 runs were added to the plan'],
    [eight((n) => (n === 2 ? { isAttached: true } : {})), '1 run was chosen as a range of a graph'],
    [eight((n) => (n % 2 === 1 ? { isTakenOver: true } : {})), '4 runs were taken over'],
    [eight((n) => (n === 1 ? { from: 99_000 } : {})), 'not made in the drawn order'],
    [eight((n) => (n === 3 ? { reading: null } : {})), '1 run was without a graph'],
    [eight((n) => (n === 3 ? { reading: reading(1000, { durationMs: 60_000 }) } : {})), 'lasted 20 % of'],
  ])('says what the statistics do not know (%#)', (runs, note) => {
    expect(ask(runs).notes).toEqual([expect.stringContaining(note)])
  })

  it('of a fix is what the fix comes to', () => {
    const { fix, words } = ask(eight(), 'verify')
    expect(fix?.verdict).toBe('gone')
    expect(words).toMatch(/^Growth is gone/)
  })

  it('with nothing to say has numbers that can be stored', () => {
    const empty = ask(eight(() => ({ isDone: false, reading: null })))
    expect(StoredResult.parse(JSON.parse(JSON.stringify(storedResult(empty.result))))).toMatchObject({
      verdict: 'cannot-tell',
      a: { grew: { value: 0, runs: 0, of: 0, low: 0, high: 1 } },
    })
    const endless = { value: 1, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
    const stored = storedRunReading(reading(1, { bytesPerHour: endless }))
    expect(StoredRunReading.parse(JSON.parse(JSON.stringify(stored))).bytesPerHour).toEqual({
      value: 1,
      low: -1e300,
      high: 1e300,
    })
  })

  it('uses one bound of likeness in results and in what they say of a hypothesis', () => {
    expect(ROOM_LIKE_ENOUGH).toBe(LIKE_ENOUGH)
  })
})
