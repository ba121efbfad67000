import { describe, expect, it } from 'vitest'
import { retention } from '#lib/heap/retention'
import { DOM_FLAGS, OBJECT_FLAGS } from '#lib/heap/snapshot'
import { answer, type HeapQuestion } from '#lib/questions/answer'
import { OpenedHeap } from '#lib/questions/opened-heap'
import type { GraphAnswers } from '#lib/reports/objects'
import { type Drawing, drawHeap } from '#test/build/draw-heap'

const open = (drawing: Drawing): OpenedHeap => {
  const snapshot = drawHeap(drawing)
  return new OpenedHeap(snapshot, retention(snapshot))
}
const ask = <Q extends HeapQuestion>(heap: OpenedHeap, question: Q): GraphAnswers[Q['ask']] =>
  // reason: a question of a kind gets the answer of that kind.
  answer(heap, question) as GraphAnswers[Q['ask']]
const PAGE = { offset: 0, limit: 50 }

/**
 * vm → 0 Registry → 1 List → 2, 3 Session → 4 shared Text; 3 also → 5 own Text; 6 Loner is kept by nobody; 7 is the class
 * of the sessions.
 */
const heap = open({
  objects: [
    { className: 'Registry', bytes: 100, to: [1], file: 'app/registry.rb', line: 3 },
    { className: 'List', bytes: 200, to: [2, 3, 2], valueHash: 0 },
    { className: 'Session', bytes: 10, to: [4], classIndex: 7, file: 'app/session.rb', line: 9 },
    { className: 'Session', bytes: 10, to: [4, 5], classIndex: 7, file: 'app/session.rb', line: 9 },
    { className: 'Text', bytes: 1000, valueHash: 77 },
    { className: 'Text', bytes: 50, generation: 12 },
    { className: 'Loner', bytes: 7, to: [4] },
    { className: 'Class', bytes: 30 },
  ],
  roots: [
    ['vm', [0]],
    ['global_list', [7, 7]],
  ],
})

describe('one object', () => {
  it('is told with what it retains, its share of the heap, and its place of allocation', () => {
    const { line, retainedShare } = ask(heap, { ask: 'object', object: 1 })
    expect(line).toMatchObject({
      className: 'List',
      shallowBytes: 200,
      retainedBytes: 1270,
      retainedObjects: 5,
      references: 3,
      site: null,
      generation: null,
      key: '0x7f0000000028',
    })
    expect(retainedShare).toBeCloseTo(1270 / 1400, 6)
    expect(ask(heap, { ask: 'object', object: 5 }).line.generation).toBe(12)
    expect(ask(heap, { ask: 'object', object: 2 }).line.site).toBe('app/session.rb:9')
  })

  it('is led to by the shortest path from a root, on which its dominators are marked', () => {
    const { path } = ask(heap, { ask: 'object', object: 4 })
    expect(
      path.map((step) =>
        step.kind === 'object' ? `${step.line.className}${step.isDominator ? '!' : ''}` : step.kind,
      ),
    ).toEqual(['root', 'Registry!', 'List!', 'Session', 'Text'])
    expect(path[0]).toEqual({ kind: 'root', name: 'vm' })
  })

  it('holds what would go with it, by group, itself not counted', () => {
    expect(ask(heap, { ask: 'object', object: 1 }).holds).toEqual([
      { type: 'OBJECT', className: 'Text', site: null, count: 2, bytes: 1050 },
      { type: 'OBJECT', className: 'Session', site: 'app/session.rb:9', count: 2, bytes: 20 },
    ])
  })

  it('that no root reaches retains nothing, has no path, and says nothing else', () => {
    const details = ask(heap, { ask: 'object', object: 6 })
    expect(details.line).toMatchObject({ retainedBytes: null, retainedObjects: null })
    expect(details).toMatchObject({ retainedShare: null, path: [], holds: [], dominated: 0, referrers: 0 })
  })

  it('names the roots that keep it, each once, and does not count them among its referrers', () => {
    const details = ask(heap, { ask: 'object', object: 7 })
    expect(details.facts).toContainEqual({ name: 'GC root', value: 'global_list' })
    expect(details.referrers).toBe(2)
  })

  it('says when only a word on the stack keeps it, which may be stale', () => {
    const stack = open({ objects: [{}], roots: [['machine_context', [0]]] })
    const { path, facts } = ask(stack, { ask: 'object', object: 0 })
    expect(path[0]).toEqual({ kind: 'root', name: 'machine_context (may be a stale word on the stack)' })
    expect(facts[0]?.value).toMatch(/stale/)
  })

  it('says of a node of a page whether it is detached, and of a Ruby object how it is kept', () => {
    const ruby = drawHeap({ objects: [{}], roots: [['vm', [0]]] })
    const flags = Uint8Array.of(DOM_FLAGS.detached | OBJECT_FLAGS.frozen)
    const state = (heap: typeof ruby) =>
      ask(new OpenedHeap(heap, retention(heap)), { ask: 'object', object: 0 }).facts.find(
        ({ name }) => name === 'State',
      )?.value
    expect(state({ ...ruby, flags })).toBe('frozen')
    expect(state({ ...ruby, flags, keyKind: 'id' })).toMatch(/^detached/)
  })

  it('of a very long list leaves the middle of its path out', () => {
    const length = 400_000
    const list = open({
      objects: Array.from({ length }, (_, at) => ({ to: at + 1 < length ? [at + 1] : [] })),
      roots: [['vm', [0]]],
    })
    const { path } = ask(list, { ask: 'object', object: length - 1 })
    expect(path.length).toBeLessThan(200)
    const gap = path.find((step) => step.kind === 'gap')
    expect(gap).toEqual({ kind: 'gap', steps: length + 1 - (path.length - 1) })
    expect(ask(list, { ask: 'object', object: 0 }).holds[0]?.count).toBe(length - 1)
  })

  it('that is not there is refused with a sentence', () => {
    for (const question of ['object', 'referrers', 'references', 'dominated'] as const)
      expect(() => answer(heap, { ask: question, object: 8, ...PAGE })).toThrow('does not exist')
  })
})

describe('what is around an object', () => {
  it('lists references in the order of the dump, repeats too, its class last', () => {
    const { total, lines } = ask(heap, { ask: 'references', object: 1, ...PAGE })
    expect(total).toBe(3)
    expect(lines.map(({ object }) => object)).toEqual([2, 3, 2])
    const session = ask(heap, { ask: 'references', object: 3, ...PAGE })
    expect(session.lines.map(({ object, edge }) => [object, edge?.kind])).toEqual([
      [4, undefined],
      [5, undefined],
      [7, 'class'],
    ])
  })

  it('lists referrers, instances of a class behind them, and no roots', () => {
    const text = ask(heap, { ask: 'referrers', object: 4, ...PAGE })
    expect(text.lines.map(({ object }) => object)).toEqual([2, 3, 6])
    const sessionClass = ask(heap, { ask: 'referrers', object: 7, ...PAGE })
    expect(sessionClass).toMatchObject({ total: 2 })
    expect(sessionClass.lines.map(({ object, edge }) => [object, edge?.kind])).toEqual([
      [2, 'class'],
      [3, 'class'],
    ])
  })

  it('lists what it alone keeps alive, largest first', () => {
    const { total, lines } = ask(heap, { ask: 'dominated', object: 1, ...PAGE })
    expect(total).toBe(3)
    expect(lines.map(({ object, retainedBytes }) => [object, retainedBytes])).toEqual([
      [4, 1000],
      [3, 60],
      [2, 10],
    ])
  })

  it('lists below the root the objects that only roots keep, whatever the category', () => {
    const { lines } = ask(heap, { ask: 'dominated', ...PAGE })
    expect(lines.map(({ object }) => object)).toEqual([0, 7])
  })
})

describe('lists over the whole heap', () => {
  it('gives the largest wherever they are', () => {
    const { total, lines } = ask(heap, { ask: 'largest', offset: 0, limit: 3 })
    expect(total).toBe(7)
    expect(lines.map(({ object }) => object)).toEqual([0, 1, 4])
  })

  it.each([
    ['groups', 'OBJECT · Session · app/session.rb:9', [3, 2]],
    ['classes', 'Text', [4, 5]],
    ['sites', 'app/session.rb:9', [3, 2]],
    ['types', 'OBJECT', [0, 1, 4, 3, 5, 7, 2, 6]],
    ['generations', '12', [5]],
  ] as const)('finds the members of a row of the table of %s', (table, group, objects) => {
    const page = ask(heap, { ask: 'members', table, group, ...PAGE })
    expect(page.total).toBe(objects.length)
    expect(page.lines.map(({ object }) => object)).toEqual(objects)
  })

  it('refuses a row that the table does not have', () => {
    expect(() => answer(heap, { ask: 'members', table: 'classes', group: '__proto__', ...PAGE })).toThrow(
      'row does not exist',
    )
  })

  it('says what a row would free: more than its members by themselves', () => {
    const set = ask(heap, { ask: 'retained-set', table: 'classes', group: 'Session' })
    expect(set).toEqual({ objects: 2, retainedObjects: 4, retainedBytes: 1070 })
  })

  it('pages without gaps or repeats, the same each time', () => {
    const many = open({
      objects: Array.from({ length: 1000 }, (_, at) => ({ bytes: 40 + (at % 3) * 8 })),
      roots: [['vm', Array.from({ length: 1000 }, (_, at) => at)]],
    })
    const seen: number[] = []
    for (let offset = 0; offset < 1000; offset += 70)
      seen.push(...ask(many, { ask: 'largest', offset, limit: 70 }).lines.map(({ object }) => object))
    expect(new Set(seen).size).toBe(1000)
    expect(seen.slice(0, 2)).toEqual([2, 5])
    expect(ask(many, { ask: 'largest', offset: 2000, limit: 70 })).toMatchObject({ total: 1000, lines: [] })
  })
})

describe('find', () => {
  it('takes an address with or without 0x, in any case', () => {
    for (const key of ['0x7f0000000028', '7F0000000028', ' 0x7f0000000028 '])
      expect(ask(heap, { ask: 'find', key })).toEqual({ object: 1 })
  })

  it('answers null for what is not there or is no address', () => {
    for (const key of ['0x7f0000000030', '0xffffffffffffff', 'x', '', '@1'])
      expect(ask(heap, { ask: 'find', key })).toEqual({ object: null })
  })
})

describe('duplicates', () => {
  it('says when the dump does not tell what strings say', () => {
    const { valueHash: _, ...silent } = drawHeap({ objects: [{}], roots: [['vm', [0]]] })
    const page = ask(new OpenedHeap(silent, retention(silent)), { ask: 'duplicates', ...PAGE })
    expect(page).toMatchObject({ total: 0, rows: [] })
    expect(page.remark).toMatch(/does not tell/)
  })

  it('counts equal texts and what one copy would save', () => {
    const texts = open({
      objects: [
        { valueHash: 5, bytes: 80, className: 'String', file: 'a.rb', line: 1 },
        { valueHash: 5, bytes: 80, className: 'String', file: 'a.rb', line: 1 },
        { valueHash: 5, bytes: 80, className: 'String', file: 'b.rb', line: 2 },
        { valueHash: 6, bytes: 40, className: 'String' },
      ],
      roots: [['vm', [0, 1, 2, 3]]],
    })
    expect(ask(texts, { ask: 'duplicates', ...PAGE })).toEqual({
      total: 1,
      offset: 0,
      wastedBytes: 160,
      remark: null,
      rows: [
        {
          example: 0,
          count: 3,
          bytesEach: 80,
          bytes: 240,
          wastedBytes: 160,
          site: 'a.rb:1',
          className: 'String',
        },
      ],
    })
  })
})
