import { describe, expect, it } from 'vitest'
import { ATTACKS } from './attacks.ts'
import { runChild } from './run-child.ts'
import { SUBJECTS } from './subjects.ts'

// FUZZ_SEED=1 FUZZ_ROUNDS=20000 npx vitest run --project unit test/formats/fuzz
// A failure names its seed: `node --import tsx test/formats/fuzz/child.ts damage <subject> <seed> 1` repeats it.

const SEED = Number(process.env.FUZZ_SEED ?? 20261123)
/** Rounds of a subject of weight 1; a few seconds in all. */
const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 400)
/** JavaScript's heap in a child. A reader of small files has no use for more. */
const HEAP_MIB = 160
/** What a process with tsx, all formats and a small file may come to. */
const MAX_RSS_MIB = 700
const DEADLINE_MS = 60_000 + ROUNDS * 50

describe('a damaged file of any format', () => {
  it.each(SUBJECTS.map(({ name, weight }) => ({ name, weight })))(
    'ends in a result that adds up or in a sentence, in bounded memory and time: $name',
    async ({ name, weight }) => {
      const rounds = Math.max(2, Math.floor(ROUNDS / weight))
      const task = { name, seed: SEED, rounds, heapMiB: HEAP_MIB, deadlineMs: DEADLINE_MS }
      const result = await runChild({ mode: 'damage', ...task })

      expect(result.failures).toEqual([])
      expect(result.maxRssMiB).toBeLessThan(MAX_RSS_MIB)
    },
    DEADLINE_MS + 5000,
  )

  it.each(SUBJECTS.map(({ name, weight }) => ({ name, weight })))(
    'never loses a part without a word when it is cut: $name',
    async ({ name, weight }) => {
      const rounds = Math.max(2, Math.floor((ROUNDS * 2) / weight))
      const task = { name, seed: SEED, rounds, heapMiB: HEAP_MIB, deadlineMs: DEADLINE_MS }
      const result = await runChild({ mode: 'prefixes', ...task })

      expect(result.failures).toEqual([])
      expect(result.maxRssMiB).toBeLessThan(MAX_RSS_MIB)
    },
    DEADLINE_MS + 5000,
  )
})

describe('a file that is meant to do harm', () => {
  it.each(ATTACKS.map(({ name }) => ({ name })))(
    'does none: $name',
    async ({ name }) => {
      const result = await runChild({
        mode: 'attack',
        name,
        seed: 0,
        rounds: 1,
        heapMiB: 400,
        deadlineMs: 60_000,
      })

      expect(result.failures).toEqual([])
      expect(result.maxRssMiB).toBeLessThan(1200)
    },
    65_000,
  )
})
