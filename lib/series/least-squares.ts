/**
 * Weighted sums of columns that come closest to `y`, by the normal equations with partial pivoting. Columns should be
 * of similar size (callers scale time to 0…1). Returns `undefined` when the columns depend on each other.
 *
 * O(n·k² + k³) for k columns; k is at most 6 here.
 */
export function leastSquares(
  columns: readonly Float64Array[],
  y: Float64Array,
): { weights: number[]; residual: number } | undefined {
  const k = columns.length
  const rows = columns.map((a) => [...columns.map((b) => dot(a, b)), dot(a, y)])
  for (let pivot = 0; pivot < k; pivot++) {
    let best = pivot
    for (let r = pivot + 1; r < k; r++) {
      if (Math.abs(rows[r]![pivot]!) > Math.abs(rows[best]![pivot]!)) best = r
    }
    const swap = rows[pivot]!
    rows[pivot] = rows[best]!
    rows[best] = swap
    const head = rows[pivot]![pivot]!
    if (Math.abs(head) < 1e-12) return undefined
    for (let r = 0; r < k; r++) {
      if (r === pivot) continue
      const share = rows[r]![pivot]! / head
      for (let c = pivot; c <= k; c++) rows[r]![c]! -= share * rows[pivot]![c]!
    }
  }
  const weights = rows.map((row, i) => row[k]! / row[i]!)
  let residual = 0
  for (let i = 0; i < y.length; i++) {
    let fitted = 0
    for (let c = 0; c < k; c++) fitted += weights[c]! * columns[c]![i]!
    residual += (y[i]! - fitted) ** 2
  }
  return { weights, residual }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
