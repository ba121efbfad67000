import { describe, expect, it } from 'vitest'
import type { GrowthCapture } from '#lib/findings/growth-model'
import type { IdentityTable } from '#lib/findings/identity-table'
import { livesOf } from '#lib/findings/lives'
import { NO_GENERATION } from '#lib/heap/snapshot'

/** A capture whose object number `i` has the id `i` and the kind `kinds[i]`. */
function capture(kinds: readonly number[]): GrowthCapture {
  const identities: IdentityTable = {
    objects: kinds.length,
    pageKey: Uint32Array.of(0),
    pageStart: Uint32Array.of(0, kinds.length),
    step: Uint16Array.from(kinds.keys()),
    group: Uint32Array.from(kinds),
    generation: new Int32Array(kinds.length).fill(NO_GENERATION),
    keyKind: 'id',
    latestGeneration: NO_GENERATION,
  }
  // reason: lives are told by names and identities alone.
  return { identities } as GrowthCapture
}

/** Kinds are groups, the same in every capture. */
const lives = (...captures: readonly (readonly number[])[]) =>
  livesOf(captures.map(capture), {
    rowOf: captures.map(() => Uint32Array.from({ length: 100 }, (_, at) => at)),
  })

/** `count` objects of kinds that repeat after `period`, from `start`. */
const kinds = (count: number, start = 0, period = 90): number[] =>
  Array.from({ length: count }, (_, at) => (start + at) % period)

describe('captures whose objects have ids', () => {
  it('[LIF3] are of one process when the ids that they share stand for the same kinds', () => {
    expect(lives(kinds(1000), [...kinds(1000), ...kinds(3000, 7)])).toEqual({
      isOneProcess: true,
      remark: undefined,
    })
  })

  it('[LIF4] are not followed when the ids were counted anew, whichever two of them it was', () => {
    const { isOneProcess, remark } = lives(kinds(1000), kinds(1200), kinds(1400, 1))
    expect(isOneProcess).toBe(false)
    expect(remark).toContain(
      'Captures 2 and 3 share 1,200 object ids, but 100 % of them stand for other kinds',
    )
    expect(remark).toContain('the process was restarted or the debugger came again')
  })

  it('[LIF5] may have a few objects of another kind: code that was loaded, a text that was joined', () => {
    const later = kinds(1000).map((kind, at) => (at % 25 === 0 ? 95 : kind))
    expect(lives(kinds(1000), later).isOneProcess).toBe(true)
    const more = kinds(1000).map((kind, at) => (at % 15 === 0 ? 95 : kind))
    expect(lives(kinds(1000), more).isOneProcess).toBe(false)
  })

  it('[LIF6] say nothing by their ids when they share hardly any', () => {
    expect(lives(kinds(150), kinds(5000, 3)).isOneProcess).toBe(true)
  })
})
