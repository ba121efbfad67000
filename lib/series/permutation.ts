/**
 * How many of the places that a pattern could have taken are at least as far out as the one it took: the pattern is moved
 * along the time, and what it pushes out at the end comes in at the start. All moves are tried, so nothing is drawn by chance and
 * neighbours that resemble each other stay neighbours. The unmoved one counts, so the answer is never 0.
 *
 * Returns a one-sided p. O(n × statistic).
 */
export function shiftedP(pattern: Uint8Array, statistic: (moved: Uint8Array) => number): number {
  const n = pattern.length
  if (n === 0) return 1
  const seen = statistic(pattern)
  const moved = new Uint8Array(n)
  let asFar = 0
  for (let by = 0; by < n; by++) {
    for (let i = 0; i < n; i++) moved[(i + by) % n] = pattern[i]!
    if (statistic(moved) >= seen - 1e-9 * Math.abs(seen)) asFar++
  }
  return asFar / n
}
