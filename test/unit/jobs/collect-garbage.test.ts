import { describe, expect, it } from 'vitest'
import { sharedUint8 } from '#lib/heap/shared'
import { collectGarbage } from '#lib/jobs/collect-garbage'
import { mebibytes } from '#lib/units/quantity'

describe('a thread that reads one file after another', () => {
  it('holds the columns of one, not of all', () => {
    const before = process.memoryUsage().rss
    for (let file = 0; file < 20; file++) {
      sharedUint8(mebibytes(32)).fill(1)
      collectGarbage()
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(mebibytes(20 * 32) / 2)
  })
})
