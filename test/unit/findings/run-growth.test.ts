import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { captureSuspects } from '#lib/findings/run-growth'
import { decodeStackProfile, encodeStackProfile } from '#lib/findings/stack-columns'
import { readStackBytes, readStackFile, textBytes } from '#test/build/stack-files'

/** A massif file: what each place holds at each moment; every moment has stacks unless `bare` says otherwise. */
function massifFile(
  places: ReadonlyMap<string, readonly number[]>,
  { bare = [] as readonly number[], times = [] as readonly number[], desc = '--detailed-freq=1' } = {},
): Uint8Array {
  const count = Math.max(...[...places.values()].map(({ length }) => length))
  const moments = Array.from({ length: count }, (_, moment) => {
    const held = [...places].map(([name, bytes]) => ({ name, bytes: bytes[moment] ?? 0 }))
    const total = held.reduce((sum, { bytes }) => sum + bytes, 0)
    const shown = held.filter(({ bytes }) => bytes >= total / 100 && bytes > 0)
    const fields = `#-----------\nsnapshot=${moment}\n#-----------\ntime=${times[moment] ?? moment * 1000}\nmem_heap_B=${total}\nmem_heap_extra_B=0\nmem_stacks_B=0\n`
    if (bare.includes(moment)) return `${fields}heap_tree=empty\n`
    const below = total - shown.reduce((sum, { bytes }) => sum + bytes, 0)
    const lines = shown.flatMap(({ name, bytes }, place) => [
      ` n1: ${bytes} 0x10${place}: ${name} (${name}.c:${place + 1})`,
      `  n0: ${bytes} 0x20: main (main.c:1)`,
    ])
    const rest = below > 0 ? [` n0: ${below} in 3 places, all below massif's threshold (1.00%)`] : []
    const heading = `n${shown.length + rest.length}: ${total} (heap allocation functions) malloc/new/new[], --alloc-fns, etc.`
    return `${fields}heap_tree=detailed\n${[heading, ...lines, ...rest].join('\n')}\n`
  })
  return textBytes(`desc: ${desc}\ncmd: ./app\ntime_unit: i\n${moments.join('')}`)
}

const said = (places: Record<string, readonly number[]>, options?: Parameters<typeof massifFile>[1]) =>
  captureSuspects(readStackBytes(massifFile(new Map(Object.entries(places)), options)).profile)
const names = (places: Record<string, readonly number[]>, options?: Parameters<typeof massifFile>[1]) =>
  said(places, options).suspects.map(({ frame }) => frame.name)
const over = (count: number, bytes: (moment: number) => number): number[] =>
  Array.from({ length: count }, (_, moment) => Math.round(bytes(moment)))

const MB = 1_000_000

describe('growth within one run', () => {
  it('names what the planted client of the corpus keeps, and never the cache that is filled at the start', () => {
    const { suspects, words } = captureSuspects(readStackFile('valgrind/massif-driver.out').profile, 5000)
    expect(new Set(suspects.map(({ frame }) => frame.name))).toEqual(new Set(['mc_make_error']))
    expect(suspects[0]).toMatchObject({ type: 'in use', frame: { file: 'leakyclient.c', line: 39 } })
    expect(suspects[0]?.words).toContain('within this run')
    expect(suspects[0]?.perRequest?.bytes).toBeGreaterThan(800)
    expect(words).toContain('a longer one decides')
  })

  it('accuses nobody by pages: they stand at the call that made the heap larger', () => {
    const { suspects, words } = captureSuspects(readStackFile('valgrind/massif-driver-pages.out').profile)
    expect(suspects).toEqual([])
    expect(words).toContain('cannot tell')
  })

  it('is told from three moments, and from fewer says that it cannot tell', () => {
    expect(names({ grows: [1 * MB, 2 * MB, 3 * MB], cache: [MB, MB, MB] })).toEqual(['grows'])
    expect(said({ grows: [1 * MB, 2 * MB] })).toEqual({
      suspects: [],
      words: expect.stringContaining('cannot tell'),
    })
  })

  it.each([
    ['a table filled in the first half', over(40, (at) => MB * Math.min(20, at))],
    ['a table filled until shortly before the end', over(40, (at) => MB * Math.min(33, at))],
    ['a step in the middle', over(40, (at) => (at < 20 ? MB : 30 * MB))],
    ['garbage that piles up and is collected', over(40, (at) => MB * (1 + (at % 7)))],
    ['what shrinks', over(40, (at) => MB * (50 - at))],
    ['what stays', over(40, () => 20 * MB)],
  ])('never names %s', (_, bytes) => {
    expect(names({ healthy: bytes, base: over(40, () => 3 * MB) })).toEqual([])
  })

  it('finds what grows below such garbage', () => {
    expect(
      names({ sawtooth: over(60, (at) => MB * (1 + (at % 5))), grows: over(60, (at) => MB * at) }),
    ).toEqual(['grows'])
  })

  it('finds what was below massif’s threshold at first', () => {
    expect(names({ base: over(40, () => 100 * MB), grows: over(40, (at) => 0.3 * MB * at) })).toEqual([
      'grows',
    ])
  })

  it('looks past the end, at which a program gives everything back', () => {
    const grows = [...over(40, (at) => MB * (1 + at)), 0]
    const times = [...over(40, (at) => at * 1000), 39_100]
    expect(names({ grows, base: over(41, () => 1000) }, { times })).toEqual(['grows'])
  })

  it('takes a moment without stacks for what it is: nobody held more than the whole heap', () => {
    const inFlight = [5 * MB, 10_000, 6 * MB, 10_000, 7 * MB, 10_000, 8 * MB]
    expect(names({ inFlight }, { bare: [1, 3, 5] })).toEqual([])
  })

  it('accuses nothing that fills up and stops, whatever garbage comes and goes on top of it', () => {
    const healthy = fc.record({
      count: fc.integer({ min: 30, max: 60 }),
      fill: fc.double({ min: 0, max: 0.75, noNaN: true }),
      full: fc.integer({ min: 0, max: 50 * MB }),
      period: fc.integer({ min: 1, max: 3 }),
      garbage: fc.integer({ min: 0, max: 50 * MB }),
      phase: fc.integer({ min: 0, max: 3 }),
    })
    fc.assert(
      fc.property(healthy, ({ count, fill, full, period, garbage, phase }) => {
        const bytes = over(count, (at) => {
          const filled = fill === 0 ? full : full * Math.min(1, at / (fill * count))
          return 1000 + filled + garbage * (((at + phase) % period) / period)
        })
        expect(names({ bytes, base: over(count, () => MB) })).toEqual([])
      }),
    )
  })

  it('is kept with the stored profile', () => {
    const { profile } = readStackFile('valgrind/massif-driver.out')
    expect(captureSuspects(decodeStackProfile(encodeStackProfile(profile)))).toEqual(captureSuspects(profile))
  })
})
