import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type ChangeKind, changeOf, roomChanged } from '#lib/db/room-changes'
import { ROOM_EVENTS, type RoomEventType } from '#lib/investigation/events'
import { InvestigationId } from '#lib/investigation/ids'
import { Conclusions, type ConclusionsOptions } from '#lib/jobs/conclusions'

const room = (n: number) => InvestigationId.parse(`00000000-0000-4000-8000-00000000000${n}`)

let open: Conclusions | undefined
beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(async () => {
  await open?.close()
  vi.useRealTimers()
})

/** Conclusions that write down what they were asked for. */
function noted(on: readonly ChangeKind[], options: Partial<ConclusionsOptions> = {}) {
  const asked: string[] = []
  const warned: unknown[] = []
  open = new Conclusions({
    concluders: [
      {
        what: 'noting',
        on,
        conclude: async (id, changes) => asked.push(`${id.slice(-1)}: ${[...changes].sort().join(' ')}`),
      },
    ],
    log: { warn: (...what: unknown[]) => warned.push(what) },
    calmMs: 300,
    seriesEveryMs: 15_000,
    ...options,
  })
  return { asked, warned }
}

describe('conclusions', () => {
  it('are drawn once for changes that come together, room by room', async () => {
    const { asked } = noted(['run', 'capture'])
    for (const kind of ['run', 'run', 'capture'] as const) roomChanged(room(1), kind)
    roomChanged(room(2), 'run')
    expect(asked).toEqual([])
    await vi.advanceTimersByTimeAsync(300)
    expect(asked).toEqual(['1: capture run', '2: run'])
  })

  it('do not wait for ever where changes never pause', async () => {
    const { asked } = noted(['run'])
    for (let i = 0; i < 20; i++) {
      roomChanged(room(1), 'run')
      await vi.advanceTimersByTimeAsync(100)
    }
    expect(asked.length).toBeGreaterThanOrEqual(4)
  })

  it('of a live graph are drawn every 15 seconds at most, and at once when something else changes', async () => {
    const { asked } = noted(['series', 'run'])
    for (let second = 0; second < 40; second++) {
      roomChanged(room(1), 'series')
      await vi.advanceTimersByTimeAsync(1000)
    }
    expect(asked).toEqual(['1: series', '1: series', '1: series'])
    roomChanged(room(1), 'run')
    await vi.advanceTimersByTimeAsync(300)
    expect(asked[3]).toMatch(/^1: run/)
  })

  it('are not asked of those whom a change does not concern, and one that fails does not stop the others', async () => {
    const { asked, warned } = noted(['run'], {
      concluders: [
        { what: 'breaking', on: ['run'], conclude: () => Promise.reject(new Error('no database')) },
        { what: 'noting', on: ['run'], conclude: async () => asked.push('still here') },
      ],
    })
    roomChanged(room(1), 'capture')
    await vi.advanceTimersByTimeAsync(1000)
    expect(asked).toEqual([])
    roomChanged(room(1), 'run')
    await vi.advanceTimersByTimeAsync(1000)
    expect(asked).toEqual(['still here'])
    expect(warned).toHaveLength(1)
  })

  it('are drawn again for what changes while they are drawn', async () => {
    const asked: number[] = []
    let finish = () => {}
    noted(['run'], {
      concluders: [
        {
          what: 'slow',
          on: ['run'],
          conclude: () => {
            asked.push(asked.length)
            return new Promise<void>((resolve) => {
              finish = resolve
            })
          },
        },
      ],
    })
    roomChanged(room(1), 'run')
    await vi.advanceTimersByTimeAsync(300)
    roomChanged(room(1), 'run')
    await vi.advanceTimersByTimeAsync(3000)
    expect(asked).toEqual([0])
    finish()
    await vi.advanceTimersByTimeAsync(300)
    expect(asked).toEqual([0, 1])
    finish()
  })

  it('are no more drawn after the end', async () => {
    const { asked } = noted(['run'])
    roomChanged(room(1), 'run')
    await open?.close()
    roomChanged(room(1), 'run')
    await vi.advanceTimersByTimeAsync(1000)
    expect(asked).toEqual([])
  })
})

it('every event of the log is known to change something that conclusions are drawn from, or nothing', () => {
  // reason: the keys of a literal table.
  const types = Object.keys(ROOM_EVENTS) as RoomEventType[]
  const changing = types.filter((type) => changeOf(type) !== undefined)
  expect(new Set(changing.map((type) => type.split(':')[0]))).toEqual(
    new Set(['capture', 'series', 'mark', 'limit', 'experiment', 'run', 'check']),
  )
  expect(changeOf('experiment:concluded')).toBe('conclusion')
  // What a machine says of a check must not have the check evaluated again.
  expect(changeOf('check:evaluated')).toBeUndefined()
})
