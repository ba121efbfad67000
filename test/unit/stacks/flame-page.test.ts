import { describe, expect, it } from 'vitest'
import { changeColor, libraryColors } from '#components/stacks/flame-colors'
import { flameKeys } from '#components/stacks/flame-keys'
import { type FlameDatum, flameTree } from '#components/stacks/flame-tree'
import { answerStacks } from '#lib/reports/stack-answers'
import { CallsAnswer, FlameAnswer, StackQuery, StackTablePage } from '#lib/reports/stack-questions'
import { drawStacks } from './draw-stacks.ts'

const profile = drawStacks(`
  main > serve > keep@app.so: 100000 bytes, 2 blocks
  main > serve > log@liblog.so: 30000 bytes
  main > boot: 20000 bytes
  main > tiny: 1 bytes
`)
const later = drawStacks(`
  main > serve > keep@app.so: 400000 bytes, 9 blocks
  main > boot: 20000 bytes
`)
const ask = (question: object, earlier?: typeof profile, of = profile) =>
  answerStacks(StackQuery.parse(question), of, earlier)
const flame = FlameAnswer.parse(ask({ ask: 'flame' }))

describe('a flame graph on the page', () => {
  it('is the answer’s boxes as a tree, with one box for what is too small', () => {
    const tree = flameTree(flame)
    const main = tree?.children[0]
    expect(main?.children.map(({ name, value }) => [name, value])).toEqual([
      ['serve', 130_000],
      ['boot', 20_000],
      ['1 smaller', 1],
    ])
  })

  it('is none when there is nothing of the kind', () => {
    expect(flameTree(FlameAnswer.parse(ask({ ask: 'flame', kind: 'definitely-lost' })))).toBeUndefined()
  })

  it('gives each library a color of its own and says which', () => {
    const { color, legend } = libraryColors(flame)
    const of = (name: string) => color(flame.boxes.find(({ frame }) => frame.name === name) ?? null)
    expect(of('keep')).not.toBe(of('log'))
    expect(legend.map(({ name }) => name)).toEqual(expect.arrayContaining(['app.so', 'liblog.so']))
  })

  it('is colored by change when two captures are compared', () => {
    const compared = FlameAnswer.parse(ask({ ask: 'flame' }, profile, later))
    const of = (name: string) => changeColor(compared.boxes.find(({ frame }) => frame.name === name) ?? null)
    expect(of('keep')).toContain('--growth')
    expect(of('boot')).not.toContain('--growth')
    expect(compared.sum - (compared.earlierSum ?? 0)).toBe(269_999)
  })

  it('is walked with the arrow keys', () => {
    interface Walked {
      name: string
      parent: Walked | null
      children: Walked[]
    }
    const walked = (datum: FlameDatum, parent: Walked | null): Walked => {
      const node: Walked = { name: datum.name, parent, children: [] }
      node.children = datum.children.map((child) => walked(child, node))
      return node
    }
    const datum = flameTree(flame)
    if (!datum) throw new Error('nothing was drawn')
    const root = walked(datum, null)
    const serve = flameKeys('ArrowDown', root.children[0]!, root)
    expect(serve?.name).toBe('serve')
    expect(flameKeys('ArrowRight', serve!, root)?.name).toBe('boot')
    expect(flameKeys('ArrowLeft', serve!, root)).toBeUndefined()
    expect(flameKeys('ArrowUp', serve!, root)?.name).toBe('main')
    expect(flameKeys('Home', serve!, root)).toBe(root)
    expect(flameKeys('x', serve!, root)).toBeUndefined()
  })
})

describe('answers about stacks', () => {
  it('pages, filters and sorts a table', () => {
    const page = StackTablePage.parse(ask({ ask: 'table', q: 'KEEP', sort: 'total' }))
    expect(page.rows.map(({ name }) => name)).toEqual(['keep'])
    expect([page.total, page.all]).toEqual([1, 6])
    const second = StackTablePage.parse(ask({ ask: 'table', limit: 1, offset: 1 }))
    expect(second.rows.map(({ name }) => name)).toEqual(['log'])
  })

  it('compares from the largest change down', () => {
    const page = StackTablePage.parse(ask({ ask: 'table' }, profile, later))
    expect(page.rows.at(-1)?.name).toBe('log')
    expect(page.rows.find(({ name }) => name === 'keep')).toMatchObject({ total: 400_000, earlier: 100_000 })
  })

  it('falls back to a measure that the capture has', () => {
    expect(ask({ ask: 'calls', measure: 'allocated-bytes' })).toMatchObject({ measure: 'in-use-bytes' })
    expect(CallsAnswer.parse(ask({ ask: 'calls', measure: 'in-use-blocks' }))).toMatchObject({
      isBytes: false,
      sum: 5,
    })
  })

  it('says of a kind what it is, and knows no node that is not there', () => {
    expect(ask({ ask: 'flame', kind: 'definitely-lost' })).toMatchObject({
      words: 'bytes definitely lost',
      sum: 0,
    })
    expect(ask({ ask: 'calls', node: 12_345 })).toBeUndefined()
  })

  it('refuses questions that it does not know', () => {
    for (const odd of [
      { ask: 'drop' },
      { ask: 'table', limit: 100_000 },
      { ask: 'calls', node: -1 },
      { ask: 'flame', since: 'x' },
    ])
      expect(StackQuery.safeParse(odd).success).toBe(false)
  })
})
