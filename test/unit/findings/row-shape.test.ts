import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { growth } from '#lib/findings/growth'
import { amountPath, isRowPairSuspect, rowShape } from '#lib/findings/row-shape'
import { readStackBytes, readStackFile, stackFile, textBytes } from '#test/build/stack-files'

const MIB = 1024 * 1024
const exact = [undefined, undefined, undefined]
const sampled = [512 * 1024, 512 * 1024, 512 * 1024]
const noCounts = [0, 0, 0]

describe('the shape of groups from profiles', () => {
  it('is told by bytes where a profile has no counts', () => {
    const reading = rowShape({
      type: 'in use',
      counts: noCounts,
      bytes: [MIB, 4 * MIB, 7 * MIB],
      sampledEvery: exact,
    })
    expect(reading).toMatchObject({ shape: 'growing every time', isSuspect: true })
    expect(reading.reason).toContain('1.0 MiB → 4.0 MiB → 7.0 MiB')
    expect(
      rowShape({ type: 'in use', counts: noCounts, bytes: [MIB, MIB + 40, MIB], sampledEvery: exact }).shape,
    ).toBe('flat')
  })

  it('never makes a suspect of what was allocated, not kept', () => {
    const row = {
      type: 'allocated',
      counts: [10, 200, 3000],
      bytes: [MIB, 20 * MIB, 300 * MIB],
      sampledEvery: exact,
    }
    expect(rowShape(row)).toMatchObject({ shape: 'cannot tell', isSuspect: false })
    expect(isRowPairSuspect({ ...row, bytesChange: 299 * MIB, shareOfGrowth: 1, heapBytes: 0 })).toBe(false)
  })

  it('says that sampling cannot tell when growth is a few samples', () => {
    const few = {
      type: 'in use',
      counts: [1000, 2000, 3000],
      bytes: [MIB, 2 * MIB, 3 * MIB],
      sampledEvery: sampled,
    }
    expect(rowShape(few)).toMatchObject({ shape: 'cannot tell', isSuspect: false })
    expect(rowShape(few).reason).toContain('sampling')
    expect(rowShape({ ...few, sampledEvery: exact }).isSuspect).toBe(true)
  })

  it('is sure of growth that is many samples', () => {
    const many = [100 * MIB, 200 * MIB, 300 * MIB]
    const row = { type: 'in use', counts: [100_000, 200_000, 300_000], bytes: many, sampledEvery: sampled }
    expect(rowShape(row)).toMatchObject({ shape: 'growing every time', isSuspect: true })
  })

  it('accuses a healthy process less than once in two hundred groups, whatever is sampled', () => {
    const seed = Number(process.env.FUZZ_SEED ?? 20_261_123)
    let accused = 0
    let all = 0
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, min: Math.fround(-1), max: 1 }), { minLength: 36, maxLength: 36 }),
        fc.integer({ min: 2, max: 2000 }),
        (noise, samples) => {
          const period = 512 * 1024
          // Sums of twelve uniform numbers: normal enough, with variance 4; scaled to Poisson's.
          const draw = (at: number) =>
            Math.max(
              0,
              samples +
                (noise.slice(at, at + 12).reduce((sum, one) => sum + one, 0) / 2) * Math.sqrt(samples),
            )
          const bytes = [draw(0), draw(12), draw(24)].map((count) => count * period)
          const counts = bytes.map((size) => Math.round(size / 100))
          if (rowShape({ type: 'in use', counts, bytes, sampledEvery: sampled }).isSuspect) accused++
          all++
        },
      ),
      { seed, numRuns: 4000 },
    )
    expect(accused / all).toBeLessThan(1 / 200)
  })

  it('writes counts where there are some', () => {
    expect(amountPath({ counts: [1, 2000], bytes: [1, 1] })).toBe('1 → 2,000')
  })
})

describe('growth of stack captures', () => {
  it('finds the planted leak in three moments of massif, and not the cache', () => {
    const text = new TextDecoder().decode(stackFile('valgrind/massif-driver.out'))
    const until = (moment: number) =>
      readStackBytes(textBytes(text.slice(0, text.indexOf(`#-----------\nsnapshot=${moment}\n`)))).groups
    const report = growth(
      [10, 36, 86].map((moment) => ({
        groups: moment === 86 ? readStackFile('valgrind/massif-driver.out').groups : until(moment),
      })),
    )
    const suspects = report.rows.filter(({ isSuspect }) => isSuspect)
    expect(suspects[0]).toMatchObject({
      className: 'mc_make_error',
      site: { file: 'leakyclient.c', line: 39 },
    })
    expect(suspects.every(({ className }) => className === 'mc_make_error')).toBe(true)
    expect(report.suspects[0]?.words).toContain('MiB → ')
  })

  it('finds both planted leaks in two sampled profiles of Go, and not the ring', () => {
    const report = growth(
      ['pprof/go-base.pb.gz', 'pprof/go-later.pb.gz'].map((path) => ({
        groups: readStackFile(path).groups,
        sampledEvery: 65_536,
      })),
    )
    const names = report.rows.filter(({ isSuspect }) => isSuspect).map(({ className }) => className)
    expect(names.slice(0, 2)).toEqual(['main.newTicket', 'main.leakGoroutine'])
    expect(names).not.toContain('main.cacheTicket')
  })
})
