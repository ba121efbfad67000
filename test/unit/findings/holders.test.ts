import { describe, expect, it } from 'vitest'
import { growth } from '#lib/findings/growth'
import type { GrowthCapture, GrowthReport } from '#lib/findings/growth-model'
import { RubyProcess } from '#test/build/ruby-process'

/** A process with the classes that tests need. */
function startProcess(life = 0) {
  const process = new RubyProcess(life)
  return {
    process,
    array: process.addClass('Array'),
    hash: process.addClass('Hash'),
    string: process.addClass('String'),
    entry: process.addClass('Entry'),
  }
}

/** Three captures; before each, `work` is done with the number of the round. */
function threeCaptures(
  process: RubyProcess,
  work: (round: number) => void,
  options: Parameters<RubyProcess['capture']>[0] = {},
): GrowthCapture[] {
  return [1, 2, 3].map((round) => {
    work(round)
    process.collect()
    return process.capture({ ...options, requests: round * 100 })
  })
}

const row = (report: GrowthReport, className: string) =>
  report.rows.find((one) => one.className === className)!
const holderWords = (report: GrowthReport, className: string): string[] =>
  row(report, className).heldBy.map(({ holder }) => report.holders[holder]!.words)

describe('the holder of growth', () => {
  it('[HLD1] is the deepest thing that does not multiply itself: the array, not the entries and not the module', () => {
    const { process, array, string, entry } = startProcess()
    const list = process.add({ type: 'ARRAY', class: array })
    process.link(process.addClass('AuditTrail', 'MODULE'), list)
    const captures = threeCaptures(process, () => {
      for (let i = 0; i < 100; i++) {
        const text = process.add({ type: 'STRING', class: string, at: 'a.rb:2' })
        process.link(list, process.add({ class: entry, to: [text], at: 'a.rb:1' }))
      }
    })
    const report = growth(captures)

    expect(holderWords(report, 'Entry')).toEqual(['module AuditTrail → Array of 300'])
    expect(holderWords(report, 'String')).toEqual(['module AuditTrail → Array of 300'])
    expect(report.suspects).toHaveLength(1)
    expect(report.suspects[0]).toMatchObject({
      title: 'module AuditTrail → Array of 300',
      perRequest: { objects: 1, bytes: 80 },
      confidence: { level: 'high' },
    })
    const holder = report.holders[report.suspects[0]!.holder!]!
    expect(holder).toMatchObject({ counts: [1, 1, 1], references: [100, 200, 300] })
    expect(holder.retainedBytes).toEqual([100 * 80 + 40, 200 * 80 + 40, 300 * 80 + 40])
  })

  it('[HLD2] sees a collection of its own kind: a hash of hashes', () => {
    const { process, hash } = startProcess()
    const store = process.add({ type: 'HASH', class: hash })
    process.link(process.addClass('Registry'), store)
    const report = growth(
      threeCaptures(process, () => {
        for (let i = 0; i < 50; i++)
          process.link(store, process.add({ type: 'HASH', class: hash, at: 'r.rb:1' }))
      }),
    )
    expect(holderWords(report, 'Hash')).toEqual(['class Registry → Hash with 150 references'])
  })

  it('[HLD3] is many when many lists grow: forty classes with a list each', () => {
    const { process, array, entry } = startProcess()
    const lists = Array.from({ length: 40 }, (_, n) => {
      const list = process.add({ type: 'ARRAY', class: array })
      process.link(process.addClass(`Model${n}`), list)
      return list
    })
    const report = growth(
      threeCaptures(process, () => {
        for (const list of lists)
          for (let i = 0; i < 5; i++) process.link(list, process.add({ class: entry, at: 'm.rb:1' }))
      }),
    )
    expect(row(report, 'Entry').heldBy).toHaveLength(3)
    expect(row(report, 'Entry').moreHolders).toBe(37)
    expect(report.suspects.flatMap(({ rows }) => rows)).toHaveLength(1)
  })

  it('[HLD4] holds when a collection is made on first use', () => {
    const { process, array, entry } = startProcess()
    const owner = process.addClass('Late')
    let list = 0
    const report = growth(
      threeCaptures(process, (round) => {
        if (round === 1) return
        if (round === 2) {
          list = process.add({ type: 'ARRAY', class: array })
          process.link(owner, list)
        }
        for (let i = 0; i < 100; i++) process.link(list, process.add({ class: entry, at: 'l.rb:1' }))
      }),
    )
    expect(holderWords(report, 'Entry')).toEqual(['class Late → Array of 200'])
  })

  it('[HLD5] is the same when a stack pointed at the class in one of the captures', () => {
    const { process, array, entry } = startProcess()
    const outer = process.addClass('Outer')
    const inner = process.add({ type: 'CLASS', name: 'Inner', bytes: 500 })
    process.link(outer, inner)
    const list = process.add({ type: 'ARRAY', class: array })
    process.link(inner, list)
    const report = growth(
      threeCaptures(process, (round) => {
        if (round === 2) process.root(inner)
        if (round === 3) process.unroot(inner)
        for (let i = 0; i < 100; i++) process.link(list, process.add({ class: entry, at: 'i.rb:1' }))
      }),
    )
    expect(holderWords(report, 'Entry')).toEqual(['class Inner → Array of 300'])
  })

  it('[HLD6] tells objects that were not traced apart by who keeps them', () => {
    const { process, array, string } = startProcess()
    const [grows, stays] = ['Grows', 'Stays'].map((name) => {
      const list = process.add({ type: 'ARRAY', class: array })
      process.link(process.addClass(name), list)
      return list
    }) as [number, number]
    for (let i = 0; i < 500; i++) process.link(stays, process.add({ type: 'STRING', class: string }))
    const report = growth(
      threeCaptures(
        process,
        (round) => {
          for (let i = 0; i < 60; i++) process.link(grows, process.add({ type: 'STRING', class: string }))
          // Grows once: hides the other in the sum over all strings.
          if (round === 2)
            for (let i = 0; i < 900; i++) process.link(stays, process.add({ type: 'STRING', class: string }))
        },
        { traced: false },
      ),
    )
    const strings = report.rows.filter(({ className }) => className === 'String')

    expect(strings.map(({ owner, counts, shape }) => [owner, counts, shape])).toEqual([
      ['class Grows → Array of 180', [60, 120, 180], 'growing every time'],
      ['class Stays → Array of 1,400', [500, 1400, 1400], 'grew once'],
    ])
    expect(report.suspects.map(({ title }) => title)).toEqual(['class Grows → Array of 180'])
    expect(report.suspects[0]!.confidence.level).toBe('medium')
    expect(report.advice.join(' ')).toContain('trace_object_allocations_start')
  })

  it('[HLD7] is the root itself where no single object keeps what grew', () => {
    const { process, entry } = startProcess()
    const report = growth(
      threeCaptures(process, () => {
        for (let i = 0; i < 50; i++) process.root(process.add({ class: entry, at: 'g.rb:1' }))
      }),
    )
    expect(holderWords(report, 'Entry')).toEqual(['(root: vm)'])
    expect(report.suspects).toHaveLength(1)
  })

  it('[HLD10] is what grew every time, not what grew by more and only once', () => {
    const { process, array, entry } = startProcess()
    const [grows, jumps] = ['Grows', 'Jumps'].map((name) => {
      const list = process.add({ type: 'ARRAY', class: array })
      process.link(process.addClass(name), list)
      return list
    }) as [number, number]
    const report = growth(
      threeCaptures(process, (round) => {
        const fill = (list: number, count: number) => {
          for (let i = 0; i < count; i++) process.link(list, process.add({ class: entry, at: 'e.rb:1' }))
        }
        fill(grows, 100)
        fill(jumps, round === 2 ? 250 : 1)
      }),
    )
    expect(holderWords(report, 'Entry')[0]).toBe('class Grows → Array of 300')
  })

  it('[HLD8] is not named where a capture does not say who keeps what', () => {
    const { process, entry } = startProcess()
    const captures = threeCaptures(process, () => {
      for (let i = 0; i < 50; i++) process.root(process.add({ class: entry, at: 'g.rb:1' }))
    })
    const report = growth(
      captures.map((capture, at) => (at === 1 ? { ...capture, owners: undefined } : capture)),
    )

    expect(row(report, 'Entry').heldBy).toEqual([])
    expect(report.suspects).toHaveLength(1)
    expect(report.remarks.join(' ')).toContain('Who keeps what grew is not known')
  })

  it('[HLD9] keeps hostile names out of every structure: __proto__ holds as anything else does', () => {
    const { process, array } = startProcess()
    const evil = process.addClass('__proto__')
    const list = process.add({ type: 'ARRAY', class: array })
    process.link(process.addClass('constructor'), list)
    const report = growth(
      threeCaptures(process, () => {
        for (let i = 0; i < 50; i++) process.link(list, process.add({ class: evil, at: '__proto__:1' }))
      }),
    )
    expect(holderWords(report, '__proto__')).toEqual(['class constructor → Array of 150'])
  })
})

describe('churn', () => {
  it('[CHN1] finds every object that was kept among 150,000 that were freed and whose slots were used again', () => {
    const { process, array, hash, string, entry } = startProcess()
    const list = process.add({ type: 'ARRAY', class: array })
    process.link(process.addClass('Leak'), list)
    const captures: GrowthCapture[] = []
    let inFlight: number[] = []
    for (let round = 0; round < 3; round++) {
      // What was in flight at the last capture is gone; kept objects take some of its slots, new ones in flight others.
      process.release(inFlight)
      const buffer = process.root(process.add({ type: 'ARRAY', class: array, bytes: 8 }))
      for (let i = 0; i < 1000; i++) {
        process.link(list, process.add({ class: entry, at: 'leak.rb:5' }))
        if (i % 100 === 0) process.collect()
      }
      inFlight = Array.from({ length: 150_000 }, (_, i) =>
        i % 3 === 0
          ? process.add({ type: 'HASH', class: hash, at: 'request.rb:1' })
          : process.add(
              i % 3 === 1
                ? { type: 'STRING', class: string, at: 'request.rb:2' }
                : { class: entry, at: 'request.rb:3' },
            ),
      )
      for (const one of inFlight) process.link(buffer, one)
      process.collect()
      captures.push(process.capture({ requests: (round + 1) * 1000 }))
      process.unroot(buffer)
      process.release([buffer])
    }
    const report = growth(captures)
    const kept = report.rows.find((one) => one.site?.file === 'leak.rb')!

    expect(kept.counts).toEqual([1000, 2000, 3000])
    expect(kept.evidence).toMatchObject({
      isExact: true,
      survived: 1000,
      appeared: 2000,
      appearedBetween: 1000,
      keptOfThose: 1000,
    })
    expect(kept.evidence!.inReusedSlots).toBe(2000)
    expect(report.suspects.map(({ title }) => title)).toEqual(['class Leak → Array of 3,000'])
    expect(report.rows.filter((one) => one.isSuspect)).toHaveLength(1)
  }, 60_000)
})

describe('work in flight', () => {
  it('[CHN2] that is more at each capture is no suspect where objects are followed: what came in between is gone', () => {
    const { process, array, entry } = startProcess()
    const buffer = process.root(process.add({ type: 'ARRAY', class: array }))
    const captures = [100, 200, 300].map((flying) => {
      const flight = Array.from({ length: flying }, () => process.add({ class: entry, at: 'r.rb:1' }))
      for (const one of flight) process.link(buffer, one)
      process.collect()
      const capture = process.capture()
      for (const one of flight) process.unlink(buffer, one)
      process.release(flight)
      return capture
    })
    const report = growth(captures)

    expect(row(report, 'Entry')).toMatchObject({ counts: [100, 200, 300], shape: 'cannot tell' })
    expect(row(report, 'Entry').reason).toContain('they are replaced')
    expect(report.suspects).toEqual([])
  })

  it('[CHN3] does not hide what is kept at the same line', () => {
    const { process, array, entry } = startProcess()
    const buffer = process.root(process.add({ type: 'ARRAY', class: array }))
    const list = process.add({ type: 'ARRAY', class: array })
    process.link(process.addClass('Kept'), list)
    const captures = [1, 2, 3].map(() => {
      for (let i = 0; i < 100; i++) process.link(list, process.add({ class: entry, at: 'r.rb:1' }))
      const flight = Array.from({ length: 5000 }, () => process.add({ class: entry, at: 'r.rb:1' }))
      for (const one of flight) process.link(buffer, one)
      process.collect()
      const capture = process.capture()
      for (const one of flight) process.unlink(buffer, one)
      process.release(flight)
      return capture
    })
    const report = growth(captures)

    expect(row(report, 'Entry')).toMatchObject({ counts: [5100, 5200, 5300], shape: 'growing every time' })
    expect(report.suspects.map(({ title }) => title)).toEqual(['class Kept → Array of 300'])
  })
})

describe('the scope in which a variable lives', () => {
  it('[HLD19] is in no words, but stays in the fingerprint by which the ledger knows a holder', () => {
    const { process, array, entry } = startProcess()
    const list = process.add({ type: 'ARRAY', class: array })
    const scope = process.add({ class: process.addClass('system / Context'), to: [list] })
    process.link(process.addClass('App', 'MODULE'), scope)
    const captures = threeCaptures(process, () => {
      for (let i = 0; i < 100; i++) process.link(list, process.add({ class: entry, at: 'a.rb:1' }))
    })
    const [suspect] = growth(captures).suspects

    expect(suspect!.title).toBe('module App → Array of 300')
    expect(suspect!.fingerprint).toContain('system / Context')
  })
})

describe('captures of several processes', () => {
  it('[LIF1] are compared by groups, and nobody is followed by address', () => {
    const captures = [1, 2, 3].map((life) => {
      const { process, entry } = startProcess(life)
      for (let i = 0; i < 60_000; i++) process.root(process.add({ class: entry, at: 'a.rb:1' }))
      return process.capture()
    })
    const report = growth(captures)

    expect(report.isOneProcess).toBe(false)
    expect(report.remarks.join(' ')).toContain('the process was restarted in between')
  })

  it('[LIF7] in the wrong order are said to be, by requests or by collections', () => {
    const { process, entry } = startProcess()
    const captures = threeCaptures(process, () => {
      for (let i = 0; i < 60; i++) process.root(process.add({ class: entry, at: 'a.rb:1' }))
    })
    const remarksOf = (list: readonly GrowthCapture[]): string => growth(list).remarks.join(' ')
    const backwards = captures.toReversed()

    expect(remarksOf(captures)).not.toContain('order of time')
    expect(remarksOf(backwards)).toContain('may not be in the order of time')
    expect(remarksOf(backwards.map((one) => ({ ...one, requests: undefined })))).toContain('order of time')
  })

  it('[LIF2] are known by their names, too', () => {
    const { process, entry } = startProcess()
    const captures = threeCaptures(process, () => {
      for (let i = 0; i < 60; i++) process.root(process.add({ class: entry, at: 'a.rb:1' }))
    })
    const report = growth(
      captures.map((capture, at) => ({ ...capture, process: at < 2 ? 'web-1' : 'web-2' })),
    )

    expect(report.remarks.join(' ')).toContain('of 2 processes')
    expect(row(report, 'Entry')).toMatchObject({ evidence: undefined, confidence: { level: 'low' } })
  })
})
