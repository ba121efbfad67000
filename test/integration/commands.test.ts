import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { connectDatabase, type Database, db } from '#lib/db/client'
import { forgetOldAnswers, runCommand } from '#lib/db/commands'
import { CAPACITY } from '#lib/db/commands/capacity'
import { loadEventsAfter } from '#lib/db/events'
import { loadRoomState, messagesBefore } from '#lib/db/room-state'
import { UserError } from '#lib/errors/user-error'
import type { WriteAccess } from '#lib/investigation/access'
import { applyRoomEvent } from '#lib/investigation/room-state'
import type { HypothesisRow } from '#lib/investigation/rows'
import { describeEvent, namesOf } from '#lib/investigation/timeline'
import { provideServices, type Services } from '#lib/services'
import { cloneDatabase } from '#test/build/postgres'
import {
  buildCapture,
  buildRoom,
  buildSeries,
  command,
  emptyState,
  idOf,
  type TestRoom,
} from '#test/build/room'

let database: Database
let drop: () => Promise<void>
const cancelled = vi.fn<(captureId: string) => void>()

beforeAll(async () => {
  const clone = await cloneDatabase(inject('templateUrl'))
  drop = clone.drop
  database = connectDatabase(clone.url)
  // reason: commands use one member of the running node; anything else in a test is a bug and throws.
  provideServices({ cancelCapture: cancelled } as unknown as Services)
})
afterAll(async () => {
  await database.close()
  await drop()
})

const hunch = (access: WriteAccess, title = 'The cache keeps everything') =>
  command(access, 'hypothesis:add', { id: randomUUID(), title })
const note = (access: WriteAccess, quote = 'heap is flat') =>
  command(access, 'evidence:pin', { id: randomUUID(), title: quote, ref: { kind: 'note', quote } })
const eventsOf = (room: TestRoom) => loadEventsAfter(room.id, 0, 500)

/** The refusal that a command ends with. */
async function refusalOf(work: Promise<unknown>): Promise<UserError> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(outcome instanceof UserError)) throw new Error(`expected a refusal, got ${String(outcome)}`)
  return outcome
}
const codeOf = async (work: Promise<unknown>) => (await refusalOf(work)).code

describe('any command', () => {
  it('answers the row and writes exactly one event that carries it', async () => {
    const room = await buildRoom()
    const row = await hunch(room.editor)
    const events = await eventsOf(room)
    expect(events).toHaveLength(2)
    expect(events[1]).toMatchObject({
      seq: 2,
      type: 'hypothesis:added',
      actorId: idOf(room.editor),
      actorName: 'Edu',
      payload: { hypothesis: row },
    })
  })

  it('sent again with its key answers the same and changes nothing, also much later', async () => {
    const room = await buildRoom()
    const key = randomUUID()
    const body = { id: randomUUID(), title: 'Once' }
    const first = await command(room.editor, 'hypothesis:add', body, key)
    await command(room.editor, 'hypothesis:change', { id: first.id, version: 1, title: 'Renamed' })
    const again = await command(room.editor, 'hypothesis:add', body, key)
    expect(again).toEqual(first)
    expect(await eventsOf(room)).toHaveLength(3)
  })

  it('sent ten times at once with one key happens once', async () => {
    const room = await buildRoom()
    const key = randomUUID()
    const body = { id: randomUUID(), body: 'is anybody here?' }
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => command(room.editor, 'message:post', body, key)),
    )
    expect(new Set(replies.map((reply) => reply.seq)).size).toBe(1)
    expect(await db().message.count({ where: { investigationId: room.id } })).toBe(1)
    expect(await eventsOf(room)).toHaveLength(2)
  })

  it('forgets answers after 90 days, not before', async () => {
    const room = await buildRoom()
    await hunch(room.editor)
    const where = { investigationId: room.id }
    const inDays = (days: number) => new Date(Date.now() + days * 24 * 60 * 60_000)
    await forgetOldAnswers(inDays(89))
    expect(await db().requestKey.count({ where })).toBe(1)
    await forgetOldAnswers(inDays(91))
    expect(await db().requestKey.count({ where })).toBe(0)
  })

  it('keeps the keys of two people apart', async () => {
    const room = await buildRoom()
    const key = randomUUID()
    const [a, b] = [
      await command(room.editor, 'message:post', { id: randomUUID(), body: 'a' }, key),
      await command(room.second, 'message:post', { id: randomUUID(), body: 'b' }, key),
    ]
    expect([a.body, b.body]).toEqual(['a', 'b'])
  })

  it('refuses a key that belonged to another command, and a key that is none', async () => {
    const room = await buildRoom()
    const key = randomUUID()
    const { id } = await command(room.editor, 'hypothesis:add', { id: randomUUID(), title: 'x' }, key)
    expect(await codeOf(command(room.editor, 'hypothesis:remove', { id, version: 1 }, key))).toBe(
      'request/malformed',
    )
    expect(await codeOf(runCommand(room.editor, 'not-a-key', 'mark:remove', { id }))).toBe(
      'request/malformed',
    )
  })

  it('leaves its key free when it is refused', async () => {
    const room = await buildRoom()
    const key = randomUUID()
    const row = await hunch(room.editor)
    const stale = { id: row.id, version: 9, title: 'x' }
    expect(await codeOf(command(room.editor, 'hypothesis:change', stale, key))).toBe('row/conflict')
    const done = await command(room.editor, 'hypothesis:change', { ...stale, version: 1 }, key)
    expect(done.title).toBe('x')
  })

  it.each([
    ['an id that is none', 'hypothesis:add', { id: 'no', title: 'x' }],
    ['an empty title', 'hypothesis:add', { id: randomUUID(), title: '   ' }],
    ['a vote of 6', 'confidence:set', { hypothesisId: randomUUID(), value: 6 }],
    ['a pin on the moon', 'evidence:pin', { id: randomUUID(), title: 'x', ref: { kind: 'moon' } }],
    ['a time that is none', 'mark:add', { id: randomUUID(), kind: 'note', label: 'x', at: Number.NaN }],
    ['a negative limit', 'limit:set', { id: randomUUID(), kind: 'ram', label: 'x', bytes: -1 }],
    ['nothing at all', 'message:post', null],
    ['a message beyond its cap', 'message:post', { id: randomUUID(), body: 'x'.repeat(8001) }],
  ] as const)('refuses %s', async (_what, name, body) => {
    const room = await buildRoom()
    expect(await codeOf(runCommand(room.editor, randomUUID(), name, body))).toBe('request/malformed')
    expect(await eventsOf(room)).toHaveLength(1)
  })

  it('knows nothing of the rows of other rooms', async () => {
    const [home, other] = [await buildRoom(), await buildRoom()]
    const row = await hunch(other.editor)
    const pin = await note(other.editor)
    const message = await command(other.editor, 'message:post', { id: randomUUID(), body: 'hi' })
    const mark = await command(other.editor, 'mark:add', {
      id: randomUUID(),
      kind: 'note',
      label: 'x',
      at: 1,
    })
    const limitId = randomUUID()
    await command(other.editor, 'limit:set', { id: limitId, kind: 'ram', label: 'RAM', bytes: 5 })
    const capture = await buildCapture(other.editor, 'ready', 'a0')
    const series = await buildSeries(other.editor)
    const own = await hunch(home.editor)
    const who = home.editor
    const attempts: Promise<unknown>[] = [
      command(who, 'hypothesis:change', { id: row.id, version: 1, title: 'x' }),
      command(who, 'hypothesis:move', { id: row.id, after: null, before: null }),
      command(who, 'hypothesis:set-status', { id: row.id, version: 1, to: 'testing' }),
      command(who, 'hypothesis:remove', { id: row.id, version: 1 }),
      command(who, 'confidence:set', { hypothesisId: row.id, value: 3 }),
      command(who, 'evidence:link', { evidenceId: pin.id, hypothesisId: own.id, stance: 'for' }),
      command(who, 'evidence:unlink', { evidenceId: pin.id, hypothesisId: own.id }),
      command(who, 'evidence:pin', {
        id: randomUUID(),
        title: 'x',
        ref: { kind: 'capture', captureId: capture.id },
      }),
      command(who, 'evidence:pin', {
        id: randomUUID(),
        title: 'x',
        ref: { kind: 'series-range', seriesIds: [series], from: 0, to: 1 },
      }),
      command(who, 'evidence:pin', {
        id: randomUUID(),
        title: 'x',
        ref: { kind: 'message', messageId: message.id },
      }),
      command(who, 'message:post', { id: randomUUID(), body: `see [[pin:${pin.id}]]` }),
      command(who, 'message:edit', { id: message.id, version: 1, body: 'x' }),
      command(who, 'message:delete', { id: message.id, version: 1 }),
      command(who, 'mark:change', { id: mark.id, version: 1, label: 'x' }),
      command(who, 'mark:remove', { id: mark.id }),
      command(who, 'limit:set', { id: limitId, kind: 'ram', label: 'x', bytes: 9 }),
      command(who, 'limit:remove', { id: limitId }),
      command(who, 'capture:change', { id: capture.id, version: 1, label: 'x' }),
      command(who, 'capture:move', { id: capture.id, after: null, before: null }),
      command(who, 'capture:cancel', { id: capture.id }),
      command(who, 'capture:remove', { id: capture.id }),
      command(who, 'series:remove', { id: series }),
    ]
    expect(new Set(await Promise.all(attempts.map(codeOf)))).toEqual(new Set(['request/not-found']))
    expect(await eventsOf(home)).toHaveLength(2)
    expect(await codeOf(command(who, 'hypothesis:add', { id: row.id, title: 'taken' }))).toBe(
      'request/malformed',
    )
  })

  it('lets a machine set marks and limits, and leaves opinions to people', async () => {
    const room = await buildRoom()
    const mark = await command(room.machine, 'mark:add', {
      id: randomUUID(),
      kind: 'deploy',
      label: 'v42',
      at: 1,
    })
    expect(mark.createdBy).toMatch(/^token:/)
    expect((await eventsOf(room)).at(-1)).toMatchObject({ actorId: null, actorName: 'deploy script' })
    const row = await hunch(room.editor)
    const opinions = [
      hunch(room.machine),
      command(room.machine, 'hypothesis:set-status', { id: row.id, version: 1, to: 'testing' }),
      command(room.machine, 'confidence:set', { hypothesisId: row.id, value: 5 }),
      command(room.machine, 'message:post', { id: randomUUID(), body: 'beep' }),
      note(room.machine),
    ]
    expect(new Set(await Promise.all(opinions.map(codeOf)))).toEqual(new Set(['row/person-needed']))
  })
})

describe('the investigation', () => {
  it('changes title and status, and tells which', async () => {
    const room = await buildRoom()
    const row = await command(room.editor, 'investigation:change', {
      version: 1,
      title: 'Found',
      status: 'cause-found',
    })
    expect(row).toMatchObject({ title: 'Found', status: 'cause-found', version: 2 })
    expect((await eventsOf(room)).at(-1)?.payload).toEqual({
      investigation: row,
      changed: ['title', 'status'],
    })
  })

  it('says nothing when nothing differs', async () => {
    const room = await buildRoom('Same')
    const row = await command(room.editor, 'investigation:change', { version: 1, title: 'Same' })
    expect(row.version).toBe(1)
    expect(await eventsOf(room)).toHaveLength(1)
  })

  it('refuses a stale change and names who was faster', async () => {
    const room = await buildRoom()
    await command(room.second, 'investigation:change', { version: 1, title: 'Mine' })
    const refused = await refusalOf(
      command(room.editor, 'investigation:change', { version: 1, title: 'No, mine' }),
    )
    expect(refused.message).toBe(
      'Sam was faster: renamed the investigation to “Mine”. Look at it, then decide again.',
    )
  })
})

describe('a hypothesis', () => {
  it('that is added twice with different keys exists once', async () => {
    const room = await buildRoom()
    const body = { id: randomUUID(), title: 'Offline, then reloaded' }
    const first = await command(room.editor, 'hypothesis:add', body)
    const second = await command(room.editor, 'hypothesis:add', body)
    expect(second).toEqual(first)
    expect(await codeOf(command(room.second, 'hypothesis:add', body))).toBe('request/malformed')
    expect(await eventsOf(room)).toHaveLength(2)
  })

  it('changes title and owner, and only a member can own it', async () => {
    const room = await buildRoom()
    const stranger = await buildRoom()
    const row = await hunch(room.editor)
    const named = await command(room.second, 'hypothesis:change', {
      id: row.id,
      version: 1,
      ownerId: idOf(room.editor),
    })
    expect(named).toMatchObject({ ownerId: idOf(room.editor), version: 2 })
    const outside = { id: row.id, version: 2, ownerId: idOf(stranger.editor) }
    expect(await codeOf(command(room.second, 'hypothesis:change', outside))).toBe('request/not-found')
  })

  it('refuses the slower of two status changes, with the winner, the change and the row as it stands', async () => {
    const room = await buildRoom()
    const row = await hunch(room.editor, 'Redis')
    const won = await command(room.second, 'hypothesis:set-status', {
      id: row.id,
      version: 1,
      to: 'ruled-out',
      reason: 'memory stays flat without it',
    })
    const refused = await refusalOf(
      command(room.editor, 'hypothesis:set-status', { id: row.id, version: 1, to: 'testing' }),
    )
    expect(refused.code).toBe('row/conflict')
    expect(refused.message).toBe(
      'Sam was faster: ruled out “Redis”: memory stays flat without it. Look at it, then decide again.',
    )
    expect(refused.detail).toMatchObject({ row: won, winner: 'Sam', winnerId: idOf(room.second) })
    const reopened = await command(room.editor, 'hypothesis:set-status', {
      id: row.id,
      version: won.version,
      to: 'testing',
    })
    expect(reopened.status).toBe('testing')
  })

  it('moves only along the allowed ways', async () => {
    const room = await buildRoom()
    const row = await hunch(room.editor)
    const refused = await refusalOf(
      command(room.editor, 'hypothesis:set-status', { id: row.id, version: 1, to: 'confirmed' }),
    )
    expect(refused.code).toBe('row/transition')
    expect(refused.detail).toMatchObject({ row: { status: 'hunch' } })
  })

  it('is confirmed with evidence for it and by a second person only', async () => {
    const room = await buildRoom()
    const row = await hunch(room.second)
    const to = (who: WriteAccess, now: HypothesisRow, status: HypothesisRow['status']) =>
      command(who, 'hypothesis:set-status', { id: row.id, version: now.version, to: status })
    const supported = await to(room.editor, await to(room.editor, row, 'testing'), 'supported')

    expect((await refusalOf(to(room.second, supported, 'confirmed'))).message).toContain('pin at least one')
    const against = await note(room.editor, 'against')
    await command(room.editor, 'evidence:link', {
      evidenceId: against.id,
      hypothesisId: row.id,
      stance: 'against',
    })
    expect((await refusalOf(to(room.second, supported, 'confirmed'))).message).toContain('pin at least one')
    const pin = await note(room.editor)
    await command(room.editor, 'evidence:link', { evidenceId: pin.id, hypothesisId: row.id, stance: 'for' })
    expect((await refusalOf(to(room.editor, supported, 'confirmed'))).message).toContain('somebody other')
    expect(await to(room.second, supported, 'confirmed')).toMatchObject({ status: 'confirmed' })
  })

  it('that is confirmed keeps its last evidence for it until somebody reopens it', async () => {
    const room = await buildRoom()
    const row = await hunch(room.editor)
    const to = (who: WriteAccess, now: HypothesisRow, status: HypothesisRow['status']) =>
      command(who, 'hypothesis:set-status', { id: row.id, version: now.version, to: status })
    const linkFor = async (quote: string) => {
      const pin = await note(room.editor, quote)
      return command(room.editor, 'evidence:link', {
        evidenceId: pin.id,
        hypothesisId: row.id,
        stance: 'for',
      })
    }
    const [first, second] = [await linkFor('one'), await linkFor('two')]
    const unlink = ({ evidenceId }: typeof first) =>
      command(room.owner, 'evidence:unlink', { evidenceId, hypothesisId: row.id })
    const supported = await to(room.editor, await to(room.editor, row, 'testing'), 'supported')
    const confirmed = await to(room.second, supported, 'confirmed')

    // Two at once take away one each: one of them is told.
    const both = await Promise.allSettled([unlink(first), unlink(second)])
    const refused = both.find((one) => one.status === 'rejected')
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(refused?.reason).toMatchObject({
      code: 'row/last-evidence',
      message: 'This is the last evidence for a confirmed hypothesis. Reopen the hypothesis first.',
    })
    const [left] = (await loadRoomState(room.viewer)).links
    if (!left) throw new Error('the last evidence went away')
    const restate = () => command(room.owner, 'evidence:link', { ...left, stance: 'against' })
    expect(await codeOf(restate())).toBe('row/last-evidence')

    await to(room.owner, confirmed, 'testing')
    await restate()
    await unlink(left)
    expect((await loadRoomState(room.viewer)).links).toEqual([])
  })

  it('takes its links and votes with it when it is removed; the evidence stays', async () => {
    const room = await buildRoom()
    const row = await hunch(room.editor)
    const pin = await note(room.editor)
    await command(room.editor, 'evidence:link', { evidenceId: pin.id, hypothesisId: row.id, stance: 'for' })
    await command(room.second, 'confidence:set', { hypothesisId: row.id, value: 4 })
    expect(await codeOf(command(room.editor, 'hypothesis:remove', { id: row.id, version: 7 }))).toBe(
      'row/conflict',
    )
    await command(room.editor, 'hypothesis:remove', { id: row.id, version: 1 })
    const state = await loadRoomState(room.viewer)
    expect(state).toMatchObject({ hypotheses: [], links: [], evidence: [pin] })
  })

  it('holds one vote per person, and votes never conflict with an edit', async () => {
    const room = await buildRoom()
    const row = await hunch(room.editor)
    await Promise.all(
      [room.owner, room.editor, room.second].map((who, index) =>
        command(who, 'confidence:set', { hypothesisId: row.id, value: index + 2 }),
      ),
    )
    await command(room.editor, 'confidence:set', { hypothesisId: row.id, value: 5 })
    await command(room.owner, 'confidence:set', { hypothesisId: row.id, value: null })
    const renamed = await command(room.editor, 'hypothesis:change', {
      id: row.id,
      version: 1,
      title: 'Renamed',
    })
    expect(renamed.confidence).toEqual({ [idOf(room.editor)]: 5, [idOf(room.second)]: 4 })
  })
})

describe('the order of hypotheses', () => {
  it('puts a row between its new neighbours, at the start and at the end', async () => {
    const room = await buildRoom()
    const [a, b, c] = [
      await hunch(room.editor, 'a'),
      await hunch(room.editor, 'b'),
      await hunch(room.editor, 'c'),
    ]
    const titles = async () => (await loadRoomState(room.viewer)).hypotheses.map((row) => row.title).join('')
    await command(room.editor, 'hypothesis:move', { id: c.id, after: a.id, before: b.id })
    expect(await titles()).toBe('acb')
    await command(room.editor, 'hypothesis:move', { id: b.id, after: null, before: a.id })
    expect(await titles()).toBe('bac')
    await command(room.editor, 'hypothesis:move', { id: b.id, after: c.id, before: null })
    expect(await titles()).toBe('acb')
  })

  it('survives 100 moves at once: nothing lost, nothing twice, no rank twice', async () => {
    const room = await buildRoom()
    const rows: HypothesisRow[] = []
    for (let n = 0; n < 12; n++) rows.push(await hunch(room.editor, `h${n}`))
    const people = [room.owner, room.editor, room.second]
    const moves = Array.from({ length: 100 }, (_, n) => {
      const pick = (step: number) => rows[(n * step) % rows.length]!.id
      const [id, after, before] = [pick(7), n % 5 === 0 ? null : pick(5), n % 3 === 0 ? null : pick(11)]
      return command(people[n % 3]!, 'hypothesis:move', { id, after, before })
    })
    await Promise.all(moves)
    const { hypotheses } = await loadRoomState(room.viewer)
    expect(new Set(hypotheses.map((row) => row.id)).size).toBe(12)
    expect(new Set(hypotheses.map((row) => row.rank)).size).toBe(12)
  }, 60_000)
})

describe('evidence', () => {
  it('is pinned, linked with a stance, restated and taken away', async () => {
    const room = await buildRoom()
    const row = await hunch(room.editor)
    const series = await buildSeries(room.editor)
    const evidence = await command(room.editor, 'evidence:pin', {
      id: randomUUID(),
      title: 'RSS climbs',
      ref: { kind: 'series-range', seriesIds: [series], from: 1000, to: 2000, reading: '648 kB/s' },
    })
    expect(evidence.ref).toMatchObject({ from: 1000, to: 2000 })
    const ids = { evidenceId: evidence.id, hypothesisId: row.id }
    const link = await command(room.editor, 'evidence:link', { ...ids, stance: 'for', note: 'steep' })
    expect(link.version).toBe(1)
    const changed = await command(room.second, 'evidence:link', { ...ids, stance: 'against', version: 1 })
    expect(changed).toMatchObject({ stance: 'against', version: 2, createdBy: idOf(room.editor) })
    expect(await command(room.editor, 'evidence:unlink', ids)).toEqual(ids)
    expect(await codeOf(command(room.editor, 'evidence:unlink', ids))).toBe('request/not-found')
    expect((await loadRoomState(room.viewer)).links).toEqual([])
  })

  it('refuses a second, different stance that did not see the first; the same one again is fine', async () => {
    const room = await buildRoom()
    const [row, pin] = [await hunch(room.editor, 'H'), await note(room.editor, 'E')]
    const ids = { evidenceId: pin.id, hypothesisId: row.id }
    const first = await command(room.editor, 'evidence:link', { ...ids, stance: 'for' })
    expect(await command(room.second, 'evidence:link', { ...ids, stance: 'for' })).toEqual(first)
    const refused = await refusalOf(command(room.second, 'evidence:link', { ...ids, stance: 'against' }))
    expect(refused.message).toBe('Edu was faster: pinned “E” for “H”. Look at it, then decide again.')
  })

  it('refuses a range that ends before it starts', async () => {
    const room = await buildRoom()
    const series = await buildSeries(room.editor)
    const ref = { kind: 'series-range' as const, seriesIds: [series], from: 2, to: 1 }
    expect(await codeOf(command(room.editor, 'evidence:pin', { id: randomUUID(), title: 'x', ref }))).toBe(
      'request/malformed',
    )
  })
})

describe('the discussion', () => {
  it('has one order for everybody, whoever posts at once', async () => {
    const room = await buildRoom()
    const people = [room.owner, room.editor, room.second]
    const posted = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        command(people[n % 3]!, 'message:post', { id: randomUUID(), body: `m${n}` }),
      ),
    )
    const bySeq = [...posted].sort((a, b) => a.seq - b.seq)
    const { messages } = await loadRoomState(room.viewer)
    expect(messages).toEqual(bySeq)
    const told = (await eventsOf(room)).flatMap((event) =>
      event.type === 'message:posted' ? [event.payload.message] : [],
    )
    expect(told).toEqual(bySeq)
    expect(told.map((message) => message.seq)).toEqual(told.map((_, index) => index + 2))
  })

  it('shows the newest 100 with the room and pages the older ones', async () => {
    const room = await buildRoom()
    for (let n = 0; n < 105; n++)
      await command(room.editor, 'message:post', { id: randomUUID(), body: `m${n}` })
    const { messages } = await loadRoomState(room.viewer)
    expect([messages.length, messages[0]?.body, messages.at(-1)?.body]).toEqual([100, 'm5', 'm104'])
    const older = await messagesBefore(room.viewer, messages[0]!.seq)
    expect(older.map((message) => message.body)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4'])
  })

  it('lets only its author edit or delete a message, and forgets deleted words', async () => {
    const room = await buildRoom()
    const { id } = await command(room.editor, 'message:post', { id: randomUUID(), body: 'secret' })
    expect(await codeOf(command(room.second, 'message:edit', { id, version: 1, body: 'x' }))).toBe(
      'row/not-yours',
    )
    expect(await codeOf(command(room.owner, 'message:delete', { id, version: 1 }))).toBe('row/not-yours')
    const edited = await command(room.editor, 'message:edit', { id, version: 1, body: 'less secret' })
    expect(edited).toMatchObject({ version: 2, body: 'less secret', editedAt: expect.any(Number) })
    expect(await codeOf(command(room.editor, 'message:edit', { id, version: 1, body: 'y' }))).toBe(
      'row/conflict',
    )
    const deleted = await command(room.editor, 'message:delete', { id, version: 2 })
    expect(deleted).toMatchObject({ deleted: true, body: '' })
    expect(await codeOf(command(room.editor, 'message:edit', { id, version: 3, body: 'z' }))).toBe(
      'request/not-found',
    )
  })

  it('keeps none of a deleted message’s words, in the log nor in stored answers, and replays to the same room', async () => {
    const room = await buildRoom()
    const [id, key] = [randomUUID(), randomUUID()]
    const other = { id: randomUUID(), body: 'stays as it is' }
    await command(room.editor, 'message:post', { id, body: 'the password is hunter2' }, key)
    await command(room.second, 'message:post', other)
    await command(room.editor, 'message:edit', { id, version: 1, body: 'hunter2 again' })
    await command(room.editor, 'message:delete', { id, version: 2 })

    const log = await db().roomEvent.findMany({ where: { investigationId: room.id } })
    const answers = await db().requestKey.findMany({ where: { investigationId: room.id } })
    const kept = JSON.stringify([log.map(({ payload }) => payload), answers.map(({ reply }) => reply)])
    expect(kept).not.toContain('hunter2')
    expect(kept).toContain('stays as it is')

    const events = await eventsOf(room)
    const state = await loadRoomState(room.viewer)
    expect(events.reduce(applyRoomEvent, emptyState(state)).messages).toEqual(state.messages)
    const told = events.slice(1).map((event) => describeEvent(event, namesOf(state)).text)
    expect(told[0]).toContain('wrote a message that was deleted later')
    expect(told[2]).toContain('changed a message that was deleted later')
    // The post, sent once more by a browser that never heard the answer, brings nothing back.
    const again = await command(room.editor, 'message:post', { id, body: 'the password is hunter2' }, key)
    expect(again).toMatchObject({ id, body: '' })
    const unknown = await command(room.editor, 'message:post', { id, body: 'the password is hunter2' })
    expect(unknown).toMatchObject({ id, body: '', deleted: true })
  })

  it('accepts pins of this room', async () => {
    const room = await buildRoom()
    const pin = await note(room.editor)
    const body = `see [[pin:${pin.id}]] and [[pin:${pin.id}]]`
    expect((await command(room.editor, 'message:post', { id: randomUUID(), body })).body).toBe(body)
    const bogus = `[[pin:${'-'.repeat(36)}]]`
    expect(await codeOf(command(room.editor, 'message:post', { id: randomUUID(), body: bogus }))).toBe(
      'request/not-found',
    )
  })
})

describe('marks and limits', () => {
  it('are set, changed with the winner named, and removed', async () => {
    const room = await buildRoom()
    const id = randomUUID()
    const mark = await command(room.editor, 'mark:add', {
      id,
      kind: 'outage',
      label: 'down',
      at: 5,
      until: 9,
    })
    expect(mark).toMatchObject({ at: 5, until: 9, version: 1 })
    await command(room.second, 'mark:change', { id, version: 1, until: null })
    const late = command(room.editor, 'mark:change', { id, version: 1, label: 'x' })
    expect((await refusalOf(late)).message).toContain('Sam was faster: changed the mark “down”')
    const early = command(room.editor, 'mark:change', { id, version: 2, until: 4 })
    expect(await codeOf(early)).toBe('request/malformed')
    await command(room.editor, 'mark:remove', { id })
    const limit = { id: randomUUID(), kind: 'ram' as const, label: 'RAM', bytes: 16 * 1024 ** 3 }
    await command(room.editor, 'limit:set', limit)
    const raised = await command(room.editor, 'limit:set', { ...limit, bytes: 2 * limit.bytes })
    expect(raised).toEqual({ ...limit, bytes: 2 * limit.bytes, version: 2 })
    expect(await loadRoomState(room.viewer)).toMatchObject({ marks: [], limits: [raised] })
    await command(room.editor, 'limit:remove', { id: limit.id })
    expect((await loadRoomState(room.viewer)).limits).toEqual([])
  })

  it('say when the room is full', async () => {
    const room = await buildRoom()
    const set = () =>
      command(room.editor, 'limit:set', { id: randomUUID(), kind: 'custom', label: 'L', bytes: 1 })
    for (let n = 0; n < CAPACITY.limits; n++) await set()
    expect((await refusalOf(set())).message).toBe(
      'This investigation holds 20 limits, the most that a room can hold. Remove some, or open another one.',
    )
  })
})

describe('captures and series', () => {
  it('change what people know about them', async () => {
    const room = await buildRoom()
    const { id } = await buildCapture(room.editor, 'ready', 'a0')
    const row = await command(room.editor, 'capture:change', {
      id,
      version: 1,
      label: 'after 4,000',
      takenAt: 1_700_000_000_000,
      process: ' web.1 ',
      requestCount: 4000,
    })
    expect(row).toMatchObject({
      label: 'after 4,000',
      takenAt: 1_700_000_000_000,
      process: 'web.1',
      requestCount: 4000,
      version: 2,
    })
    expect((await eventsOf(room)).at(-1)?.payload).toEqual({
      capture: row,
      changed: ['label', 'time', 'process', 'requests'],
    })
    const cleared = await command(room.editor, 'capture:change', { id, version: 2, requestCount: null })
    expect(cleared.requestCount).toBeNull()
  })

  it('are put in order', async () => {
    const room = await buildRoom()
    const a = await buildCapture(room.editor, 'ready', 'a0')
    const b = await buildCapture(room.editor, 'ready', 'a1')
    await command(room.editor, 'capture:move', { id: b.id, after: null, before: a.id })
    expect((await loadRoomState(room.viewer)).captures.map((row) => row.id)).toEqual([b.id, a.id])
  })

  it('stop work after the commit, and only work that is under way', async () => {
    const room = await buildRoom()
    const reading = await buildCapture(room.editor, 'reading', 'a0')
    const ready = await buildCapture(room.editor, 'ready', 'a1')
    cancelled.mockClear()
    const row = await command(room.editor, 'capture:cancel', { id: reading.id })
    expect(row.state).toBe('cancelled')
    expect(cancelled.mock.calls).toEqual([[reading.id]])
    const refused = await refusalOf(command(room.editor, 'capture:cancel', { id: ready.id }))
    expect(refused.message).toBe('This capture is ready already: there is nothing left to stop.')
    const queued = await buildCapture(room.editor, 'queued', 'a2')
    await command(room.editor, 'capture:remove', { id: queued.id })
    expect(cancelled.mock.calls.at(-1)).toEqual([queued.id])
    const series = await buildSeries(room.editor)
    await command(room.editor, 'series:remove', { id: series })
    const state = await loadRoomState(room.viewer)
    expect(state.captures.map((capture) => capture.id)).toEqual([reading.id, ready.id])
    expect(state.series).toEqual([])
  })
})
