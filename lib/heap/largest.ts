/**
 * A page of `candidates` (indexes into `weight`), heaviest first, equal ones by index: the same page each time.
 * Keeps a binary heap of the `offset + limit` heaviest so far, so that the first pages of a million cost one look at
 * each. O(candidates · log(offset + limit)); never quadratic, whatever the weights are.
 */
export function largestFirst(
  candidates: Iterable<number>,
  weight: ArrayLike<number>,
  offset: number,
  limit: number,
): number[] {
  const room = offset + limit
  /** The lightest of those kept is on top. */
  const kept: number[] = []
  if (limit <= 0) return []
  for (const candidate of candidates) {
    if (kept.length < room) {
      kept.push(candidate)
      rise(kept, weight)
    } else if (isBefore(candidate, kept[0]!, weight)) {
      kept[0] = candidate
      sink(kept, weight)
    }
  }
  return kept.sort((a, b) => (isBefore(a, b, weight) ? -1 : 1)).slice(offset)
}

const isBefore = (a: number, b: number, weight: ArrayLike<number>): boolean =>
  weight[a] === weight[b] ? a < b : weight[a]! > weight[b]!

function rise(heap: number[], weight: ArrayLike<number>): void {
  let at = heap.length - 1
  while (at > 0) {
    const above = (at - 1) >> 1
    if (!isBefore(heap[above]!, heap[at]!, weight)) return
    swap(heap, at, above)
    at = above
  }
}

function sink(heap: number[], weight: ArrayLike<number>): void {
  let at = 0
  for (;;) {
    let last = at
    const left = 2 * at + 1
    if (left < heap.length && isBefore(heap[last]!, heap[left]!, weight)) last = left
    if (left + 1 < heap.length && isBefore(heap[last]!, heap[left + 1]!, weight)) last = left + 1
    if (last === at) return
    swap(heap, at, last)
    at = last
  }
}

function swap(heap: number[], a: number, b: number): void {
  const kept = heap[a]!
  heap[a] = heap[b]!
  heap[b] = kept
}
