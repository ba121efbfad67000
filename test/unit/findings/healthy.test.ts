import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { growth } from '#lib/findings/growth'
import type { GrowthCapture } from '#lib/findings/growth-model'
import { RubyProcess } from '#test/build/ruby-process'

interface Habits {
  /** Objects that the bounded cache holds; reached within the first interval. */
  readonly bound: number
  /** Things that are loaded on first use, within the second interval. */
  readonly loaded: number
  /** Objects in flight when a capture is taken, others each time, up to so many. */
  readonly inFlight: readonly number[]
  /** Kept for ever, per interval. */
  readonly leak: number
  readonly traced: boolean
}

const habits = fc.record({
  bound: fc.integer({ min: 10, max: 200 }),
  loaded: fc.integer({ min: 0, max: 300 }),
  inFlight: fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 4, maxLength: 4 }),
  leak: fc.constant(0),
  traced: fc.boolean(),
})

/** Four captures of a process with these habits. */
function live({ bound, loaded, inFlight, leak, traced }: Habits): GrowthCapture[] {
  const process = new RubyProcess()
  const array = process.addClass('Array')
  const classes = ['Cached', 'Loaded', 'Request', 'Leaked'].map((name) => process.addClass(name))
  const [cached, loadedClass, request, leaked] = classes as [number, number, number, number]
  const store = (name: string): number => {
    const list = process.add({ type: 'ARRAY', class: array, at: 'boot.rb:1' })
    process.link(process.addClass(name), list)
    return list
  }
  const [registry, kept] = [store('Registry'), store('Kept')]
  const cacheClass = process.addClass('Cache')
  return inFlight.map((flying, round) => {
    // The cache replaces all that it holds.
    const lru = process.add({ type: 'ARRAY', class: array, at: 'cache.rb:1' })
    const entries = Array.from({ length: bound }, () => process.add({ class: cached, at: 'cache.rb:2' }))
    for (const one of entries) process.link(lru, one)
    process.link(cacheClass, lru)
    if (round === 1)
      for (let i = 0; i < loaded; i++)
        process.link(registry, process.add({ class: loadedClass, at: 'load.rb:1' }))
    for (let i = 0; i < leak; i++) {
      process.link(kept, process.add({ class: leaked, at: 'leak.rb:1' }))
      if (i % 10 === 0) process.collect()
    }
    const buffer = process.root(process.add({ type: 'ARRAY', class: array, at: 'server.rb:1' }))
    const flight = Array.from({ length: flying }, () => process.add({ class: request, at: 'server.rb:2' }))
    for (const one of flight) process.link(buffer, one)
    process.collect()
    const capture = process.capture({ traced })
    process.unroot(buffer)
    process.unlink(cacheClass, lru)
    process.release([buffer, lru, ...entries, ...flight])
    return capture
  })
}

describe('verdicts over random processes', () => {
  it('[TRU14] accuse no process that is healthy: bounded caches, things loaded once, work in flight (seeded)', () => {
    fc.assert(
      fc.property(habits, (drawn) => {
        // In flight, a number may rise by chance. Untraced, nobody can tell that from growth; traced, it must be told.
        const isRising =
          !drawn.traced && drawn.inFlight.every((count, at) => at === 0 || count > drawn.inFlight[at - 1]!)
        fc.pre(!isRising)
        const report = growth(live(drawn))
        const accused = report.suspects.filter(({ confidence }) => confidence.level !== 'low')
        expect(accused.map(({ words }) => words)).toEqual([])
        expect(JSON.stringify(report.suspects)).not.toMatch(/Cached|Loaded/)
      }),
      { seed: 20261123, numRuns: 60 },
    )
  }, 60_000)

  it('[TRU15] find what is kept for ever in any of them, by what keeps it (seeded)', () => {
    fc.assert(
      fc.property(habits, fc.integer({ min: 20, max: 200 }), (drawn, leak) => {
        const report = growth(live({ ...drawn, leak }))
        expect(report.suspects[0]?.title ?? 'none').toBe(`class Kept → Array of ${4 * leak}`)
      }),
      { seed: 20261124, numRuns: 60 },
    )
  }, 60_000)

  it.each([
    ['constcache', 0],
    ['callcache', 0],
    ['env', 1],
  ])('[TRU17] know what Ruby fills as code is first reached from what code keeps: %s', (imemo, suspects) => {
    const process = new RubyProcess()
    const keeper = process.addClass('Keeper')
    const captures = [259, 8, 6].map((more) => {
      for (let i = 0; i < more; i++) process.link(keeper, process.add({ type: 'IMEMO', imemo }))
      process.collect()
      return process.capture()
    })
    expect(growth(captures).suspects).toHaveLength(suspects)
  })
})
