import { frameWords, ownNodes, placeWords } from './own-frame.ts'
import type { StackView } from './view.ts'

/** What a table's rows are told apart by. */
export type StackGrouping = 'function' | 'library' | 'site'

export interface StackRow {
  /** The same for the same row in every profile: in links. */
  readonly key: string
  readonly name: string
  /** Source place or library; empty when nothing is known. */
  readonly place: string
  readonly library: string
  /** Allocated by it, or by platform code that it called. */
  readonly own: number
  /** Allocated by it and by everything that it called; recursion counts once. */
  readonly total: number
  /** `total` of the earlier profile. */
  readonly earlier: number | undefined
}

interface Sums {
  readonly key: string
  readonly name: string
  readonly place: string
  readonly library: string
  own: number
  total: number
  earlier: number
}

/**
 * The stacks by function, library or site. `own` sums to everything; `total` does not, for callers hold their callees.
 * O(nodes), without recursion.
 */
export function stackRows(view: StackView, grouping: StackGrouping): StackRow[] {
  const { profile, total, self, earlier } = view
  const rowOfFrame = new Map<number, number>()
  const byKey = new Map<string, number>()
  const rows: Sums[] = []
  const rowOf = (frame: number): number => {
    const known = rowOfFrame.get(frame)
    if (known !== undefined) return known
    const words = described(frameWords(profile, frame), grouping)
    const row = byKey.get(words.key) ?? rows.push({ ...words, own: 0, total: 0, earlier: 0 }) - 1
    byKey.set(words.key, row)
    rowOfFrame.set(frame, row)
    return row
  }
  const { nodes } = profile
  const own = ownNodes(profile)
  for (let node = 1; node < nodes.count; node++)
    if (self[node] !== 0) rows[rowOf(nodes.frame[own[node]!]!)]!.own += self[node]!
  outermost(view, rowOf, (node, row) => {
    rows[row]!.total += total[node]!
    if (earlier) rows[row]!.earlier += earlier.total[node]!
  })
  return rows
    .filter((row) => row.total !== 0 || row.own !== 0 || row.earlier !== 0)
    .map((row) => ({ ...row, earlier: earlier ? row.earlier : undefined }))
}

/** Calls `take` for each node of whose row no node above it is. Depth first: a row counts how often it is on the way. */
function outermost(
  { profile, first, child }: StackView,
  rowOf: (frame: number) => number,
  take: (node: number, row: number) => void,
): void {
  const { nodes } = profile
  const onTheWay = new Map<number, number>()
  // Node numbers to enter; the complement of one to leave.
  const todo: number[] = []
  for (let at = first[0]!; at < first[1]!; at++) todo.push(child[at]!)
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const isLeaving = next < 0
    const node = isLeaving ? ~next : next
    const row = rowOf(nodes.frame[node]!)
    const times = onTheWay.get(row) ?? 0
    if (isLeaving) {
      onTheWay.set(row, times - 1)
      continue
    }
    if (times === 0) take(node, row)
    onTheWay.set(row, times + 1)
    todo.push(~node)
    for (let at = first[node]!; at < first[node + 1]!; at++) todo.push(child[at]!)
  }
}

function described(frame: ReturnType<typeof frameWords>, grouping: StackGrouping) {
  const { name, library, file } = frame
  if (grouping === 'library') return { key: library, name: library || 'no library known', place: '', library }
  const place = grouping === 'site' ? placeWords(frame) : file || library
  return { key: `${name} · ${place}`, name, place, library }
}
