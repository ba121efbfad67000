/** Random numbers with a seed, 0 to 1: the same on every machine (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Neighbours that are drawn together, so that what they have in common stays in the drawn series. */
const BLOCK_LENGTH = 6
const DRAWS = 300

/**
 * The 95 % interval of a statistic of `n` points by the moving-block bootstrap: `statistic` gets, for each of the points, the
 * index of the one that is drawn in its place. The same seed, the same interval. Draws without a finite result are left out;
 * null when fewer than half are left. O(draws × statistic).
 */
export function movingBlockInterval(
  n: number,
  statistic: (drawn: Uint32Array) => number,
  { draws = DRAWS, length = BLOCK_LENGTH, seed = 1 } = {},
): { low: number; high: number } | null {
  const random = seededRandom(seed)
  const width = Math.min(length, n)
  const drawn = new Uint32Array(n)
  const found: number[] = []
  for (let draw = 0; draw < draws; draw++) {
    for (let at = 0; at < n; at += width) {
      const start = Math.floor(random() * (n - width + 1))
      for (let i = 0; i < width && at + i < n; i++) drawn[at + i] = start + i
    }
    const value = statistic(drawn)
    if (Number.isFinite(value)) found.push(value)
  }
  if (found.length < draws / 2) return null
  found.sort((a, b) => a - b)
  const at = (share: number) => found[Math.round(share * (found.length - 1))]!
  return { low: at(0.025), high: at(0.975) }
}
