// @vitest-environment happy-dom
import { cleanup, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useAskedAgain } from '#components/room/use-asked-again'

const points = new Set<() => void>()
vi.mock('#components/room/room-context', () => ({
  useSeriesPoints: (hear: () => void) => points.add(hear),
}))

const EVERY = 5_000

/** A question whose answers come when the test says so. */
function question() {
  const open: (() => void)[] = []
  const ask = vi.fn(() => new Promise<void>((answered) => open.push(answered)))
  const answer = async () => {
    open.shift()?.()
    await vi.advanceTimersByTimeAsync(0)
  }
  return { ask, answer }
}

beforeEach(() => {
  vi.useFakeTimers()
  points.clear()
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

describe('a question about rows that live points change all the time', () => {
  const start = () => {
    const { ask, answer } = question()
    const { rerender, unmount } = renderHook(({ stamp }) => useAskedAgain(stamp, ask, EVERY), {
      initialProps: { stamp: '0' },
    })
    let changes = 0
    return { ask, answer, unmount, change: () => rerender({ stamp: String(++changes) }) }
  }

  it('is put again soon after a quiet time, once for what comes in one go', async () => {
    const { ask, change } = start()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(ask).not.toHaveBeenCalled()
    change()
    change()
    for (const hear of points) hear()
    await vi.advanceTimersByTimeAsync(500)
    expect(ask).toHaveBeenCalledTimes(1)
  })

  it('is never put while its answer is on the way, however slow that is, and then once more', async () => {
    const { ask, answer, change } = start()
    change()
    await vi.advanceTimersByTimeAsync(500)
    for (let i = 0; i < 100; i++) {
      change()
      await vi.advanceTimersByTimeAsync(200)
    }
    expect(ask).toHaveBeenCalledTimes(1)
    await answer()
    await vi.advanceTimersByTimeAsync(EVERY - 100)
    expect(ask).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(200)
    expect(ask).toHaveBeenCalledTimes(2)
    await answer()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(ask).toHaveBeenCalledTimes(2)
  })

  it('is not put any more when nobody looks', async () => {
    const { ask, answer, change, unmount } = start()
    change()
    await vi.advanceTimersByTimeAsync(500)
    change()
    unmount()
    await answer()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(ask).toHaveBeenCalledTimes(1)
  })
})
