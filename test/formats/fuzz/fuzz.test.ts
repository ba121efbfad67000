import { describe, expect, it } from 'vitest'
import { ATTACKS } from './attacks.ts'
import { runChild } from './run-child.ts'
import { ALL_SUBJECTS } from './subjects.ts'

// FUZZ_SEED=1 FUZZ_ROUNDS=20000 npx vitest run --project unit test/formats/fuzz
// A failure names its seed n: `node --import tsx test/formats/fuzz/child.ts rounds n 1 <subject>` repeats it.

const SEED = Number(process.env.FUZZ_SEED ?? 20261123)
/** Damaged files of a subject of weight 1, and half as many as it is cut; about 20 s in all on two cores. */
const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 300)
/** JavaScript's heap in a child. A reader of small files has no use for more. */
const HEAP_MIB = 192
const MAX_RSS_MIB = 700
const DEADLINE_MS = 120_000 + ROUNDS * 200

/** Subjects and attacks share a process by what they try: a process costs a second to begin with. */
const families = (names: readonly { name: string; family: string }[]) =>
  [...new Set(names.map(({ family }) => family))].map((family) => ({
    family,
    names: names.filter((one) => one.family === family).map(({ name }) => name),
  }))

describe('a damaged or cut file', () => {
  it.each(families(ALL_SUBJECTS))(
    'ends in a result that adds up and tells its losses, or in a sentence, in bounded memory and time: $family',
    async ({ names }) => {
      const result = await runChild({
        mode: 'rounds',
        names,
        seed: SEED,
        rounds: ROUNDS,
        heapMiB: HEAP_MIB,
        deadlineMs: DEADLINE_MS,
      })

      expect(result.failures).toEqual([])
      expect(result.refused).toBeLessThan(result.tried)
      expect(result.maxRssMiB).toBeLessThan(MAX_RSS_MIB)
    },
    DEADLINE_MS + 5000,
  )
})

describe('a file that is meant to do harm', () => {
  it.each(families(ATTACKS))(
    'does none: $family',
    async ({ names }) => {
      const result = await runChild({
        mode: 'attacks',
        names,
        seed: 0,
        rounds: 1,
        heapMiB: 400,
        deadlineMs: DEADLINE_MS,
      })

      expect(result.failures).toEqual([])
      expect(result.tried).toBe(names.length)
      expect(result.maxRssMiB).toBeLessThan(1200)
    },
    DEADLINE_MS + 5000,
  )
})
