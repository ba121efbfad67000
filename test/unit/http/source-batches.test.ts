import { describe, expect, it } from 'vitest'
import { sourceBatches } from '#lib/http/source-batches'
import { livesIn, startTimesQuery } from '#lib/http/source-lives'
import { previewedSeries } from '#lib/http/source-preview'
import type { SourceSeries } from '#lib/investigation/sources'
import { sourceMatrix } from '#lib/jobs/source-matrix'

type Pair = readonly [seconds: number, value: string]
const answer = (result: readonly { metric: object; values: readonly Pair[] }[], more: object = {}) =>
  sourceMatrix(
    new TextEncoder().encode(
      JSON.stringify({ status: 'success', data: { resultType: 'matrix', result }, ...more }),
    ),
  )
const RSS = 'process_resident_memory_bytes'
const rss = (instance: string, values: readonly Pair[] = [[15, '4096']]) => ({
  metric: { __name__: RSS, job: 'shop', instance },
  values,
})
const chosen = (instance: string, more: Partial<SourceSeries> = {}): SourceSeries => ({
  key: `${RSS}{instance="${instance}",job="shop"}`,
  name: 'rss',
  label: `RSS shop · ${instance}`,
  process: `shop · ${instance}`,
  unit: 'bytes',
  factor: 1,
  ...more,
})

describe('what an answer of Prometheus reads as', () => {
  it('each set of labels is a series under a name of its own; NaN and infinities are no values', () => {
    const matrix = answer(
      [
        rss('a:1', [
          [15, '4096'],
          [30, 'NaN'],
          [45, '8192'],
          [60, '+Inf'],
        ]),
        rss('b:1'),
        { metric: { __name__: 'ruby_rss', pid: '7', job: 'shop' }, values: [[15, '1']] },
        { metric: {}, values: [[15, '1e6']] },
        { metric: { __name__: 'gone' }, values: [] },
      ],
      { warnings: ['partial response'], infos: ['a hint'] },
    )
    expect(matrix.series.map(({ key, guess }) => [key, guess.name, guess.process])).toEqual([
      [`${RSS}{instance="a:1",job="shop"}`, 'rss', 'shop · a:1'],
      [`${RSS}{instance="b:1",job="shop"}`, 'rss', 'shop · b:1'],
      ['ruby_rss{job="shop",pid="7"}', 'rss', 'shop · pid 7'],
      ['value{}', 'value', ''],
    ])
    const [first, , worker] = matrix.series
    expect([...(first?.samples.t ?? [])]).toEqual([15_000, 45_000])
    expect([...(worker?.samples.pids ?? [])]).toEqual([7])
    expect([matrix.lines, matrix.badLines, matrix.warnings]).toEqual([7, 2, ['partial response', 'a hint']])
  })

  it('hostile labels are text like any other', () => {
    const metric = JSON.parse(
      `{"__name__":"rss","__proto__":"x","constructor":"y","job":"${'j'.repeat(5000)}"}`,
    )
    const [one] = answer([{ metric, values: [[1, '1']] }]).series
    expect(one?.guess.process.length).toBe(119)
    expect(one?.key).toContain('__proto__="x"')
    expect(Object.getPrototypeOf(one?.labels)).toBe(Object.prototype)
  })

  it('two long names that begin alike stay two', () => {
    const long = (pod: string) => ({
      metric: { __name__: 'rss', pod: 'p'.repeat(200) + pod },
      values: [[1, '1']] as const,
    })
    const names = answer([long('a'), long('b')]).series.map(({ guess }) => guess.process)
    expect(new Set(names).size).toBe(2)
  })

  it('the preview ticks what is known to be memory, and says how values read', () => {
    const rows = previewedSeries(
      answer([
        rss('a:1', [
          [0, '1048576'],
          [15, '2097152'],
          [30, '3145728'],
        ]),
        { metric: { __name__: 'up' }, values: [[1, '1']] },
      ]),
      '{job="shop"}',
    )
    expect(rows.map(({ label, suggested, unit, from, to }) => [label, suggested, unit, from, to])).toEqual([
      ['RSS', true, 'bytes', 0, 30_000],
      ['up', false, 'count', 1000, 1000],
    ])
    expect(rows[0]?.examples.map(({ written, means }) => `${written} → ${means}`)).toEqual([
      '1048576 → 1.0 MiB',
      '2097152 → 2.0 MiB',
      '3145728 → 3.0 MiB',
    ])
  })

  it.each([
    ['node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes', 'host-used', 'bytes'],
    [`sum by (pod) (${RSS}{a="x_bytes/"})`, 'rss', 'bytes'],
    [`max_over_time(${RSS}[5m])`, 'rss', 'bytes'],
    ['sum(container_memory_rss) + sum(other_bytes)', 'memory', 'bytes'],
    ['sum(process_resident_memory_bytes + go_memstats_heap_alloc_bytes)', 'memory', 'bytes'],
    [`rate(${RSS}[5m])`, 'value', 'count'],
    [`${RSS} / node_memory_MemTotal_bytes`, 'value', 'count'],
    [`count(${RSS})`, 'value', 'count'],
    [`${RSS} > bool 5`, 'value', 'count'],
    ['sum(up{x="some_bytes"})', 'value', 'count'],
    ['', 'value', 'count'],
  ])('of the result of %s, which has no name, it guesses %s', (query, name, unit) => {
    const [row] = previewedSeries(answer([{ metric: { pod: 'a' }, values: [[1, '4096']] }]), query)
    expect([row?.name, row?.unit]).toEqual([name, unit])
  })
})

describe('what of an answer is taken', () => {
  it('the chosen series alone, in the unit that was said', () => {
    const only = { series: [chosen('b:1', { factor: 1024 })], follows: false }
    const batches = sourceBatches(only, answer([rss('a:1'), rss('b:1')]))
    expect(batches.map(({ process, samples }) => [process, [...samples.v]])).toEqual([
      ['shop · b:1', [4096 * 1024]],
    ])
  })

  it('new series too, where they are followed: as what their metric was said to be', () => {
    const follows = { series: [chosen('a:1', { name: 'working-set', factor: 1024 })], follows: true }
    const batches = sourceBatches(follows, answer([rss('a:1'), rss('z:1')]))
    expect(batches.map(({ name, label, samples }) => [name, label, samples.v[0]])).toEqual([
      ['working-set', 'RSS shop · a:1', 4096 * 1024],
      ['working-set', 'Working set shop · z:1', 4096 * 1024],
    ])
    const many = answer(Array.from({ length: 51 }, (_, n) => rss(`h${n}`)))
    expect(() => sourceBatches({ series: [chosen('h0')], follows: true }, many)).toThrow('51 series; 50')
  })

  it('of new series only those of metrics that were chosen; two that would be one get names of their own', () => {
    const usage = (metric: string, pod: string) => ({
      metric: { __name__: metric, pod },
      values: [[1, '1']] as const,
    })
    const [a, b] = ['container_memory_usage_bytes', 'memory_usage_bytes']
    const memory = (metric: string, pod: string) =>
      chosen('', { key: `${metric}{pod="${pod}"}`, name: 'memory', label: `Memory ${pod}`, process: pod })
    const both = { series: [memory(a, 'x'), memory(b, 'y')], follows: true }
    const names = sourceBatches(
      both,
      answer([usage(a, 'new'), usage(b, 'new'), usage('go_goroutines', 'new')]),
    )
    expect(names.map(({ name, process }) => `${name} ${process}`)).toEqual([
      'memory new',
      'memory new · memory_usage_bytes',
    ])
  })
})

describe('restarts by start time', () => {
  const START = 'process_start_time_seconds'
  const start = (labels: object, values: readonly Pair[]) => ({
    metric: { __name__: START, ...labels },
    values,
  })

  it('each sample knows when its process was started', () => {
    const matrix = answer([
      rss('a:1', [
        [15, '1'],
        [30, '2'],
        [45, '3'],
      ]),
    ])
    const starts = answer([
      start({ job: 'shop', instance: 'a:1' }, [
        [15, '1000.4'],
        [45, '2000'],
      ]),
      start({ job: 'shop', instance: 'b:1' }, [[15, '5']]),
    ])
    const [batch] = sourceBatches({ series: [chosen('a:1')], follows: false }, matrix, livesIn(starts))
    expect([...(batch?.samples.pids ?? [])]).toEqual([1000, 0, 2000])
  })

  it('nothing is said where several processes agree, or none, or only a label that names nothing', () => {
    const matrix = answer([rss('a:1')])
    const one = (labels: object) => start(labels, [[15, '7']])
    for (const starts of [
      [one({ instance: 'a:1', pod: 'x' }), one({ instance: 'a:1', pod: 'y' })],
      [one({ instance: 'b:1' })],
      [one({ job: 'shop' })],
      [],
    ]) {
      const [batch] = sourceBatches(
        { series: [chosen('a:1')], follows: false },
        matrix,
        livesIn(answer(starts)),
      )
      expect(batch?.samples.pids).toBeUndefined()
    }
  })

  it('are asked for by the labels of what is fetched, whatever is in them', () => {
    const of = (metric: string, labels: Record<string, string>) => startTimesQuery([{ metric, labels }])
    expect(of(RSS, { instance: 'a.b:1"}' })).toBe(`${START}{instance=~"a\\\\.b:1\\"\\\\}"}`)
    expect(of('container_memory_rss', { pod: 'web-1' })).toBe('container_start_time_seconds{pod=~"web-1"}')
    expect(of(RSS, { job: 'shop' })).toBeUndefined()
  })
})
