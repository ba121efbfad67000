import { generateKeyBetween } from 'fractional-indexing'

/** Something with a place in a list that people order. */
interface Ranked {
  readonly id: string
  readonly rank: string
}

/** Ranks are compared by code unit, never by the database's collation: "Z" stands before "a". */
export const byRank = (a: Ranked, b: Ranked): number => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0)

/** The rank behind everything in `rows`. O(rows). Call it under the room's lock: ranks are unique in a room. */
export function rankAtEnd(rows: readonly { readonly rank: string }[]): string {
  const last = rows.reduce<string | null>((max, { rank }) => (max === null || rank > max ? rank : max), null)
  return generateKeyBetween(last, null)
}

/**
 * The rank that puts `id` after the row `after` and before the row `before`; null means the end of the list on that
 * side. People drag in a list that others reorder at the same moment, so the two need not be neighbours any more: then
 * the place right behind `after` counts, or right before `before` when there is no `after`. A neighbour that is gone
 * counts as null. The same rank when the row stands there already.
 */
export function rankBetween(
  rows: readonly Ranked[],
  id: string,
  after: string | null,
  before: string | null,
): string {
  const others = rows.filter((row) => row.id !== id).sort(byRank)
  const afterIndex = others.findIndex((row) => row.id === after)
  const beforeIndex = others.findIndex((row) => row.id === before)
  const at = afterIndex >= 0 ? afterIndex + 1 : beforeIndex >= 0 ? beforeIndex : others.length
  const [low, high] = [others[at - 1]?.rank ?? null, others[at]?.rank ?? null]

  const current = rows.find((row) => row.id === id)?.rank
  const isThere =
    current !== undefined && (low === null || low < current) && (high === null || current < high)
  return isThere ? current : generateKeyBetween(low, high)
}

/** Where a new row belongs: its neighbours on each side, the nearest first, whether they are there yet or not. */
export interface Place {
  readonly after: readonly string[]
  readonly before: readonly string[]
}

/**
 * The rank of a new row that belongs among others: right behind the nearest of `after` that is there, else right before
 * the nearest of `before`, else at the end. Rows that name each other as neighbours end up in their order whichever of
 * them comes first. O(rows + neighbours). Call it under the room's lock.
 */
export function rankAmong(rows: readonly Ranked[], { after, before }: Place): string {
  const known = new Set(rows.map(({ id }) => id))
  const behind = after.find((id) => known.has(id)) ?? null
  const ahead = before.find((id) => known.has(id)) ?? null
  return rankBetween(rows, '', behind, behind === null ? ahead : null)
}
