/** More assignments than this are not enumerated: 10 + 10 runs. */
const MOST_ASSIGNMENTS = 184_756

/** How often `n` things can be chosen out of `of`. */
export function choices(of: number, n: number): number {
  let count = 1
  for (let i = 1; i <= Math.min(n, of - n); i++) count = (count * (of - i + 1)) / i
  return Math.round(count)
}

/** The smallest chance that this many runs can ever show: every run of A above every run of B. */
export const smallestP = (a: number, b: number): number => 1 / choices(a + b, a)

/**
 * The exact one-sided permutation test: of all ways to name as many of these runs "A", the share whose mean lies above
 * that of B by at least as much as it was. No assumption about the distribution; ties count against the claim.
 *
 * Null when an arm is empty or there are more than 10 + 10 runs. O(assignments × runs): at most 0.1 s.
 */
export function permutationP(a: readonly number[], b: readonly number[]): number | null {
  if (a.length === 0 || b.length === 0 || choices(a.length + b.length, a.length) > MOST_ASSIGNMENTS)
    return null
  const all = [...a, ...b]
  // With a fixed total the difference of means rises with the sum over A: sums are enough.
  const observed = a.reduce((sum, value) => sum + value, 0)
  const slack = 1e-9 * all.reduce((sum, value) => sum + Math.abs(value), 0)
  let asFar = 0
  let assignments = 0
  forEachChoice(all.length, a.length, (chosen) => {
    let sum = 0
    for (const index of chosen) sum += all[index]!
    assignments++
    if (sum >= observed - slack) asFar++
  })
  return asFar / assignments
}

/** Calls with every choice of `n` indices below `of`, in lexicographic order. The array is reused. */
export function forEachChoice(of: number, n: number, visit: (chosen: Uint8Array) => void): void {
  const chosen = Uint8Array.from({ length: n }, (_, i) => i)
  for (;;) {
    visit(chosen)
    let at = n - 1
    while (at >= 0 && chosen[at] === of - n + at) at--
    if (at < 0) return
    chosen[at]!++
    for (let i = at + 1; i < n; i++) chosen[i] = chosen[i - 1]! + 1
  }
}
