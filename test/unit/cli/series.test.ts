import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { main } from '#lib/cli/main'
import { judgementOf } from '#lib/cli/series'
import { SHAPES, segmentShape, seriesShape } from '#lib/cli/series-shape'
import { sizeOf } from '#lib/cli/size'
import { readSeries } from '#lib/series/read-series'
import type { SegmentReading } from '#lib/series/reading'

const FIXTURES = join(import.meta.dirname, '../../fixtures/series')
const fixture = (name: string): string => join(FIXTURES, name)

/** What DESIGN promises to scripts, and nothing more. */
const Rate = z.object({ value: z.number(), low: z.number(), high: z.number() })
const Shape = z.enum(['steady', 'steady-so-far', 'slowing', 'step', 'undecided', 'none', 'insufficient'])
const Answer = z.object({
  segments: z.array(
    z.object({ from: z.number(), to: z.number(), shape: Shape, bytesPerHour: Rate.nullable() }),
  ),
  restarts: z.array(z.object({ at: z.number(), because: z.string() })),
  shape: Shape,
  bytesPerHour: Rate.nullable(),
  reachesLimitAt: z.number().nullable(),
  clock: z.string().nullable(),
  verdict: z.string().min(1),
})

async function run(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const said = { out: '', err: '' }
  const status = await main(args, {
    out: (text) => {
      said.out += `${text}\n`
    },
    err: (text) => {
      said.err += `${text}\n`
    },
  })
  return { status, ...said }
}

async function answer(...args: string[]): Promise<z.infer<typeof Answer>> {
  const { status, out, err } = await run('series', '--json', ...args)
  expect(err).toBe('')
  expect(status).toBe(0)
  return Answer.parse(JSON.parse(out))
}

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'leakroom-cli-series-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function written(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

/** A sample a minute, `megabytes` each. */
const csv = (megabytes: readonly number[]): string =>
  [
    'timestamp,rss_bytes',
    ...megabytes.map((mb, i) => `${1_795_000_000 + i * 60},${Math.round(mb * 1e6)}`),
  ].join('\n')

describe('leakroom series', () => {
  it('gives the planted 256,000 B/s within the interval, and when the limit is met', async () => {
    const { shape, bytesPerHour, reachesLimitAt, segments } = await answer(
      fixture('fastleak.csv'),
      '--limit',
      '200MiB',
    )
    expect(shape).toBe('steady-so-far')
    expect(bytesPerHour!.low).toBeLessThan(256_000 * 3600)
    expect(bytesPerHour!.high).toBeGreaterThan(256_000 * 3600)
    expect(reachesLimitAt).toBeGreaterThan(segments.at(-1)!.to)
  })

  it.each(['healthy', 'sawtooth', 'step'])('does not accuse %s.csv', async (name) => {
    const { shape, reachesLimitAt } = await answer(fixture(`${name}.csv`), '--limit', '200MiB')
    expect(shape).toBe(name === 'step' ? 'step' : 'none')
    expect(reachesLimitAt).toBeNull()
  })

  it('sees the middle phase of the article’s series grow, and nothing else', async () => {
    const { segments, bytesPerHour, verdict } = await answer(fixture('rss-3phase.csv'))
    expect(segments.map(({ shape }) => shape)).toEqual(['none', 'steady-so-far', 'none'])
    expect(bytesPerHour!.value / 3600).toBeGreaterThan(640_000)
    expect(bytesPerHour!.value / 3600).toBeLessThan(660_000)
    expect(verdict).toContain('not at the end')
  })

  it('finds that the article’s growth follows failures and not requests, with the cost of one', async () => {
    const { out } = await run('series', '--json', fixture('rss-3phase.csv'))
    const { clock, clockCost } = JSON.parse(out)
    expect(clock).toBe('failures_total')
    expect(clockCost.value).toBeGreaterThan(1000)
    expect(clockCost.value).toBeLessThan(1250)
  })

  it('does not take page faults for a clock', async () => {
    expect((await answer(fixture('fastleak.csv'))).clock).toBeNull()
  })

  it('counts eleven restarts', async () => {
    expect((await answer(fixture('rss-restart-sawtooth.csv'))).restarts).toHaveLength(11)
  })

  it('reads a packed file as the plain one', async () => {
    const packed = written('fastleak.csv.gz', gzipSync(readFileSync(fixture('fastleak.csv'))))
    const plain = await answer(fixture('fastleak.csv'))
    expect(await answer(packed)).toEqual(plain)
  })

  it('says to people what it says to scripts, with the limit', async () => {
    const { out } = await run('series', fixture('fastleak.csv'), '--limit', '200MiB')
    expect(out).toMatch(/Growing so far: \+\d/)
    expect(out).toContain('The limit (200.0 MiB)')
    expect(out).not.toMatch(/leak\b(?!\.csv)/i)
  })
})

describe('leakroom judge', () => {
  it.each([
    ['healthy.csv', 0],
    ['sawtooth.csv', 0],
    ['step.csv', 0],
    ['fastleak.csv', 1],
    ['rss-3phase.csv', 1],
  ])('exits for %s with %i', async (name, status) => {
    expect((await run('judge', fixture(name))).status).toBe(status)
  })

  it('exits with 125 where too little was seen', async () => {
    const { status, out } = await run('judge', written('short.csv', csv([100, 101, 102, 103])))
    expect(status).toBe(125)
    expect(out).toContain('insufficient: Cannot tell yet')
  })

  it('exits with 125 for a file that is not there: a script must not accuse a commit for it', async () => {
    const { status, err } = await run('judge', join(folder, 'nowhere.csv'))
    expect(status).toBe(125)
    expect(err).toContain('there is no such file')
  })

  it('judges every process of a file: one that grows is enough', async () => {
    const { status, out } = await run('judge', fixture('pidstat-r.txt'))
    expect(status).toBe(1)
    expect(out.trim().split('\n')).toHaveLength(5)
    expect(judgementOf(['steady', 'cannot-tell', 'stepped'])).toBe(125)
    expect(judgementOf(['steady', 'growing', 'cannot-tell'])).toBe(1)
    expect(judgementOf(['steady', 'slowing'])).toBe(0)
  })

  it('names the columns when there is no memory among them', async () => {
    const { status, err } = await run(
      'series',
      written('counts.csv', 'timestamp,orders\n1795000000,1\n1795000001,2\n'),
    )
    expect(status).toBe(1)
    expect(err).toContain('orders')
  })
})

describe('shapes', () => {
  const segment: SegmentReading = {
    from: 0,
    to: 3600_000,
    life: 0,
    phase: null,
    samples: 3600,
    kind: 'growing',
    bytesPerHour: null,
    persistence: 1,
    independent: 20,
    warmUpMs: 0,
    season: null,
    jumps: [],
    decidableAt: null,
    endLevel: 1,
    noise: 0,
    words: '',
  }

  it('calls growth steady from a day on, and steady so far before', () => {
    expect(segmentShape(segment)).toBe('steady-so-far')
    expect(segmentShape({ ...segment, to: 24 * 3600_000 })).toBe('steady')
  })

  it('tells undecided from too little data', () => {
    expect(segmentShape({ ...segment, kind: 'cannot-tell' })).toBe('undecided')
    expect(segmentShape({ ...segment, kind: 'cannot-tell', independent: 3 })).toBe('insufficient')
    expect(seriesShape(readSeries({ t: new Float64Array(0), v: new Float64Array(0) }))).toBe('insufficient')
  })

  it('has a word and a status for every kind of the engine, and accuses only what grew', () => {
    const accusing = Object.entries(SHAPES).filter(([, { exit }]) => exit === 1)
    expect(accusing.map(([kind]) => kind).sort()).toEqual(['grew', 'growing'])
  })
})

describe('sizes', () => {
  it.each([
    ['16GiB', 16 * 1024 ** 3],
    ['16G', 16 * 1024 ** 3],
    ['2 GB', 2e9],
    ['1.5mib', 1.5 * 1024 ** 2],
    ['1_000_000', 1e6],
  ])('reads %s', (text, size) => {
    expect(sizeOf(text)).toBe(size)
  })
  it.each(['', 'big', '-1', '0', '16 GiB of RAM', '1e400g'])('refuses "%s"', (text) => {
    expect(sizeOf(text)).toBeUndefined()
  })
})
