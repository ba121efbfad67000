import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { productionMatch } from '#lib/experiments/production'
import { normal, seeded } from '#lib/experiments/random'
import { type ExperimentRun, experimentResult } from '#lib/experiments/result'
import { type RunReading, readRun } from '#lib/experiments/run'
import { checkFix } from '#lib/experiments/verify'
import { importSeries } from '#lib/formats/series-index'
import type { Samples } from '#lib/series/samples'

const MIB = 1024 * 1024
const T0 = 1_795_000_000_000
const LABELS = { a: 'memcached stopped', b: 'memcached running' }

interface Drawn {
  readonly seed: number
  readonly perSecond?: number
  readonly seconds?: number
  readonly noise?: number
}

/** A run at one sample a second: a warm-up, noise that resembles its neighbours, growth; 100 iterations a second. */
function drawn({ seed, perSecond = 0, seconds = 300, noise = 0.3 * MIB }: Drawn): {
  memory: Samples
  iterations: Samples
} {
  const random = seeded(seed)
  const t = Float64Array.from({ length: seconds }, (_, i) => T0 + i * 1000)
  let wander = 0
  const v = t.map((_, i) => {
    wander = 0.6 * wander + noise * normal(random)
    return 80 * MIB + 20 * MIB * (1 - Math.exp(-i / 15)) + perSecond * i + wander
  })
  return { memory: { t, v }, iterations: { t, v: t.map((_, i) => 100 * i) } }
}

function run(condition: 'A' | 'B', shape: Drawn, more: Partial<ExperimentRun> = {}): ExperimentRun {
  const { memory, iterations } = drawn(shape)
  return { id: `${condition}${shape.seed}`, condition, reading: readRun(memory, iterations), ...more }
}

const experiment = (inA: number, inB: number, { seed = 1, perArm = 4 } = {}): ExperimentRun[] =>
  Array.from({ length: perArm }, (_, i) => [
    run('A', { seed: seed * 1000 + i, perSecond: inA }),
    run('B', { seed: seed * 1000 + 500 + i, perSecond: inB }),
  ]).flat()

describe('a run', () => {
  it('tells bytes per iteration with an interval that holds the truth, after the warm-up', () => {
    let held = 0
    for (let seed = 1; seed <= 20; seed++) {
      const { memory, iterations } = drawn({ seed, perSecond: 100_000 })
      const { bytesPerIteration, kind, iterations: count } = readRun(memory, iterations)
      expect(kind).toBe('growing')
      expect(count).toBe(29_900)
      expect(bytesPerIteration!.value).toBeGreaterThan(900)
      expect(bytesPerIteration!.value).toBeLessThan(1100)
      if (bytesPerIteration!.low <= 1000 && bytesPerIteration!.high >= 1000) held++
    }
    expect(held).toBeGreaterThanOrEqual(16)
  })

  it('does not rise where nothing does', () => {
    for (let seed = 1; seed <= 20; seed++) expect(readRun(drawn({ seed }).memory).kind).not.toBe('growing')
  })

  it('judges the longest life of a process that was restarted', () => {
    const { memory } = drawn({ seed: 3, perSecond: 100_000 })
    const pids = memory.t.map((_, i) => (i < 40 ? 1 : 2))
    const reading = readRun({ ...memory, pids })
    expect(reading.restarts).toBe(1)
    expect(reading.durationMs).toBe(259_000)
    expect(reading.words).toContain('restarted 1 ×')
  })

  it('keeps quiet about iterations that hardly came', () => {
    const { memory, iterations } = drawn({ seed: 4, perSecond: 100_000 })
    expect(readRun(memory, { ...iterations, v: iterations.v.map(() => 7) }).bytesPerIteration).toBeNull()
    expect(readRun(memory).bytesPerIteration).toBeNull()
  })

  it('finds the cost of a failed write in the article’s middle phase', () => {
    const path = join(import.meta.dirname, '../../fixtures/series/rss-3phase.csv')
    const read = importSeries(readFileSync(path, 'utf8'), 'rss-3phase.csv', {
      nowMs: T0,
      zoneMinutes: 0,
      answers: {},
    })
    const of = (column: string) => read.series.find((one) => one.column === column)!.samples
    const cut = ({ t, v }: Samples): Samples => ({ t: t.slice(92, 238), v: v.slice(92, 238) })
    const { bytesPerIteration } = readRun(cut(of('rss_bytes')), cut(of('failures_total')))
    // 1,064 requested bytes and the allocator's headers for each.
    expect(bytesPerIteration!.value).toBeGreaterThan(1050)
    expect(bytesPerIteration!.value).toBeLessThan(1180)
  })

  it('says what it can of no samples at all', () => {
    const reading = readRun({ t: new Float64Array(0), v: new Float64Array(0) })
    expect(reading.kind).toBe('cannot-tell')
    expect(reading.bytesPerHour).toBeNull()
  })
})

describe('an experiment', () => {
  it('is reproduced in 4 of 4 with the condition and 0 of 4 without', () => {
    const result = experimentResult(experiment(100_000, 0), { labels: LABELS, parity: 0.9 })
    expect(result.verdict).toBe('reproduced')
    expect(result.metric).toBe('per-iteration')
    expect(result.a.grew).toMatchObject({ runs: 4, of: 4 })
    expect(result.b.grew).toMatchObject({ runs: 0, of: 4 })
    expect(result.a.grew.low).toBeCloseTo(0.398, 3)
    expect(result.p).toBeCloseTo(1 / 70, 9)
    expect(result.difference!.low).toBeLessThan(1000)
    expect(result.difference!.high).toBeGreaterThan(950)
    expect(result.words).toMatch(
      /^Reproduced in 4 of 4 runs with “memcached stopped”, 0 of 4 with “memcached running”\. The difference is \d/,
    )
  })

  it('that grows in both is not called reproduced by the condition', () => {
    const { verdict, words } = experimentResult(experiment(100_000, 100_000), { labels: LABELS, parity: 1 })
    expect(['grows-in-both', 'faster-with-a']).toContain(verdict)
    expect(words).toContain('Grows with both')
  })

  it('that grows faster with the condition says so', () => {
    const { verdict } = experimentResult(experiment(200_000, 60_000), { labels: LABELS, parity: 1 })
    expect(verdict).toBe('faster-with-a')
  })

  it('with the conditions exchanged says that it is the other way round', () => {
    expect(experimentResult(experiment(0, 100_000), { labels: LABELS, parity: 1 }).verdict).toBe('opposite')
  })

  it('without growth carries its power, and how alike the environment was', () => {
    const alike = experimentResult(experiment(0, 0), { labels: LABELS, parity: 0.8 })
    expect(alike.verdict).toBe('not-reproduced')
    expect(alike.wouldHaveSeen).toBeGreaterThan(0)
    expect(alike.words).toMatch(
      /^Not reproduced: .* per iteration would have been seen with a chance of 90 %\.$/,
    )
    const unlike = experimentResult(experiment(0, 0), { labels: LABELS, parity: 0.4 })
    expect(unlike.words).toContain('Not reproduced in an unlike environment (40 % alike)')
  })

  it('of two runs each cannot tell, however clear they look', () => {
    const { verdict, words } = experimentResult(experiment(100_000, 0, { perArm: 2 }), {
      labels: LABELS,
      parity: 1,
    })
    expect(verdict).toBe('cannot-tell')
    expect(words).toContain('can never say yes')
  })

  it('does not say of runs that grow that they do not, when one of the control runs grows like them', () => {
    const runs = [
      ...experiment(100_000, 0).filter(({ id }) => id !== 'B1500'),
      run('B', { seed: 9, perSecond: 105_000 }),
    ]
    const { verdict, words, a } = experimentResult(runs, { labels: LABELS, parity: 1 })
    expect([verdict, a.grew.runs]).toEqual(['cannot-tell', 0])
    expect(words).toMatch(
      /it grew in 4 of 4 runs with A, and 0 of them stand out from those with B, which chance/,
    )
  })

  it('keeps excluded runs in sight with their reason, and leaves them out of the numbers', () => {
    const runs = [
      ...experiment(100_000, 0),
      run('A', { seed: 99 }, { excluded: 'the machine swapped' }),
      run('A', { seed: 98, seconds: 5 }),
    ]
    const { a, excluded, verdict } = experimentResult(runs, { labels: LABELS, parity: 1 })
    expect(a.slopes).toHaveLength(4)
    expect(verdict).toBe('reproduced')
    expect(excluded.map(({ id }) => id)).toEqual(['A99', 'A98'])
    expect(excluded[0]!.reason).toBe('the machine swapped')
    expect(excluded[1]!.reason).toContain('Cannot tell yet')
  })

  it('uses calibration runs for the noise only', () => {
    const runs = [...experiment(100_000, 0), run('B', { seed: 71 }, { isCalibration: true })]
    expect(experimentResult(runs, { labels: LABELS, parity: 1 }).b.slopes).toHaveLength(4)
  })

  it('accuses no condition in 60 experiments without growth', () => {
    let accused = 0
    for (let seed = 100; seed < 160; seed++) {
      const { verdict } = experimentResult(experiment(0, 0, { seed }), { labels: LABELS, parity: 1 })
      if (verdict === 'reproduced' || verdict === 'faster-with-a') accused++
    }
    expect(accused).toBe(0)
  }, 60_000)

  it('says nothing of no runs', () => {
    const { verdict, p, words } = experimentResult([], { labels: LABELS, parity: null })
    expect([verdict, p]).toEqual(['cannot-tell', null])
    expect(words).toContain('no run that counts')
  })
})

describe('production’s rate', () => {
  const cost = { value: 1000, low: 950, high: 1050 }
  const pace = { value: 500_000, low: 450_000, high: 550_000 }
  const grows = (value: number) => ({ value, low: value * 0.9, high: value * 1.1 })

  it.each([
    [500e6, 'explains'],
    [5000e6, 'part'],
    [50e6, 'more'],
  ])('of %d B/h: %s', (rate, verdict) => {
    const match = productionMatch({
      bytesPerIteration: cost,
      iterationsPerHour: pace,
      production: grows(rate),
    })!
    expect(match.verdict).toBe(verdict)
    expect(match.share.low).toBeLessThan(match.share.value)
    expect(match.share.high).toBeGreaterThan(match.share.value)
  })

  it('is not explained by intervals that hold everything', () => {
    const vague = { value: 1000, low: -3000, high: 5000 }
    const match = productionMatch({
      bytesPerIteration: vague,
      iterationsPerHour: pace,
      production: grows(500e6),
    })!
    expect(match.verdict).toBe('cannot-tell')
  })

  it('is nothing to explain where production does not grow', () => {
    expect(
      productionMatch({ bytesPerIteration: cost, iterationsPerHour: pace, production: grows(0) }),
    ).toBeNull()
  })
})

describe('a fix', () => {
  it('is confirmed when growth is gone, with what may be left at most', () => {
    const { verdict, atMostShare, words } = checkFix(experiment(100_000, 0))
    expect(verdict).toBe('gone')
    expect(atMostShare).toBeLessThan(0.2)
    expect(words).toMatch(/^Growth is gone: at most .* is left \(95 %\)/)
  })

  it('that only helps is not called gone', () => {
    expect(checkFix(experiment(200_000, 60_000)).verdict).toBe('less')
  })

  it('that changes nothing is told', () => {
    expect(['still', 'cannot-tell', 'less']).toContain(checkFix(experiment(100_000, 100_000)).verdict)
    expect(checkFix(experiment(100_000, 100_000)).verdict).not.toBe('gone')
  })

  it('of something that never grew cannot be confirmed', () => {
    expect(checkFix(experiment(0, 0)).verdict).toBe('cannot-tell')
  })
})

describe('words', () => {
  it('never call it a leak', () => {
    const all: RunReading[] = []
    const results = [experiment(100_000, 0), experiment(0, 0), experiment(0, 100_000)].map((runs) => {
      all.push(...runs.map(({ reading }) => reading))
      return experimentResult(runs, { labels: LABELS, parity: 0.5 })
    })
    expect(JSON.stringify([...results, ...all])).not.toMatch(/\bleak/i)
  })
})
