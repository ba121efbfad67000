import { describe, expect, it } from 'vitest'
import { runSamples } from '#lib/http/run-samples'
import { SeriesId } from '#lib/investigation/ids'
import { liveBatches } from '#lib/jobs/live-lines'

const T0 = 1_795_000_000_000
const id = (n: number) => SeriesId.parse(`00000000-0000-4000-8000-00000000000${n}`)
const read = (...lines: object[]) =>
  liveBatches(new TextEncoder().encode(lines.map((line) => JSON.stringify(line)).join('\n')), T0)

describe('lines of a run', () => {
  it('keep runs apart that share a series, and tell which one is over', () => {
    const line = (run: string | undefined, t: number) => ({ t, series: 'rss', v: 1, process: 'app', run })
    const { batches, ended, refused } = read(
      line('1/1A', T0),
      line('1/2B', T0 + 1000),
      line(undefined, T0 + 2000),
      { run: '1/1A', end: true, process: 'app' },
    )
    expect(refused).toBe(0)
    expect(batches.map(({ run, samples }) => [run, samples.t[0]])).toEqual([
      ['1/1A', T0],
      ['1/2B', T0 + 1000],
      [undefined, T0 + 2000],
    ])
    expect(ended).toEqual([{ run: '1/1A', process: 'app' }])
  })

  it.each([{ end: true }, { run: 'x'.repeat(21), end: true }, { run: '1/1', end: 'yes' }, { run: '1/1' }])(
    'are refused when they say nothing: %j',
    (line) => {
      expect(read(line)).toMatchObject({ batches: [], ended: [], refused: 1 })
    },
  )

  it('are one thing for each run: its graphs, its time, and how far its samples are apart', () => {
    const t = Float64Array.of(T0 + 2000, T0, T0 + 1000)
    const stored = [
      { run: '1/1A', name: 'rss', process: 'app', seriesId: id(1), t },
      { run: '1/1A', name: 'iterations', process: 'app', seriesId: id(2), t },
      { run: '1/2B', name: 'rss', process: 'app', seriesId: id(3), t: t.slice(0, 1) },
    ]
    expect(
      runSamples(stored, [
        { run: '1/1A', process: 'app' },
        { run: '1/3A', process: '' },
      ]),
    ).toEqual([
      {
        run: '1/1A',
        process: 'app',
        series: new Map([
          ['rss', id(1)],
          ['iterations', id(2)],
        ]),
        from: T0,
        to: T0 + 2000,
        spacingMs: 1000,
        hasEnded: true,
      },
      {
        run: '1/2B',
        process: 'app',
        series: new Map([['rss', id(3)]]),
        from: T0 + 2000,
        to: T0 + 2000,
        spacingMs: null,
        hasEnded: false,
      },
      { run: '1/3A', process: '', series: new Map(), from: null, to: null, spacingMs: null, hasEnded: true },
    ])
  })
})
