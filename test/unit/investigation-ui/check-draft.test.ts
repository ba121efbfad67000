import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { draftOf, EMPTY_DRAFT, fileTail, readDraft } from '#components/investigation/check-draft'
import type { CheckPredicate } from '#lib/hypotheses/checks'

const id = fc.uuid()
const side = fc.constantFrom('over' as const, 'under' as const)
const bytes = fc.oneof(
  fc.double({ min: 0, max: 2 ** 60, noNaN: true }),
  fc.integer({ min: 0, max: 5000 }).map((mebibytes) => mebibytes * 1024 ** 2),
)
const name = fc.string({ minLength: 1, maxLength: 40 }).filter((text) => text.trim() === text && text !== '')
const range = fc.option(
  fc.tuple(fc.integer(), fc.integer({ min: 1 })).map(([from, length]) => ({ from, to: from + length })),
)
const part = fc.constantFrom(...(['native', 'managed', 'fragmentation', 'file-backed'] as const))
const claim = fc.oneof(
  fc.record({ is: fc.constantFrom('grows-every-time' as const, 'does-not-grow' as const) }),
  fc.record({ is: side, amount: bytes }),
)
const group = fc.oneof(
  fc.record({ by: fc.constant('class' as const), className: name }),
  fc.record({
    by: fc.constant('site' as const),
    file: fc.stringMatching(/^[a-z]{1,9}(\/[a-z_]{1,9}){0,2}\.rb$/),
    line: fc.option(fc.integer({ min: 0, max: 9999 })),
  }),
  fc.record({ by: fc.constant('fingerprint' as const), fingerprint: name, title: name }),
)
const predicate: fc.Arbitrary<CheckPredicate> = fc.oneof(
  fc.record({
    kind: fc.constant('place' as const),
    part,
    side,
    percent: fc.double({ min: 0, max: 100, noNaN: true }),
    range,
  }),
  fc.record({
    kind: fc.constant('group' as const),
    group,
    process: fc.option(name),
    measure: fc.constantFrom('count' as const, 'bytes' as const),
    claim,
  }),
  fc.record({ kind: fc.constant('rate' as const), seriesId: id, side, bytesPerHour: bytes, range }),
  fc.record({ kind: fc.constant('per-thousand' as const), seriesId: id, counterId: id, side, bytes, range }),
  fc.record({
    kind: fc.constant('experiment-rate' as const),
    experimentId: id,
    condition: fc.constantFrom('A' as const, 'B' as const),
    metric: fc.constantFrom('per-iteration' as const, 'per-hour' as const),
    side,
    bytes,
  }),
  fc.record({ kind: fc.constant('experiment-reproduced' as const), experimentId: id }),
  fc.record({ kind: fc.constant('outages' as const), range }),
)

describe('the form of a check', () => {
  it('shows a predicate so that saving it unchanged changes nothing', () => {
    fc.assert(
      fc.property(predicate, (given) => {
        expect(readDraft(draftOf(given))).toEqual({ predicate: given, problems: new Map() })
      }),
      { seed: 20261123, numRuns: 2000 },
    )
  })

  it('says in words what is missing, at the field where it is', () => {
    const problem = (draft: object) => [...readDraft({ ...EMPTY_DRAFT, ...draft }).problems]
    expect(problem({ percent: '' })).toEqual([['percent', 'Write a percentage.']])
    expect(problem({ percent: '170' })).toEqual([['percent', 'At most 100 %.']])
    expect(problem({ kind: 'group' })).toEqual([['className', 'Say which one.']])
    expect(problem({ kind: 'group', by: 'site', site: ':14' })).toEqual([['site', 'Say which one.']])
    expect(problem({ kind: 'group', className: 'A', claim: 'over', amount: 'many' })).toEqual([
      ['amount', 'Write a number.'],
    ])
    expect(problem({ kind: 'rate', amount: '-1' })).toEqual([
      ['seriesId', 'Choose a memory graph.'],
      ['amount', 'Write 0 or more.'],
    ])
    expect(problem({ kind: 'experiment-reproduced' })).toEqual([['experimentId', 'Choose an experiment.']])
  })

  it('takes numbers as people write them, and keeps the end of a path', () => {
    expect(readDraft({ ...EMPTY_DRAFT, percent: '12,5' }).predicate).toMatchObject({ percent: 12.5 })
    const objects = { kind: 'group', className: 'A', claim: 'over', amount: '10 000' } as const
    expect(readDraft({ ...EMPTY_DRAFT, ...objects }).predicate).toMatchObject({ claim: { amount: 10_000 } })
    expect(fileTail('/srv/releases/7/app/lib/audit_trail.rb')).toBe('app/lib/audit_trail.rb')
  })
})
