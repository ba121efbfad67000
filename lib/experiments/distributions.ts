// Beta and Student distributions: what exact intervals of shares and of differences need. Lanczos' approximation and
// Lentz's continued fraction (Numerical Recipes, 3rd edition, 6.1 and 6.4); better than 1e-10 where it is used.

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]

/** Natural logarithm of Γ(x) for x ≥ 0.5. */
export function logGamma(x: number): number {
  const z = x - 1
  const sum = LANCZOS.reduce((total, weight, i) => (i === 0 ? weight : total + weight / (z + i)), 0)
  const t = z + 7.5
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum)
}

/** Share of a Beta(a, b) distribution below `x`: the regularised incomplete beta function. a, b ≥ 0.5. */
export function betaShare(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  // The fraction converges fast on this side of the mean only.
  if (x > (a + 1) / (a + b + 2)) return 1 - betaShare(1 - x, b, a)
  const front = Math.exp(
    a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b) - Math.log(a),
  )
  const tiny = 1e-300
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value)
  let c = 1
  let d = 1 / away(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m < 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / away(1 + even * d)
    c = away(1 + even / c)
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / away(1 + odd * d)
    c = away(1 + odd / c)
    fraction *= d * c
    if (Math.abs(d * c - 1) < 1e-14) break
  }
  return front * fraction
}

/** The point of a Beta(a, b) distribution with `share` of it below. By halving: 60 steps. */
export function betaQuantile(share: number, a: number, b: number): number {
  let low = 0
  let high = 1
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (betaShare(middle, a, b) < share) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Share of Student's distribution below `t`. `freedom` may be a fraction, ≥ 1. */
export function studentShare(t: number, freedom: number): number {
  const tail = 0.5 * betaShare(freedom / (freedom + t * t), freedom / 2, 0.5)
  return t > 0 ? 1 - tail : tail
}

/** The point of Student's distribution with `share` (0.5 to 1) of it below. */
export function studentPoint(share: number, freedom: number): number {
  let low = 0
  let high = 1
  while (studentShare(high, freedom) < share && high < 1e9) high *= 2
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (studentShare(middle, freedom) < share) low = middle
    else high = middle
  }
  return (low + high) / 2
}
