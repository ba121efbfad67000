import { describe, expect, it } from 'vitest'
import { decodeStackProfile, encodeStackProfile } from '#lib/findings/stack-columns'
import { stackTables } from '#lib/findings/stack-tables'
import { MAX_STACK_DEPTH, StackBuilder } from '#lib/stacks/builder'
import { callLevel } from '#lib/stacks/call-tree'
import { compareStacks } from '#lib/stacks/difference'
import { flameBoxes } from '#lib/stacks/flame'
import { stackRows } from '#lib/stacks/stack-table'
import { stackSuspects } from '#lib/stacks/suspects'
import { kindTotals, subtreeTotals } from '#lib/stacks/totals'
import { chosenKinds, differenceView, stackView } from '#lib/stacks/view'
import { drawStacks } from './draw-stacks.ts'

const profile = drawStacks(`
  main > serve > keep > malloc: 100 bytes, 2 blocks
  main > serve > keep > strdup@libc.so > malloc@libc.so: 50 bytes, 5 blocks
  main > serve > log: 30 bytes
  main > boot: 20 bytes
`)
const view = stackView(profile, 'in-use-bytes', chosenKinds('all'))
const rows = (by: 'function' | 'library' | 'site') =>
  stackRows(view, by)
    .sort((a, b) => b.total - a.total)
    .map(({ name, own, total }) => ({ name, own, total }))

describe('the stack tree', () => {
  it('folds allocators into whoever called them', () => {
    expect(profile.strings).not.toContain('strdup > malloc')
    expect(rows('function')).toEqual([
      { name: 'main', own: 0, total: 200 },
      { name: 'serve', own: 0, total: 180 },
      { name: 'keep', own: 150, total: 150 },
      { name: 'log', own: 30, total: 30 },
      { name: 'boot', own: 20, total: 20 },
    ])
  })

  it('keeps an allocator when nobody else is on the stack', () => {
    expect(drawStacks('malloc: 8 bytes').nodes.count).toBe(2)
  })

  it('sums every byte once: the root’s total is the sum of all stacks', () => {
    expect(subtreeTotals(profile, 'in-use-bytes')[0]).toBe(200)
    expect(rows('function').reduce((sum, { own }) => sum + own, 0)).toBe(200)
  })

  it('counts recursion once', () => {
    const recursive = drawStacks('main > walk > walk > walk > keep: 10 bytes\nmain > walk > keep: 5 bytes')
    const walk = stackRows(stackView(recursive, 'in-use-bytes', chosenKinds('all')), 'function').find(
      ({ name }) => name === 'walk',
    )
    expect(walk?.total).toBe(15)
  })

  it('attributes what the platform allocates to its caller', () => {
    const called = drawStacks('main > Cache.put > rb_str_new@libruby.so > str_alloc@libruby.so: 10 bytes')
    const { groups } = stackTables(called)
    expect(groups.classNames[groups.className[0]!]).toBe('Cache.put')
  })

  it('never adds indirectly lost bytes to definitely lost ones', () => {
    const lost = drawStacks('main > a: 100 bytes, 10 blocks (lost)\nmain > b: 90 bytes (indirect)')
    expect(stackView(lost, 'in-use-bytes', chosenKinds('all')).total[0]).toBe(100)
    expect(kindTotals(lost).map(({ kind }) => kind)).toEqual(['definitely-lost', 'indirectly-lost'])
    expect(stackTables(lost).groups.groups).toBe(1)
    expect(stackSuspects(lost).suspects.map(({ frame }) => frame.name)).toEqual(['a'])
  })

  it('cuts stacks that are too deep at their outermost end, and says so', () => {
    const builder = new StackBuilder(['in-use-bytes'])
    const frames = Array.from({ length: 2000 }, (_, depth) => builder.frame({ name: `f${depth}` }))
    builder.add(frames, 'live', { 'in-use-bytes': 7 })
    const deep = builder.profile({
      producer: '',
      sampling: { isSampled: false, words: '' },
      notes: { bytesRead: 0, skipped: 0, truncated: false, facts: [], remarks: [] },
    })
    expect(deep.nodes.count).toBe(MAX_STACK_DEPTH + 1)
    expect(deep.strings).toContain('f0')
    expect(deep.notes.remarks[0]).toContain('deeper than')
  })

  it('is stored and read back as it was', () => {
    expect(decodeStackProfile(encodeStackProfile(profile))).toEqual(profile)
    const stored = encodeStackProfile(profile)
    stored[60]! ^= 1
    expect(() => decodeStackProfile(stored)).toThrow()
  })
})

describe('what pages show', () => {
  it('gives the boxes of a flame graph, parents first, largest first', () => {
    expect(flameBoxes(view).map(({ frame, parent, value }) => [frame.name, parent, value])).toEqual([
      ['all stacks', -1, 200],
      ['main', 0, 200],
      ['serve', 1, 180],
      ['boot', 1, 20],
      ['keep', 2, 150],
      ['log', 2, 30],
    ])
  })

  it('counts boxes that are too small to be seen at their parents', () => {
    const many = drawStacks(
      [
        'main > big: 1000000 bytes',
        ...Array.from({ length: 30 }, (_, at) => `main > tiny${at}: 2 bytes`),
      ].join('\n'),
    )
    const boxes = flameBoxes(stackView(many, 'in-use-bytes', chosenKinds('all')))
    expect(boxes.map(({ frame }) => frame.name)).toEqual(['all stacks', 'main', 'big'])
    expect(boxes[1]?.smaller).toEqual({ count: 30, value: 60 })
  })

  it('opens the call tree level by level, with the way there', () => {
    const top = callLevel(view, 0)
    const serve = callLevel(view, top?.lines[0]?.node ?? 0)?.lines[0]
    const level = callLevel(view, serve?.node ?? 0)
    expect(level?.path.map(({ frame }) => frame.name)).toEqual(['main', 'serve'])
    expect(level?.lines.map(({ frame, self }) => [frame.name, self])).toEqual([
      ['keep', 150],
      ['log', 30],
    ])
    expect(callLevel(view, 999)).toBeUndefined()
  })
})

describe('the difference of two profiles', () => {
  const later = drawStacks(`
    main > serve > keep: 400 bytes, 2 blocks
    main > serve > fresh: 10 bytes
    main > boot: 20 bytes
  `)

  it('is taken by functions and files, whatever the addresses and lines', () => {
    const difference = compareStacks(profile, later)
    const changes = stackRows(differenceView(difference, 'in-use-bytes', chosenKinds('all')), 'function').map(
      ({ name, total, earlier }) => [name, total - (earlier ?? 0)],
    )
    expect(new Map(changes as [string, number][])).toEqual(
      new Map([
        ['main', 230],
        ['serve', 230],
        ['keep', 250],
        ['fresh', 10],
        ['log', -30],
        ['boot', 0],
      ]),
    )
  })

  it('of a profile with itself is nothing', () => {
    const same = differenceView(compareStacks(profile, profile), 'in-use-bytes', chosenKinds('all'))
    expect(same.earlier?.total).toEqual(same.total)
  })

  it('says when there is nothing to compare', () => {
    const other = new StackBuilder(['allocated-bytes']).profile({
      producer: 'x',
      sampling: { isSampled: true, words: 'Sampled.' },
      notes: { bytesRead: 0, skipped: 0, truncated: false, facts: [], remarks: [] },
    })
    expect(compareStacks(profile, other).remarks[0]).toContain('nothing to compare')
  })
})

describe('one capture alone', () => {
  it('never calls memory in use a suspect, and says what would decide', () => {
    expect(stackSuspects(profile)).toEqual({
      suspects: [],
      words: expect.stringContaining('cannot tell yet'),
    })
  })
})
