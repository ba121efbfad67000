import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  draftFacts,
  draftOfFix,
  EMPTY_DRAFT,
  positive,
  withTemplate,
} from '#components/experiments/experiment-draft'
import {
  concludedExperiment,
  conclusionWords,
  inOrder,
  measured,
  nextRun,
  standing,
} from '#components/experiments/experiment-words'
import { lineOf } from '#components/experiments/overlay-chart'
import { levels, placeOn, scaleOf } from '#components/experiments/plot-scale'
import { allRunsLine, quoted, runLine } from '#components/experiments/run-line'
import {
  drawConclusion,
  drawDone,
  drawExperiment,
  drawPlanned,
  drawRun,
  experimentId,
  runId,
} from './draw.ts'

describe('the line that makes a run', () => {
  const experiment = drawExperiment()

  const address = { room: 'https://leaks.example.org/i/1', token: 'lr_1' }

  it('brings the condition about, names the run, counts, and ends what does not end by itself', () => {
    expect(runLine(experiment, { position: 3, condition: 'A' }, address)).toBe(
      "service memcached stop && leakroom watch --room https://leaks.example.org/i/1 --token lr_1 --experiment 2 --run 3 --condition A --iterations '^request' --seconds 600 -- ruby load.rb",
    )
    expect(runLine(experiment, { position: 4, condition: 'B' }, { ...address, token: null })).toMatch(
      /^service memcached start && .* --token TOKEN --experiment 2 --run 4 --condition B /,
    )
  })

  it('makes all that are left with both conditions set up', () => {
    expect(allRunsLine(experiment, address)).toBe(
      "leakroom experiment 2 --room https://leaks.example.org/i/1 --token lr_1 --before-a 'service memcached stop' --before-b 'service memcached start' -- ruby load.rb",
    )
    expect(allRunsLine({ ...experiment, beforeA: '', beforeB: '', command: '' }, address)).toMatch(
      /--token lr_1 -- COMMAND$/,
    )
  })

  it('gives a command that is more than a program to a shell, and keeps its quotes', () => {
    const piped = { ...experiment, command: "curl 'http://x' | wc", beforeA: '', runSeconds: null }
    expect(runLine(piped, { position: 1, condition: 'A' }, address)).toMatch(
      /^leakroom watch .* -- sh -c 'curl '\\''http:\/\/x'\\'' \| wc'$/,
    )
  })

  it('is one line, whatever was typed', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (command, beforeA, iterations) => {
        const typed = { ...experiment, command, beforeA, iterations }
        expect(runLine(typed, { position: 1, condition: 'A' }, address)).not.toMatch(/[\r\n]/)
        expect(allRunsLine(typed, address)).not.toMatch(/[\r\n]/)
      }),
    )
  })

  it('quotes a word so that a shell reads it back', () => {
    expect(quoted('plain-1.2/x')).toBe('plain-1.2/x')
    expect(quoted("it's $HOME")).toBe(String.raw`'it'\''s $HOME'`)
  })
})

describe('a new experiment while somebody types', () => {
  const draft = { ...EMPTY_DRAFT, title: 'Down', labelA: 'stopped', labelB: 'running' }

  it('says what it would see, and how long runs would have to be for what is expected', () => {
    expect(draftFacts(draft).plan?.words).toMatch(/^4 \+ 4 runs of 45 min will see \+\d/)
    expect(draftFacts(draft).least).toBe('The smallest possible chance is 1.4 %.')
    expect(draftFacts({ ...draft, expected: '10' }).plan?.words).toContain('plan runs of')
    // Half the memory, half the noise.
    const detectable = (level: string) => draftFacts({ ...draft, level }).plan?.detectable ?? 0
    expect(detectable('250')).toBeCloseTo(detectable('500') / 2, 6)
  })

  it('says that two runs per condition can never say yes', () => {
    const { plan, least } = draftFacts({ ...draft, perArm: 2 })
    expect(plan?.words).toContain('can never say yes')
    expect(least).toBeNull()
  })

  it('draws as many A as B, the same for the same seed', () => {
    const { order } = draftFacts({ ...draft, seed: 5 })
    expect(order).toHaveLength(8)
    expect(order.filter((condition) => condition === 'A')).toHaveLength(4)
    expect(draftFacts({ ...draft, seed: 5 }).order).toEqual(order)
    expect(draftFacts({ ...draft, seed: 5, calibration: true }).order.slice(0, 2)).toEqual(['B', 'B'])
  })

  it('tells the first thing that is missing or wrong, and nothing when it can be sent', () => {
    expect(draftFacts(EMPTY_DRAFT).problem).toBe('It needs a title.')
    expect(draftFacts({ ...draft, labelB: ' stopped ' }).problem).toContain('same name')
    expect(draftFacts({ ...draft, minutes: 'long' }).problem).toContain('number of minutes')
    expect(draftFacts({ ...draft, iterations: '(' }).problem).toContain('regular expression')
    expect(draftFacts({ ...draft, iterations: 'every 2 s' }).problem).toBeNull()
    expect(draftFacts({ ...draft, iterations: 'every so often' }).problem).not.toBeNull()
    expect(draftFacts(draft)).toMatchObject({ problem: null, runSeconds: 2700, expectedPerHour: null })
    expect(positive('1,5')).toBe(1.5)
    expect(positive('-1')).toBeUndefined()
  })

  it('lets a template fill what is empty, and keeps what was written', () => {
    const filled = withTemplate(EMPTY_DRAFT, 'dependency-down')
    expect(filled.labelA).toBe('the dependency is stopped')
    const mine = withTemplate({ ...filled, labelA: 'memcached stopped' }, 'idle')
    expect(mine.labelA).toBe('memcached stopped')
    expect(mine.labelB).toBe('the usual load')
    expect(withTemplate(mine, '').labelB).toBe('')
  })

  it('makes a check of a fix hold the condition that made it grow', () => {
    const fix = draftOfFix(drawExperiment(), 3)
    expect(fix).toMatchObject({
      kind: 'verify',
      labelA: 'before the fix',
      labelB: 'after the fix',
      beforeA: 'service memcached stop',
      beforeB: 'service memcached stop',
      minutes: '10',
      seed: 3,
    })
    expect(draftFacts(fix).problem).toBeNull()
  })
})

describe('how an experiment stands', () => {
  it('tells runs that are left, one that runs, and in the end its verdict', () => {
    const planned = drawPlanned()
    expect(standing(drawExperiment(), planned).words).toBe('Planned')
    const [first, ...rest] = planned
    expect(standing(drawExperiment(), [{ ...first!, state: 'running' }, ...rest]).words).toBe('Running')
    expect(standing(drawExperiment(), [{ ...first!, state: 'done' }, ...rest]).words).toBe('1 of 8 runs')
    const done = drawDone()
    expect(standing(drawExperiment({ conclusion: drawConclusion(done) }), done).words).toBe('Reproduced')
  })

  it('names the next run in the order, never one that does not count', () => {
    const runs = drawPlanned()
    const excluded = { reason: 'no load', by: 'u1', at: 1 }
    const out = runs.map((run, at) => (at === 0 ? drawRun(1, { ...run, excluded }) : run))
    expect(nextRun(runs)?.position).toBe(1)
    expect(nextRun(out)?.position).toBe(2)
    expect(nextRun(drawDone())).toBeUndefined()
  })

  it('says of a negative from an unlike environment that it is one', () => {
    const flat = drawDone().map((run) => ({
      ...run,
      reading: { ...run.reading!, kind: 'steady' as const, rises: false },
    }))
    const runs = flat.map((run) => ({
      ...run,
      reading: { ...run.reading, bytesPerIteration: { value: run.position % 3, low: -9, high: 9 } },
    }))
    expect(conclusionWords(drawConclusion(runs, { parity: 0.5 })).words).toBe(
      'Not reproduced in an unlike environment',
    )
    expect(conclusionWords(drawConclusion(runs, { parity: 0.9 })).words).toBe('Not reproduced')
  })

  it('lets the newest complete comparison speak for the room, and no fix or one that was put away', () => {
    const at = (number: number, changes: object, conclusion = drawConclusion(drawDone())) =>
      drawExperiment({ id: experimentId(number), number, conclusion: { ...conclusion, ...changes } })
    const older = at(1, { at: 5 })
    const newer = at(2, { at: 9 })
    const underWay = at(3, { at: 20, runsLeft: 3 })
    const away = { ...at(4, { at: 30 }), archived: true }
    const fix = { ...at(5, { at: 40 }), kind: 'verify' as const }
    expect(concludedExperiment([older, newer, underWay, away, fix])?.number).toBe(2)
    expect(concludedExperiment([underWay, away])?.number).toBe(3)
    expect(concludedExperiment([drawExperiment()])).toBeUndefined()
    expect(inOrder([older, away, newer]).map(({ number }) => number)).toEqual([2, 1, 4])
  })

  it('says nothing of an interval that has no end', () => {
    expect(measured({ value: 1064, low: 1021, high: 1103 }, 'per-iteration')).toBe(
      '1,064 B per iteration (95 %: 1,021 B to 1,103 B)',
    )
    expect(measured({ value: 1064, low: -1e300, high: 1e300 }, 'per-iteration')).toBe(
      '1,064 B per iteration (no interval yet)',
    )
  })
})

describe('the pictures', () => {
  const values = fc.array(fc.double({ min: -1e12, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 20 })

  it('keep every value and zero inside of their scale, with few ticks', () => {
    fc.assert(
      fc.property(values, (all) => {
        const scale = scaleOf(all)
        for (const value of [0, ...all]) {
          expect(value).toBeGreaterThanOrEqual(scale.low - 1e-6)
          expect(value).toBeLessThanOrEqual(scale.high + 1e-6)
        }
        expect(scale.ticks.length).toBeGreaterThan(1)
        expect(scale.ticks.length).toBeLessThan(9)
      }),
    )
  })

  it('cut an interval without end instead of squeezing the runs', () => {
    const { low, high } = scaleOf([1000, 1100], [-1e300, 1e300])
    expect(low).toBeGreaterThan(-3000)
    expect(high).toBeLessThan(4000)
    expect(placeOn({ low, high }, 1e300)).toBe(1)
  })

  it('put dots that would cover each other on levels of their own', () => {
    expect(levels([0.5, 0.5, 0.9, 0.505], 0.02)).toEqual([0, 1, 0, 2])
  })

  it('begin each run at its first sample', () => {
    const points = { t: [5, 10, 20, 30], v: [1, 100, 150, 160] }
    const run = { id: runId(1), name: 'run 1', condition: 'A' as const }
    expect(lineOf(run, points, 10)).toMatchObject({ t: [0, 10, 20], v: [0, 50, 60] })
    expect(lineOf(run, points, 99)).toMatchObject({ t: [], v: [] })
  })
})
