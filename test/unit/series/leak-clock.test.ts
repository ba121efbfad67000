import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { importSeries } from '#lib/formats/series-index'
import { leakClock } from '#lib/series/leak-clock'
import { naturalExperiment } from '#lib/series/natural-experiment'
import { drawSeries, fixture, normal, seeded } from './draw-series.ts'

const article = () => {
  const text = readFileSync('test/fixtures/series/rss-3phase.csv', 'utf8')
  const read = importSeries(text, 'rss-3phase.csv', { nowMs: 1_795_430_000_000, zoneMinutes: 0, answers: {} })
  const named = (name: string) => read.series.find((one) => one.name === name)!.samples
  return { phases: read.phases, named }
}

/** Ten minutes in which requests come in waves, failures for a while, and memory follows one of them. */
function hour(seed: number, follows: 'time' | 'requests' | 'failures' | 'nothing') {
  const random = seeded(seed)
  let served = 0
  let failed = 0
  const requests: number[] = []
  const failures: number[] = []
  for (let i = 0; i < 600; i++) {
    served += Math.round(40 + 38 * Math.sin(i / 40))
    failed += Math.floor(i / 100) % 2 === 1 ? 30 : 0
    requests.push(served)
    failures.push(failed)
  }
  const ticks = { time: (i: number) => i * 200_000, requests: (i: number) => requests[i]! * 5000 }
  const value = (i: number) =>
    follows === 'nothing' ? 0 : follows === 'failures' ? failures[i]! * 12_000 : ticks[follows](i)
  return {
    rss: drawSeries(600, (i) => 2e8 + value(i) + normal(random) * 1e6),
    counters: [
      { name: 'requests', one: 'request', samples: drawSeries(600, (i) => requests[i]!) },
      { name: 'failures', one: 'failure', samples: drawSeries(600, (i) => failures[i]!) },
    ],
  }
}

describe('what growth ticks with', () => {
  it('finds that the article’s growth follows failures, at about 1,100 B each', () => {
    const { named } = article()
    const clock = leakClock(named('rss'), [
      { name: 'requests', one: 'request', samples: named('requests') },
      { name: 'failures', one: 'failure', samples: named('failures') },
      { name: 'GC runs', one: 'GC run', samples: named('gc-count') },
    ])
    expect(clock.best?.name).toBe('failures')
    // Truth: 1,064 B asked for, and malloc's own bytes for three blocks each.
    expect(clock.cost!.value).toBeGreaterThan(1064)
    expect(clock.cost!.value).toBeLessThan(1160)
    expect(clock.words).toContain('per failure')
  })

  it('is right whenever it speaks, for 20 seeds of each truth, and silent about flat memory', () => {
    for (const truth of ['time', 'requests', 'failures'] as const) {
      for (let seed = 1; seed <= 20; seed++) {
        const { rss, counters } = hour(seed, truth)
        const { best } = leakClock(rss, counters)
        expect(best?.name ?? truth, `${truth}, seed ${seed}`).toBe(truth)
      }
    }
    for (let seed = 1; seed <= 20; seed++) {
      const { rss, counters } = hour(seed, 'nothing')
      expect(leakClock(rss, counters).best, `flat, seed ${seed}`).toBeNull()
    }
  })

  it('measures the cost where memory grows: a dump that was taken just before is no part of it', () => {
    let isHeld = 0
    for (let seed = 1; seed <= 40; seed++) {
      const random = seeded(seed)
      const failures = (i: number) => 60 * Math.max(0, i - 100)
      // The dump leaves 4 MB behind, ten samples before growth sets in: a sixth of what grows.
      const rss = drawSeries(200, (i) => {
        return 2e7 + (i >= 90 ? 4e6 : 0) + 4096 * failures(i) + normal(random) * 2e5
      })
      const counters = [
        { name: 'failures', one: 'failure', samples: drawSeries(200, failures) },
        { name: 'requests', one: 'request', samples: drawSeries(200, (i) => 60 * i) },
      ]
      const over = { from: rss.t[100]!, to: rss.t[199]! }
      const { best, cost } = leakClock(rss, counters, over)
      expect(best?.name, `seed ${seed}`).toBe('failures')
      if (cost!.low <= 4096 && cost!.high >= 4096) isHeld++
      expect(Math.abs(cost!.value - 4096), `seed ${seed}`).toBeLessThan(80)
    }
    expect(isHeld).toBeGreaterThanOrEqual(34)
  })

  it('is silent when a counter goes evenly with time, when it falls, and when there is none', () => {
    const { rss } = hour(1, 'time')
    const even = { name: 'requests', one: 'request', samples: drawSeries(600, (i) => i * 10) }
    expect(leakClock(rss, [even]).best).toBeNull()
    const falling = {
      name: 'requests',
      one: 'request',
      samples: drawSeries(600, (i) => (i < 300 ? i : i - 300)),
    }
    expect(leakClock(rss, [falling]).best).toBeNull()
    expect(leakClock(rss, []).best).toBeNull()
  })

  it('does not take one event for a clock', () => {
    const rss = drawSeries(600, (i) => 1e8 + (i < 300 ? 0 : 5e7) + (i % 7) * 1000)
    const deploys = { name: 'deploys', one: 'deploy', samples: drawSeries(600, (i) => (i < 300 ? 0 : 1)) }
    expect(leakClock(rss, [deploys]).best).toBeNull()
  })
})

describe('natural experiments', () => {
  it('finds the article’s growth inside of the outage', () => {
    const { named, phases } = article()
    const down = phases.filter(({ label }) => label === 'down')
    const seen = naturalExperiment(named('rss'), down)
    expect(seen.verdict).toBe('faster-inside')
    expect(seen.inside! / 3600).toBeGreaterThan(600_000)
    expect(seen.outside! / 3600).toBeLessThan(60_000)
    expect(seen.p).toBeLessThan(0.05)
  })

  it('finds no difference where growth is the same everywhere, and needs time on both sides', () => {
    const { samples } = fixture('fastleak.csv')
    const from = samples.t[100]!
    expect(naturalExperiment(samples, [{ label: 'x', from, to: from + 100_000 }]).verdict).toBe(
      'no-difference',
    )
    expect(naturalExperiment(samples, [{ label: 'x', from, to: from + 2000 }]).verdict).toBe('cannot-tell')
    expect(naturalExperiment(samples, []).verdict).toBe('cannot-tell')
  })

  it('accuses bands of flat memory about as often as its level says', () => {
    let accused = 0
    for (let seed = 1; seed <= 200; seed++) {
      const random = seeded(seed)
      let walk = 1e8
      const rss = drawSeries(240, () => (walk += normal(random) * 1e5))
      const from = rss.t[Math.floor(random() * 140)]!
      const { verdict } = naturalExperiment(rss, [{ label: 'x', from, to: from + 80_000 }])
      if (verdict === 'faster-inside') accused++
    }
    expect(accused / 200).toBeLessThan(0.1)
  })
})
