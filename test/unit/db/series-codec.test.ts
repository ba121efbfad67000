import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeSamples, encodeSamples } from '#lib/db/series-codec'
import { cleanSamples, type Samples } from '#lib/series/samples'
import { normal, seeded } from '#test/unit/series/draw-series'

const T0 = 1_795_000_000_000

/** Equal bit by bit: -0 is not 0. */
function expectSame(back: Samples, samples: Samples): void {
  for (const name of ['t', 'v', 'pids'] as const) {
    const bits = (column: Float64Array | undefined) => column && Buffer.from(column.slice().buffer)
    const [mine, theirs] = [bits(back[name]), bits(samples[name])]
    expect(mine && theirs ? mine.equals(theirs) : mine === theirs).toBe(true)
  }
}

async function expectToComeBack(samples: Samples): Promise<Uint8Array> {
  const payload = await encodeSamples(samples)
  expectSame(await decodeSamples(payload), samples)
  return payload
}

const values = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  fc.integer().map((pages) => pages * 4096),
  fc.integer({ min: 0, max: 100_000 }).map((tenths) => (tenths / 10) * 1024 ** 2),
  fc.constantFrom(0, -0, 0.1, 2 ** 50, 2 ** 50 + 1, -(2 ** 53), Number.MAX_VALUE, Number.MIN_VALUE),
)
const times = fc.oneof(
  fc.integer({ min: 0, max: 4_000_000_000_000 }),
  fc.integer({ min: 0, max: 3000 }).map((second) => T0 + second * 1000),
)

describe('packed samples', () => {
  it('[SER50] come back bit by bit, whatever finite numbers they are, in whatever order they came (seed 20265)', async () => {
    const rows = fc.array(fc.tuple(times, values, fc.integer({ min: 0, max: 4_194_304 })), { maxLength: 300 })
    await fc.assert(
      fc.asyncProperty(rows, fc.boolean(), async (list, hasPids) => {
        const column = (at: 0 | 1 | 2) => Float64Array.from(list, (row) => row[at])
        const samples = { t: column(0), v: column(1), ...(hasPids && { pids: column(2) }) }
        const clean = cleanSamples(samples)
        await expectToComeBack(clean)
        // Again and again is once: duplicates went before.
        await expectToComeBack(cleanSamples(clean))
      }),
      { seed: 20265, numRuns: 300 },
    )
  })

  it('[SER50] of one kind each, as real series are (seed 20266)', async () => {
    const kinds = [
      fc.integer({ min: 0, max: 2 ** 30 }).map((pages) => pages * 4096),
      fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
      fc.integer({ min: 0, max: 9999 }).map((hundredths) => (hundredths / 100) * 1024 ** 3),
      fc.integer({ min: 0, max: 9999 }).map((tenths) => (tenths / 10) * 1000),
      fc.double({ min: 0, max: 1, noNaN: true }),
    ]
    for (const kind of kinds) {
      await fc.assert(
        fc.asyncProperty(fc.array(kind, { maxLength: 500 }), async (list) => {
          const t = Float64Array.from(list, (_, i) => T0 + i * 1000)
          await expectToComeBack({ t, v: Float64Array.from(list) })
        }),
        { seed: 20266, numRuns: 60 },
      )
    }
  })

  it('[SER101] take about a byte a sample or less where they come from a process (seed 3)', async () => {
    const random = seeded(3)
    const count = 65_536
    const steady = Float64Array.from({ length: count }, (_, i) => T0 + i * 1000)
    const late = steady.map((at) => at + Math.round(4 * normal(random)))
    let pages = 40_000
    const resident = steady.map(() => {
      const chance = random()
      if (chance < 0.12) pages += Math.round(8 * Math.abs(normal(random)))
      else if (chance < 0.15) pages -= Math.round(20 * Math.abs(normal(random)))
      return pages * 4096
    })
    let served = 0
    const counter = steady.map(() => {
      served += Math.round(580 + 25 * normal(random))
      return served
    })
    const shown = steady.map((_, i) => (Math.round((300 + i / 1000 + normal(random)) * 10) / 10) * 1024 ** 2)
    const perSample = async (t: Float64Array, v: Float64Array) =>
      (await expectToComeBack({ t, v })).length / count
    expect(await perSample(steady, resident)).toBeLessThan(0.25)
    expect(await perSample(late, resident)).toBeLessThan(0.9)
    expect(await perSample(steady, counter)).toBeLessThan(1)
    expect(await perSample(steady, shown)).toBeLessThan(0.8)
    // White noise of ± 0.8 MiB in pages: the worst case, near what information theory allows (1.26).
    const noise = steady.map(() => 4096 * Math.round(50_000 + 200 * normal(random)))
    expect(await perSample(steady, noise)).toBeLessThan(1.32)
  })

  it('[SER101] refuse what is no number: it would come back as another', async () => {
    for (const v of [Number.NaN, Number.POSITIVE_INFINITY])
      await expect(encodeSamples({ t: Float64Array.of(T0), v: Float64Array.of(v) })).rejects.toThrow(
        /is no sample/,
      )
  })

  it('[SER102] that were packed by version 1 are still read', async () => {
    const t = Float64Array.from({ length: 12 }, (_, i) => T0 + i * 1000 + (i % 3))
    const old = (text: string) => decodeSamples(Buffer.from(text, 'base64'))
    expectSame(await old('AQIMAAAAa/ix6enejEv8l/jP8KOTC3rZmNi4+ITEnn5gmfeRRUlNCwA='), {
      t,
      v: t.map((_, i) => 4096 * (50_000 + i * i - (i === 7 ? 40_000 : 0))),
    })
    expectSame(await old('AQUMAAAAa/ix6enejEv8l/jP8KOT6nwIwMDkzrLiMCMbAA=='), {
      t,
      v: t.map((_, i) => i * 7 - 20),
      pids: t.map((_, i) => (i < 2 ? 0 : i < 6 ? 71 : 25_000)),
    })
    expectSame(
      await old(
        'AQAMAAAAa/ix6enejEv8l/jP8KOTDGDwYX9YKAg8hdJX9zNAQQiEbw+Vt4eqh/K/2q8Cg19QcQaH1WA+kwNYOpTVAQA=',
      ),
      { t, v: t.map((_, i) => i / 3 - 1) },
    )
    await expect(decodeSamples(Buffer.from('CQAMAAAAAwA=', 'base64'))).rejects.toThrow(/version 9/)
  })
})
