import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UserError } from '#lib/errors/user-error'
import { encodeGroupTable } from '#lib/findings/group-table'
import { encodeStackProfile } from '#lib/findings/stack-columns'
import { STACK_FORMATS, stackFormatOf } from '#lib/formats/stack-index'
import { answerStacks } from '#lib/reports/stack-answers'
import { StackQuery } from '#lib/reports/stack-questions'
import { StackSummary, stackSummary } from '#lib/reports/stack-report'
import type { StackProfile } from '#lib/stacks/stack-profile'
import { kindTotals } from '#lib/stacks/totals'
import { readStackBytes, STACK_FILES, stackFile, takeHeapProfile, textBytes } from '#test/build/stack-files'

/** Printed by vitest in the title; FUZZ_SEED=… runs another one. */
const seed = Number(process.env.FUZZ_SEED ?? 20_261_123)

const files: (readonly [string, Uint8Array])[] = [
  ...STACK_FILES.map((path) => [path, stackFile(path)] as const),
  ['v8.heapprofile', takeHeapProfile().subarray(0, 60_000)],
]

/** A profile that can be stored and asked about, or a sentence for people; nothing else may come of a file. */
function endsWell(content: Uint8Array): 'read' | 'refused' {
  try {
    const { profile, groups } = readStackBytes(content)
    for (const measure of profile.measures)
      for (const value of profile.nodes.self[measure]) expect(Number.isFinite(value)).toBe(true)
    for (let node = 1; node < profile.nodes.count; node++)
      expect(profile.nodes.parent[node]).toBeLessThan(node)
    StackSummary.parse(stackSummary(profile))
    encodeStackProfile(profile)
    encodeGroupTable(groups)
    return 'read'
  } catch (error) {
    if (error instanceof UserError) return 'refused'
    throw error
  }
}

function profileOf(content: Uint8Array): StackProfile | undefined {
  try {
    return readStackBytes(content).profile
  } catch (error) {
    if (error instanceof UserError) return undefined
    throw error
  }
}

describe(`hostile files (seed ${seed})`, () => {
  it.each(files)('every prefix of %s ends in a profile or a sentence', (_name, content) => {
    const step = Math.max(1, Math.floor(content.length / 400))
    for (let end = 0; end < content.length; end += step) endsWell(content.subarray(0, end))
    expect(endsWell(content)).toBe('read')
  })

  // massif's are left out: cut between two moments, a file is one of a shorter run.
  it.each(files.filter(([name]) => !name.includes('massif')))(
    'a prefix of %s that has fewer bytes than the file says that it stops early',
    (_name, content) => {
      const whole = readStackBytes(content).profile
      const sum = (profile: StackProfile) =>
        kindTotals(profile).reduce((all, { totals }) => all + totals['in-use-bytes'], 0)
      const step = Math.max(1, Math.floor(content.length / 400))
      for (let end = 0; end < content.length; end += step) {
        const part = profileOf(content.subarray(0, end))
        if (part && sum(part) !== sum(whole)) expect(part.notes.truncated, `${end} bytes`).toBe(true)
      }
    },
  )

  it.each(files)('flipped bytes of %s end in a profile or a sentence', (_name, content) => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(content.length - 1), fc.integer({ min: 1, max: 255 })), {
          minLength: 1,
          maxLength: 40,
        }),
        (flips) => {
          const damaged = content.slice()
          for (const [at, mask] of flips) damaged[at]! ^= mask
          endsWell(damaged)
        },
      ),
      { seed, numRuns: 60 },
    )
  })

  it.each(files)('removed and repeated pieces of %s end in a profile or a sentence', (_name, content) => {
    fc.assert(
      fc.property(fc.nat(content.length), fc.nat(content.length), fc.nat(content.length), (a, b, c) => {
        const [from, to] = a < b ? [a, b] : [b, a]
        const piece = content.subarray(from, Math.min(to, from + 5000))
        const damaged = new Uint8Array(c + piece.length + (content.length - from))
        damaged.set(content.subarray(0, c))
        damaged.set(piece, c)
        damaged.set(content.subarray(from), c + piece.length)
        endsWell(damaged)
      }),
      { seed, numRuns: 30 },
    )
  })

  it('random bytes are recognised by no format, or end in a sentence', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (noise) => {
        endsWell(noise)
      }),
      { seed, numRuns: 300 },
    )
  })

  it.each(files)('%s is recognised by exactly one format, whatever its name', (_name, content) => {
    const head = content.subarray(0, 4096)
    for (const name of ['unknown', 'a.heapsnapshot', 'dump.json', '__proto__'])
      expect(STACK_FORMATS.filter((format) => format.recognises(head, name))).toHaveLength(1)
  })

  it('names like __proto__ and markup are text like any other', () => {
    const names = [
      '__proto__',
      'constructor',
      'hasOwnProperty',
      '<img src=x onerror=alert(1)>',
      '\u202eevil',
      'x'.repeat(5000),
    ]
    const lines = names
      .map((name, at) => `n0: ${at + 1} 0x1: ${name} (${name}:${at})`)
      .map((line) => ` ${line}`)
    const text = `desc: d\ncmd: c\ntime_unit: i\nsnapshot=0\ntime=1\nmem_heap_B=21\nheap_tree=detailed\nn6: 21 (heap)\n${lines.join('\n')}\n`
    const { profile } = readStackBytes(textBytes(text))
    expect(profile.nodes.count).toBe(names.length + 1)
    expect(Math.max(...profile.strings.map(({ length }) => length))).toBeLessThanOrEqual(1000)
    for (const ask of ['flame', 'table', 'calls'])
      expect(answerStacks(StackQuery.parse({ ask }), profile, profile)).toBeDefined()
  })

  it('absurd numbers and lengths stay within bounds', () => {
    const huge = '9'.repeat(400)
    for (const text of [
      `heap profile: ${huge}: 1 [ 1: 1] @ heapprofile\n ${huge}: ${huge} [ 1: 1] @ 0x1\n`,
      `heap_v2/${huge}\n@ 0x1\n t*: 1: 1 [0: 0]\n`,
      `heap_v2/1\n@ ${'0x1 '.repeat(100_000)}\n t*: 1: 1 [0: 0]\n`,
      `<valgrindoutput><tool>memcheck</tool>${'<a>'.repeat(100_000)}`,
      `<valgrindoutput>${'<usercomment>'.repeat(20_000)}${'<!DOCTYPE '.repeat(20_000)}`,
      `<valgrindoutput>${'<'.repeat(200_000)}`,
      `{"head":{"callFrame":${'['.repeat(200_000)}`,
    ])
      endsWell(textBytes(text))
  })

  it('a pprof message whose lengths lie is read up to there', () => {
    for (const lie of [
      [0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f],
      [0x12, 0x80],
      [0x32, 0xff, 0xff, 0x7f],
    ])
      endsWell(Uint8Array.from([0x0a, 4, 8, 1, 16, 2, 0x60, 1, ...lie]))
    expect(stackFormatOf(Uint8Array.from([0x0a, 4, 8, 1, 16, 2, 0x60, 1]), '')?.id).toBe('pprof')
  })
})
