import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { connectDatabase, type Database, db } from '#lib/db/client'
import { loadEventsAfter } from '#lib/db/events'
import { claimDueReminders, settleReminder } from '#lib/db/reminders'
import { loadRoomState } from '#lib/db/room-state'
import type { ReadingInput } from '#lib/db/series'
import { appendLive } from '#lib/db/series-live'
import { applyRoomEvent } from '#lib/investigation/room-state'
import { lookAtDueReminders } from '#lib/jobs/reminders'
import { readSeries } from '#lib/series/read-series'
import { sliceSamples } from '#lib/series/samples'
import { cloneDatabase } from '#test/build/postgres'
import { buildRoom, buildSeries, command, emptyState, type TestRoom } from '#test/build/room'
import { drawSeries, normal, seeded } from '#test/unit/series/draw-series'

let database: Database
let drop: () => Promise<void>
beforeAll(async () => {
  const clone = await cloneDatabase(inject('templateUrl'))
  drop = clone.drop
  database = connectDatabase(clone.url)
})
afterAll(async () => {
  await database.close()
  await drop()
})

const random = seeded(5)
const RISING = drawSeries(2400, (i) => 3e8 + 20_000 * i + 1e7 * normal(random))
const RSS = { name: 'rss', label: 'RSS app', process: 'app', unit: 'bytes' } as const

const read = async ({ samples, question }: ReadingInput) => readSeries(samples, question)
const look = (at: number) => lookAtDueReminders(read, new Date(at))
/** Sends the first so many seconds of the graph. Known ones count as duplicates. */
const send = (room: TestRoom, seconds: number) =>
  appendLive(room.machine, RSS, sliceSamples(RISING, 0, seconds))

/** A room whose graph cannot be told yet, with a reminder for the time that the reading names. */
async function waitingRoom() {
  const room = await buildRoom()
  const { seriesId } = await send(room, 120)
  const { decidableAt } = readSeries(sliceSamples(RISING, 0, 120)).reading
  const dueAt = decidableAt!
  const reminder = await command(room.editor, 'reminder:set', {
    id: randomUUID(),
    seriesId,
    from: null,
    dueAt,
  })
  return { room, seriesId, dueAt, reminder }
}

const lastEvent = async (room: TestRoom) => (await loadEventsAfter(room.id, 0, 1000)).at(-1)

describe('a reading that was undecided', () => {
  it('is read again at its time and told in the room, also when nobody is there', async () => {
    const { room, dueAt, reminder } = await waitingRoom()
    expect(await look(dueAt - 1)).toEqual([])
    await send(room, 1800)
    const [told] = await look(dueAt + 1000)
    expect(told).toMatchObject({ id: reminder.id, state: 'told', looks: 1, outcome: { verdict: 'decided' } })
    expect(told?.outcome?.words).toMatch(/^Growing so far/)
    expect(await lastEvent(room)).toMatchObject({
      type: 'reminder:due',
      actorId: null,
      payload: { reminder: told },
    })
    // Whoever comes back finds it, and it is not told twice.
    expect((await loadRoomState(room.viewer)).reminders).toEqual([told])
    expect(await look(dueAt + 3600_000)).toEqual([])
  })

  it('is looked at once more when it is still open, at the time that the reading names then, and not for ever', async () => {
    const { room, dueAt } = await waitingRoom()
    await send(room, 900)
    const next = Math.floor(readSeries(sliceSamples(RISING, 0, 900)).reading.decidableAt!)
    expect(await look(dueAt)).toMatchObject([
      { state: 'waiting', looks: 1, dueAt: next, outcome: { verdict: 'open' } },
    ])
    expect(await look(next - 1)).toEqual([])
    expect(await look(next + 1)).toMatchObject([
      { state: 'told', looks: 2, outcome: { verdict: 'no-samples' } },
    ])
    expect(await look(next + 1e9)).toEqual([])
  })

  it('says that the samples ended when the process went away meanwhile', async () => {
    const { room, dueAt } = await waitingRoom()
    expect(await look(dueAt)).toMatchObject([{ state: 'told', outcome: { verdict: 'no-samples' } }])
    expect(await lastEvent(room)).toMatchObject({ type: 'reminder:due' })
  })

  it('is told once when two nodes look at the same time, and by the other one when the first is gone', async () => {
    const { room, dueAt } = await waitingRoom()
    await send(room, 1800)
    const both = await Promise.all([look(dueAt), look(dueAt)])
    expect(both.flat()).toHaveLength(1)

    const second = await waitingRoom()
    await send(second.room, 1800)
    const [held] = await claimDueReminders(new Date(second.dueAt))
    expect(await look(second.dueAt + 60_000)).toEqual([])
    const [told] = await look(second.dueAt + 121_000)
    expect(told?.looks).toBe(1)
    // The first node wakes up again: too late.
    const words = 'Cannot tell yet.'
    expect(await settleReminder(held!, { verdict: 'open', words, nextAt: null }, new Date())).toBeNull()
    expect((await loadRoomState(second.room.viewer)).reminders).toEqual([told])
  })

  it('is not told when the reminder was taken back, or set anew, while a node was looking', async () => {
    const { room, dueAt, reminder, seriesId } = await waitingRoom()
    const [held] = await claimDueReminders(new Date(dueAt))
    const again = await command(room.second, 'reminder:set', {
      id: randomUUID(),
      seriesId,
      from: RISING.t[50]!,
      dueAt: dueAt + 5000,
    })
    const seen = { verdict: 'decided', words: 'Steady.', nextAt: null } as const
    expect(await settleReminder(held!, seen, new Date(dueAt))).toBeNull()
    expect((await loadRoomState(room.viewer)).reminders).toEqual([again])
    await expect(command(room.editor, 'reminder:remove', { id: reminder.id })).rejects.toMatchObject({
      code: 'request/not-found',
    })
    await command(room.editor, 'reminder:remove', { id: again.id })
    expect(await look(dueAt + 10_000)).toEqual([])
  })

  it('is for memory of this room, within a year, and set once however often it is sent', async () => {
    const room = await buildRoom()
    const other = await buildRoom()
    const seriesId = await buildSeries(room.editor)
    const set = (given: object) =>
      command(room.editor, 'reminder:set', {
        id: randomUUID(),
        seriesId,
        from: null,
        dueAt: Date.now() + 60_000,
        ...given,
      })
    await expect(set({ seriesId: await buildSeries(other.editor) })).rejects.toMatchObject({
      code: 'request/not-found',
    })
    await expect(set({ dueAt: Date.now() + 400 * 86_400_000 })).rejects.toMatchObject({
      code: 'request/malformed',
    })
    const counter = await buildSeries(room.editor, 'requests')
    await db().series.update({ where: { id: counter }, data: { unit: 'count' } })
    await expect(set({ seriesId: counter })).rejects.toMatchObject({ code: 'request/malformed' })
    const first = await set({})
    expect(await set({ id: first.id })).toEqual(first)
    const events = await loadEventsAfter(room.id, 0, 100)
    expect(events.filter(({ type }) => type === 'reminder:set')).toHaveLength(1)
  })

  it('goes with its series, and the log gives the same rows', async () => {
    const { room, seriesId } = await waitingRoom()
    const replayed = async () => {
      const state = await loadRoomState(room.viewer)
      const events = await loadEventsAfter(room.id, 0, 1000)
      return { state, told: events.reduce(applyRoomEvent, emptyState(state)) }
    }
    const before = await replayed()
    expect(before.told.reminders).toEqual(before.state.reminders)
    expect(before.told.reminders).toHaveLength(1)
    await command(room.editor, 'series:remove', { id: seriesId })
    const after = await replayed()
    expect(after.state.reminders).toEqual([])
    expect(after.told.reminders).toEqual([])
  })
})
