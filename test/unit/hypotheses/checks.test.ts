import { describe, expect, it } from 'vitest'
import { checkExperimentRate, checkReproduced } from '#lib/hypotheses/check-experiment'
import { type CountedGroup, checkGroup, type GroupFacts } from '#lib/hypotheses/check-group'
import { checkOutages, checkPlace } from '#lib/hypotheses/check-place'
import { checkSentence } from '#lib/hypotheses/check-sentence'
import { checkPerThousand, checkRate, isCounter } from '#lib/hypotheses/check-series'
import { CheckPredicate, type GroupClaim, type PredicateOf } from '#lib/hypotheses/checks'
import type { Place } from '#lib/series/where-it-grows'
import { experiment, graph, ID, places, run } from './draw.ts'

const names = {
  series: (id: string) => (id === ID ? 'RSS shop' : undefined),
  experiment: (id: string) =>
    id === ID ? { number: 2, labelA: 'memcached stopped', labelB: 'running' } : undefined,
}

describe('a predicate as a sentence', () => {
  const group = { kind: 'group', group: { by: 'class', className: 'Session' }, process: null } as const
  const range = { from: Date.UTC(2026, 10, 23, 10, 2), to: Date.UTC(2026, 10, 23, 10, 17) }
  it.each<[CheckPredicate, string]>([
    [
      { kind: 'place', part: 'native', side: 'over', percent: 70, range: null },
      'Native share of the growth over 70 %',
    ],
    [
      { kind: 'place', part: 'fragmentation', side: 'under', percent: 20, range },
      'Fragmentation’s share of the growth under 20 %, 2026-11-23 10:02:00 to 10:17:00 UTC',
    ],
    [{ ...group, measure: 'count', claim: { is: 'grows-every-time' } }, 'Count of Session grows every time'],
    [
      { ...group, process: 'shop', measure: 'bytes', claim: { is: 'does-not-grow' } },
      'Bytes of Session do not grow in shop',
    ],
    [
      {
        ...group,
        group: { by: 'site', file: 'lib/a.rb', line: 14 },
        measure: 'count',
        claim: { is: 'over', amount: 5000 },
      },
      'Count of objects from lib/a.rb:14 over 5,000 in the last capture',
    ],
    [
      { kind: 'rate', seriesId: ID, side: 'over', bytesPerHour: 10 * 1024 ** 2, range: null },
      'RSS shop grows by more than 10.0 MiB/h',
    ],
    [
      { kind: 'per-thousand', seriesId: ID, counterId: ID, side: 'under', bytes: 1064, range: null },
      'RSS shop grows by less than 1,064 B per 1,000 of RSS shop',
    ],
    [
      {
        kind: 'experiment-rate',
        experimentId: ID,
        condition: 'A',
        metric: 'per-iteration',
        side: 'over',
        bytes: 500,
      },
      'Experiment 2: more than 500 B per iteration with “memcached stopped”',
    ],
    [
      { kind: 'experiment-reproduced', experimentId: ID },
      'Experiment 2: it grows with “memcached stopped” and not with “running”',
    ],
    [{ kind: 'outages', range: null }, 'It grows faster inside of the marked outages than outside'],
  ])('%#', (predicate, sentence) => {
    expect(CheckPredicate.parse(predicate)).toEqual(predicate)
    expect(checkSentence(predicate, names)).toBe(sentence)
  })

  it('is refused in words when a number makes no sense', () => {
    const told = (value: object) =>
      CheckPredicate.safeParse(value).error?.issues.map(({ message }) => message)
    const place = { kind: 'place', part: 'native', side: 'over', range: null }
    expect(told({ ...place, percent: 170 })).toEqual(['At most 100 %.'])
    expect(told({ ...place, percent: Number.NaN })).toEqual(['Write a percentage.'])
    expect(told({ kind: 'outages', range: { from: 5, to: 5 } })).toEqual([
      'The end has to be after the start.',
    ])
    expect(told({ kind: 'experiment-reproduced', experimentId: '' })).toEqual(['Choose an experiment.'])
  })
})

describe('where it grows', () => {
  const check = (part: PredicateOf<'place'>['part'], side: 'over' | 'under', percent: number) =>
    ({ kind: 'place', part, side, percent, range: null }) as const
  const share = { value: 0.95, low: 0.9, high: 1.02 }

  it.each<[Place, string]>([
    ['cannot-tell', 'More samples.'],
    ['no-growth', 'A stretch in which it grows.'],
  ])('is untested in any part when the place is %s, even beside a share', (place, missing) => {
    for (const part of ['native', 'managed', 'fragmentation', 'file-backed'] as const) {
      for (const side of ['over', 'under'] as const) {
        const found = checkPlace(
          check(part, side, 50),
          places({ place, share, wouldDecide: 'More samples.' }),
        )
        expect(found).toMatchObject({ state: 'untested', missing })
      }
    }
  })

  it('takes the share of the part that is named, and leaves the rest to the others from above', () => {
    const native = places({ place: 'native', share })
    expect(checkPlace(check('native', 'over', 70), native)).toMatchObject({
      state: 'supported',
      words: 'Native: 95 % (90 to 102 %) of the growth.',
    })
    expect(checkPlace(check('managed', 'over', 20), native).state).toBe('contradicted')
    expect(checkPlace(check('file-backed', 'over', 20), native)).toMatchObject({
      state: 'contradicted',
      words: 'The growth is native (95 % (90 to 102 %)): file-backed is at most 10 % of it.',
    })
    // At most 10 %: whether it is more than 5 % nobody knows.
    expect(checkPlace(check('file-backed', 'over', 5), native).state).toBe('untested')
  })

  it('does not say how much is native where what is outside may be fragmentation', () => {
    const slowing = places({ place: 'fragmentation', share, wouldDecide: 'A run with jemalloc.' })
    expect(checkPlace(check('native', 'under', 50), slowing)).toMatchObject({
      state: 'untested',
      missing: 'A run with jemalloc.',
    })
    const both = places({ place: 'mixed', share: { value: 0.5, low: 0.4, high: 0.6 } })
    expect(checkPlace(check('native', 'over', 50), both).state).toBe('untested')
    expect(checkPlace(check('native', 'over', 70), both).state).toBe('contradicted')
    expect(checkPlace(check('managed', 'over', 30), both).state).toBe('supported')
  })

  it('knows that objects of captures are the least that is managed', () => {
    const least = places({ place: 'managed', share: { value: 0.6, low: 0.5, high: 0.7 }, isLeast: true })
    expect(checkPlace(check('managed', 'over', 40), least).state).toBe('supported')
    expect(checkPlace(check('managed', 'under', 90), least).state).toBe('untested')
    expect(checkPlace(check('native', 'over', 60), least).state).toBe('contradicted')
  })

  it('needs a graph of resident memory', () => {
    expect(checkPlace(check('native', 'over', 1), places({}, { seriesId: null as never }))).toMatchObject({
      state: 'untested',
      missing: expect.stringContaining('RSS'),
    })
  })
})

describe('outages', () => {
  const told = (given: object) =>
    checkOutages(
      places(
        {},
        {
          bands: 1,
          experiment: { inside: 9e6, outside: 1e3, p: 0.001, verdict: 'faster-inside', words: '', ...given },
        },
      ),
    )
  it('support when it is faster inside beyond chance, and contradict only when it is clearly slower', () => {
    expect(told({})).toMatchObject({
      state: 'supported',
      words: expect.stringContaining('+8.6 MiB/h inside'),
    })
    expect(told({ p: 0.4, verdict: 'no-difference' }).state).toBe('untested')
    expect(told({ p: 0.99, verdict: 'no-difference' }).state).toBe('untested')
    expect(told({ p: 0.99, inside: 0, outside: 5e6, verdict: 'no-difference' }).state).toBe('contradicted')
    expect(told({ verdict: 'cannot-tell', inside: null, p: null }).state).toBe('untested')
  })
  it('are untested without a mark', () => {
    expect(checkOutages(places({})).missing).toContain('outage')
  })
})

describe('a rate', () => {
  const over = { kind: 'rate', seriesId: ID, side: 'over', bytesPerHour: 10, range: null } as const
  const rate = { value: 100, low: 50, high: 150 }
  it('is never taken from a reading that cannot tell, and none describes growth that slows or steps', () => {
    for (const kind of ['cannot-tell', 'slowing', 'stepped'] as const) {
      const found = checkRate(over, {
        seriesId: ID,
        graph: graph({ kind, bytesPerHour: rate, decidableAt: kind === 'cannot-tell' ? 5 : null }),
      })
      expect(found).toMatchObject({ state: 'untested', missing: expect.any(String) })
      expect(found.decidableAt).toBe(kind === 'cannot-tell' ? 5 : null)
      const perThousand = { state: 'told', ...rate, from: 0, to: 1 } as const
      const facts = { seriesId: ID, graph: { ...graph({ kind }), perThousand } }
      const each = { kind: 'per-thousand', seriesId: ID, counterId: ID, side: 'over', bytes: 1 } as const
      expect(checkPerThousand({ ...each, range: null }, facts).state).toBe('untested')
    }
  })
  it('is that of the growth, and where nothing grows what would have been seen', () => {
    expect(
      checkRate(over, { seriesId: ID, graph: graph({ kind: 'growing', bytesPerHour: rate }) }),
    ).toMatchObject({
      state: 'supported',
      words: 'It grows: +100 B/h (95 %: 50 B to 150 B).',
    })
    const steady = graph({ kind: 'steady' }, [
      { kind: 'steady', bytesPerHour: { value: 0, low: -4, high: 4 } },
      { kind: 'cannot-tell', bytesPerHour: { value: 0, low: 90, high: 99 } },
    ])
    expect(checkRate(over, { seriesId: ID, graph: steady }).state).toBe('contradicted')
    expect(checkRate({ ...over, bytesPerHour: 0 }, { seriesId: ID, graph: steady }).state).toBe('untested')
  })
  it('per 1,000 is not taken from a series that is no cumulative count', () => {
    expect(['requests', 'failures', 'jobs-total', 'iterations', 'mails-total'].every(isCounter)).toBe(true)
    expect(['heap-live-slots', 'threads', 'rss'].some(isCounter)).toBe(false)
    const perThousand = { state: 'told', ...rate, from: 0, to: 1 } as const
    const facts = { seriesId: ID, graph: { ...graph({ kind: 'growing', bytesPerHour: rate }), perThousand } }
    const each = {
      kind: 'per-thousand',
      seriesId: ID,
      counterId: ID,
      side: 'over',
      bytes: 1,
      range: null,
    } as const
    expect(checkPerThousand(each, facts).state).toBe('supported')
    expect(checkPerThousand(each, { ...facts, isCounterBroken: true })).toMatchObject({
      state: 'untested',
      missing: 'A counter that only rises: requests, jobs, failures.',
    })
  })
  it('is untested when the graph is gone or empty', () => {
    expect(checkRate(over, { seriesId: ID, graph: null }).state).toBe('untested')
    const empty = graph({ kind: 'steady' })
    const nothing = { ...empty, reading: { ...empty.reading, samples: 0 } }
    expect(checkRate(over, { seriesId: ID, graph: nothing }).state).toBe('untested')
  })
})

describe('a group', () => {
  const facts = (counts: readonly number[], given: Partial<CountedGroup> = {}): GroupFacts => ({
    captures: counts.map((count, i) => ({
      captureId: `00000000-0000-4000-8000-00000000000${i}`,
      requests: null,
      sampledEvery: undefined,
      count,
      bytes: count * 4096,
      ...given,
    })),
    process: 'shop',
    type: 'OBJECT',
    methods: [],
  })
  const of = (claim: GroupClaim, measure: 'count' | 'bytes' = 'count'): PredicateOf<'group'> => ({
    kind: 'group',
    group: { by: 'class', className: 'Session' },
    process: null,
    measure,
    claim,
  })
  const cases: [counts: number[], grows: string, doesNot: string][] = [
    [[], 'untested', 'untested'],
    [[100], 'untested', 'untested'],
    [[0, 0, 0], 'untested', 'untested'],
    [[100, 200], 'untested', 'untested'],
    // One interval without growth says that it did not grow every time, and is little to call it flat.
    [[100, 100], 'contradicted', 'untested'],
    [[100, 200, 300], 'supported', 'contradicted'],
    [[100, 100, 100], 'contradicted', 'supported'],
    [[300, 200, 100], 'contradicted', 'supported'],
    // Warmed up, as far as three captures can tell.
    [[100, 900, 900], 'contradicted', 'untested'],
    // It slows down, and has not stopped.
    [[100, 900, 1000], 'untested', 'contradicted'],
    [[100, 900, 200, 950], 'untested', 'untested'],
    [[100, 100, 900], 'untested', 'untested'],
  ]
  it.each(cases)('of %j: grows every time is %s, does not grow is %s', (counts, grows, doesNot) => {
    for (const measure of ['count', 'bytes'] as const) {
      const growing = checkGroup(of({ is: 'grows-every-time' }, measure), facts(counts))
      const flat = checkGroup(of({ is: 'does-not-grow' }, measure), facts(counts))
      expect([growing.state, flat.state]).toEqual([grows, doesNot])
      for (const found of [growing, flat]) expect(found.missing !== null).toBe(found.state === 'untested')
    }
  })

  it('is compared with a number in the last capture, where everything was counted', () => {
    expect(checkGroup(of({ is: 'over', amount: 250 }), facts([900, 300]))).toMatchObject({
      state: 'supported',
      words: '300 in the last capture. Captures of shop.',
    })
    expect(checkGroup(of({ is: 'over', amount: 300 }), facts([900, 300])).state).toBe('contradicted')
    expect(checkGroup(of({ is: 'under', amount: 300 }), facts([900, 300])).state).toBe('contradicted')
    expect(checkGroup(of({ is: 'under', amount: 2 ** 21 }, 'bytes'), facts([300])).words).toBe(
      '1.2 MiB in the last capture. Captures of shop.',
    )
    expect(checkGroup(of({ is: 'over', amount: 1 }), facts([300], { sampledEvery: 524_288 })).state).toBe(
      'untested',
    )
  })

  it('of a sampled profile grows only by more than sampling may be off', () => {
    const sampled = facts([100, 104, 108], { sampledEvery: 1e9 })
    expect(checkGroup(of({ is: 'grows-every-time' }), sampled).state).not.toBe('supported')
  })

  it('of what was allocated and not kept says nothing about growth', () => {
    const allocated = { ...facts([100, 200, 300]), type: 'allocated' }
    expect(checkGroup(of({ is: 'grows-every-time' }), allocated).state).toBe('untested')
    expect(checkGroup(of({ is: 'grows-every-time' }, 'bytes'), allocated).state).toBe('untested')
  })
})

describe('an experiment', () => {
  const four = [1060, 1064, 1066, 1070].map((value) => run('A', value))
  const over = {
    kind: 'experiment-rate',
    experimentId: ID,
    condition: 'A',
    metric: 'per-iteration',
    side: 'over',
    bytes: 500,
  } as const

  it('gives the mean of the runs that count, in its interval', () => {
    const runs = [
      ...four,
      run('B', 0),
      run('A', 9e9, { isExcluded: true }),
      run('A', 9e9, { isCalibration: true }),
      run('A', 9e9, { bytesPerHour: null }),
    ]
    expect(checkExperimentRate(over, experiment({ runs }))).toMatchObject({
      state: 'supported',
      words: expect.stringContaining('1,065 B per iteration in the mean of 4 runs with “memcached stopped”'),
      evidence: [{ kind: 'experiment', experimentId: ID }],
    })
    expect(checkExperimentRate({ ...over, bytes: 2000 }, experiment({ runs })).state).toBe('contradicted')
  })

  it('is untested while it cannot tell, while runs are left, and where iterations were not counted', () => {
    const untested = [
      experiment({ runs: four, conclusion: { verdict: 'cannot-tell' } }),
      experiment({ runs: four, conclusion: { runsLeft: 1 } }),
      experiment({ runs: four, conclusion: null }),
      experiment({ runs: [...four, run('A', 1000, { bytesPerIteration: null })] }),
      experiment({ runs: four.slice(0, 1) }),
      null,
    ]
    for (const one of untested)
      expect(checkExperimentRate(over, one)).toMatchObject({ state: 'untested', missing: expect.any(String) })
  })

  it('speaks against it only where the environment is like production’s', () => {
    const verdict = (conclusion: object) => checkReproduced(experiment({ conclusion })).state
    expect(verdict({})).toBe('supported')
    expect(verdict({ runsLeft: 2 })).toBe('untested')
    expect(verdict({ verdict: 'cannot-tell' })).toBe('untested')
    expect(verdict({ verdict: 'not-reproduced', parity: null })).toBe('untested')
    expect(verdict({ verdict: 'not-reproduced', parity: 0.6 })).toBe('untested')
    expect(verdict({ verdict: 'not-reproduced', parity: 0.8 })).toBe('contradicted')
    for (const other of ['faster-with-a', 'grows-in-both', 'opposite'])
      expect(verdict({ verdict: other })).toBe('contradicted')
  })
})
