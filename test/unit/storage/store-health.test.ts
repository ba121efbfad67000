import { describe, expect, it, vi } from 'vitest'
import { UserError } from '#lib/errors/user-error'
import type { Store } from '#lib/storage/store'
import { storeHealth } from '#lib/storage/store-health'

/** Only what the health asks of a store. */
const storeThat = (check: () => Promise<void>): Store =>
  // reason: a store of which nothing else is used.
  ({ name: 'an S3-compatible object store', check }) as Store

describe('the health of a store', () => {
  it('says which it is and whether it answers, and asks once for all who want to know', async () => {
    let clock = 0
    const check = vi.fn(async () => {
      clock += 12
    })
    const health = storeHealth(storeThat(check), () => clock)
    const told = await Promise.all([health(), health(), health()])
    expect(told[0]).toEqual({ ok: true, detail: 'an S3-compatible object store, answers in 12 ms' })
    expect(check).toHaveBeenCalledTimes(1)
    clock += 5_000
    await health()
    expect(check).toHaveBeenCalledTimes(2)
  })

  it('tells the sentence of what is wrong', async () => {
    const health = storeHealth(
      storeThat(() => Promise.reject(new UserError('store/no-bucket'))),
      () => 0,
    )
    expect(await health()).toEqual({
      ok: false,
      detail: expect.stringContaining('an S3-compatible object store: The bucket'),
    })
  })

  it('does not wait for ever', async () => {
    vi.useFakeTimers()
    try {
      const health = storeHealth(
        storeThat(() => new Promise(() => {})),
        () => 0,
      )
      const told = health()
      await vi.advanceTimersByTimeAsync(5_000)
      expect((await told).detail).toContain('does not answer within 5 s')
    } finally {
      vi.useRealTimers()
    }
  })
})
