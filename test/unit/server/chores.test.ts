import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startChores } from '#lib/server/chores'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('the chores of a node', () => {
  it('are done at the start and again after each interval, until they are ended', async () => {
    const [hourly, daily] = [vi.fn(async () => {}), vi.fn(async () => {})]
    const end = startChores(
      [
        { what: 'hourly', everyMs: 1, work: hourly },
        { what: 'daily', everyMs: 24, work: daily },
      ],
      () => {},
    )
    await vi.advanceTimersByTimeAsync(48)
    expect([hourly.mock.calls.length, daily.mock.calls.length]).toEqual([49, 3])

    await end()
    await vi.advanceTimersByTimeAsync(48)
    expect(daily).toHaveBeenCalledTimes(3)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('never run beside themselves, and the end waits for one that is under way', async () => {
    let finish = () => {}
    const work = vi.fn(() => new Promise<void>((done) => (finish = done)))
    const end = startChores([{ what: 'slow', everyMs: 1, work }], () => {})
    await vi.advanceTimersByTimeAsync(10)
    expect(work).toHaveBeenCalledTimes(1)

    let isOver = false
    const over = end().then(() => (isOver = true))
    await vi.advanceTimersByTimeAsync(10)
    expect(isOver).toBe(false)
    finish()
    await over
  })

  it('that fail are told and tried again', async () => {
    const problems: string[] = []
    const work = vi.fn(async () => {
      throw new Error('the database is away')
    })
    const end = startChores([{ what: 'tidy', everyMs: 5, work }], (what) => problems.push(what))
    await vi.advanceTimersByTimeAsync(11)
    await end()
    expect(problems).toEqual(['tidy', 'tidy', 'tidy'])
  })
})
