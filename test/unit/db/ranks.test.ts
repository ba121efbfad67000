import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byRank, rankAmong, rankAtEnd, rankBetween } from '#lib/db/ranks'

const rows = (count: number) => {
  const list: { id: string; rank: string }[] = []
  for (let n = 0; n < count; n++) list.push({ id: `${n}`, rank: rankAtEnd(list) })
  return list
}
const order = (list: { id: string; rank: string }[]) =>
  [...list]
    .sort(byRank)
    .map((row) => row.id)
    .join('')
const move = (
  list: { id: string; rank: string }[],
  id: string,
  after: string | null,
  before: string | null,
) => list.map((row) => (row.id === id ? { id, rank: rankBetween(list, id, after, before) } : row))

describe('ranks', () => {
  it('put a row behind one, before one, first, last', () => {
    expect(order(move(rows(4), '3', '0', '1'))).toBe('0312')
    expect(order(move(rows(4), '3', null, '0'))).toBe('3012')
    expect(order(move(rows(4), '0', '3', null))).toBe('1230')
    expect(order(move(rows(4), '0', null, null))).toBe('1230')
  })

  it('stay when the row stands there already', () => {
    const list = rows(4)
    expect(rankBetween(list, '1', '0', '2')).toBe(list[1]?.rank)
  })

  it('follow the upper neighbour when the two have been torn apart, and take a lost neighbour as none', () => {
    expect(order(move(rows(4), '0', '1', '3'))).toBe('1023')
    expect(order(move(rows(4), '0', 'gone', '3'))).toBe('1203')
    expect(order(move(rows(4), '0', 'gone', 'gone'))).toBe('1230')
  })

  it('never meet, whatever is moved where, also back to back in the same gap', () => {
    const anyMove = fc.tuple(fc.nat(7), fc.nat(8), fc.nat(8))
    fc.assert(
      fc.property(fc.array(anyMove, { maxLength: 200 }), (moves) => {
        let list = rows(8)
        for (const [id, after, before] of moves) list = move(list, `${id}`, `${after}`, `${before}`)
        expect(new Set(list.map((row) => row.rank)).size).toBe(8)
      }),
      { seed: 20261123 },
    )
  })

  it('bring rows that name each other into their order, in whatever order they come, behind what was there', () => {
    const drop = Array.from({ length: 6 }, (_, n) => String.fromCharCode(97 + n))
    fc.assert(
      fc.property(fc.shuffledSubarray(drop, { minLength: 6, maxLength: 6 }), fc.nat(3), (arrival, older) => {
        const list = rows(older)
        for (const id of arrival) {
          const at = drop.indexOf(id)
          const place = { after: drop.slice(0, at).reverse(), before: drop.slice(at + 1) }
          list.push({ id, rank: rankAmong(list, place) })
        }
        expect(order(list)).toBe('0123'.slice(0, older) + drop.join(''))
        expect(new Set(list.map(({ rank }) => rank)).size).toBe(list.length)
      }),
      { seed: 1113, verbose: true },
    )
  })
})
