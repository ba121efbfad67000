import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { accessOf, asWriter } from '#lib/auth/gate'
import { connectDatabase, type Database, db } from '#lib/db/client'
import { LEDGER_CAPACITY } from '#lib/db/commands/ledger'
import { loadEventsAfter } from '#lib/db/events'
import { loadLedger } from '#lib/db/ledger'
import { createShareLink } from '#lib/db/links'
import { loadRoomState } from '#lib/db/room-state'
import { UserError } from '#lib/errors/user-error'
import type { WriteAccess } from '#lib/investigation/access'
import type { RoomRole } from '#lib/investigation/roles'
import { describeEvent, namesOf } from '#lib/investigation/timeline'
import type { CommandSent } from '#lib/realtime/commands'
import { cloneDatabase } from '#test/build/postgres'
import { buildPerson, buildRoom, command, idOf, type TestRoom } from '#test/build/room'

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

const mark = (access: WriteAccess, given: Partial<CommandSent<'ledger:mark'>> = {}) =>
  command(access, 'ledger:mark', {
    fingerprint: 'Session < Array < module Pool',
    title: 'Session in the pool',
    verdict: 'expected',
    reason: 'The pool is bounded',
    ...given,
  })
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof UserError ? error.code : String(error)),
  )

/** A second room of the same team, with access for one of its people. */
async function secondRoom(room: TestRoom, who: WriteAccess): Promise<WriteAccess> {
  const made = await db().investigation.create({
    data: { teamId: room.owner.teamId, title: 'Another', createdBy: idOf(room.owner) },
  })
  const access = await accessOf({ userId: idOf(who), name: who.actor.name }, made.id)
  if (!access) throw new Error('the gate does not let her in')
  return asWriter(access)
}

/** Somebody who came to the room by a share link and is in no team of it. */
async function guest(room: TestRoom, role: RoomRole) {
  const { row } = await createShareLink(room.owner, { role, expiresAt: null })
  const person = await buildPerson('Gil')
  await db().roomMember.create({
    data: { investigationId: room.id, userId: person.userId, role, shareLinkId: row.id },
  })
  const access = await accessOf(person, room.id)
  if (!access) throw new Error('the gate does not let the guest in')
  return access
}

describe('the ledger of a team', () => {
  it('says in every room of the team what was said in one, with author and place', async () => {
    const room = await buildRoom()
    const other = await secondRoom(room, room.second)
    const entry = await mark(room.editor, { bound: 1000 })
    const ledger = await loadLedger(other)
    expect(ledger.entries).toEqual([{ ...entry, expired: false }])
    expect(ledger.names).toEqual({ [idOf(room.editor)]: 'Edu' })
    expect(entry).toMatchObject({ investigationId: room.id, bound: 1000, version: 1, expiresAt: null })
    expect((await loadLedger((await buildRoom()).viewer)).entries).toEqual([])
  })

  it('keeps one entry per person and group: set anew it rises by a version, said again it does not', async () => {
    const room = await buildRoom()
    const first = await mark(room.editor)
    expect(await mark(room.editor)).toEqual(first)
    const second = await mark(room.editor, { verdict: 'not-expected', reason: 'It is not bounded' })
    expect(second).toMatchObject({ id: first.id, version: 2, verdict: 'not-expected' })
    expect((await loadEventsAfter(room.id, 0)).map(({ type }) => type)).toEqual([
      'investigation:opened',
      'ledger:marked',
      'ledger:marked',
    ])
  })

  it('shows both when two people disagree', async () => {
    const room = await buildRoom()
    await mark(room.editor)
    await mark(room.second, { verdict: 'not-expected', reason: 'It grew past every bound' })
    const { entries } = await loadLedger(room.viewer)
    expect(entries.map(({ createdBy, verdict }) => [createdBy, verdict])).toEqual([
      [idOf(room.editor), 'expected'],
      [idOf(room.second), 'not-expected'],
    ])
  })

  it('holds one entry when one person says it in two rooms at once', async () => {
    const room = await buildRoom()
    const other = await secondRoom(room, room.editor)
    const said = Array.from({ length: 8 }, (_, n) => mark(n % 2 ? other : room.editor, { reason: `r${n}` }))
    const rows = await Promise.all(said)
    expect(new Set(rows.map(({ id }) => id)).size).toBe(1)
    expect(rows.map(({ version }) => version).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  it('refuses a change of a version that stands no more', async () => {
    const room = await buildRoom()
    await mark(room.editor)
    await mark(room.editor, { reason: 'Measured', version: 1 })
    const stale = mark(room.editor, { reason: 'From an old tab', version: 1 })
    expect(await codeOf(stale)).toBe('row/conflict')
  })

  it('asks for a reason, and for no more than fits', async () => {
    const room = await buildRoom()
    const refused = [
      mark(room.editor, { reason: '  ' }),
      mark(room.editor, { reason: 'x'.repeat(2001) }),
      mark(room.editor, { fingerprint: 'x'.repeat(4001) }),
      mark(room.editor, { bound: -1 }),
      mark(room.editor, { bound: 1.5 }),
    ]
    expect(new Set(await Promise.all(refused.map(codeOf)))).toEqual(new Set(['request/malformed']))
    const long = { fingerprint: 'é'.repeat(4000), reason: 'r'.repeat(2000), bound: 2 ** 53 - 1 }
    expect(await mark(room.editor, long)).toMatchObject(long)
  })

  it('takes names out of a hostile dump, without what no database holds', async () => {
    const room = await buildRoom()
    const entry = await mark(room.editor, { title: 'a\0b \ud800', fingerprint: '\0', reason: 'half \udc00' })
    expect(entry).toMatchObject({ title: 'a\uFFFDb \uFFFD', fingerprint: '\uFFFD', reason: 'half \uFFFD' })
    expect((await loadLedger(room.viewer)).entries).toMatchObject([{ id: entry.id }])
  })

  it('marks what has expired and gives it all the same', async () => {
    const room = await buildRoom()
    await mark(room.editor, { expiresAt: 5000 })
    expect((await loadLedger(room.viewer, 4999)).entries[0]?.expired).toBe(false)
    expect((await loadLedger(room.viewer, 5000)).entries[0]?.expired).toBe(true)
  })

  it('lets people take back their own, and an owner of the team anybody’s', async () => {
    const room = await buildRoom()
    const { id } = await mark(room.editor)
    expect(await codeOf(command(room.second, 'ledger:remove', { id }))).toBe('row/not-yours')
    await command(room.editor, 'ledger:remove', { id })
    expect(await codeOf(command(room.editor, 'ledger:remove', { id }))).toBe('request/not-found')
    const again = await mark(room.editor)
    expect(again).toMatchObject({ version: 1 })
    expect(again.id).not.toBe(id)
    await command(room.owner, 'ledger:remove', { id: again.id })
    expect((await loadLedger(room.viewer)).entries).toEqual([])
  })

  it('is none of another team’s business', async () => {
    const [room, other] = [await buildRoom(), await buildRoom()]
    const { id } = await mark(room.editor)
    expect(await codeOf(command(other.owner, 'ledger:remove', { id }))).toBe('request/not-found')
    expect((await loadLedger(room.viewer)).entries).toHaveLength(1)
  })

  it('is read by whoever may read the room, written by whoever may write it, and never by a machine', async () => {
    const room = await buildRoom()
    await mark(room.editor)
    expect((await loadLedger(await guest(room, 'viewer'))).entries).toHaveLength(1)
    const outsider = await guest(room, 'editor')
    await mark(asWriter(outsider), { verdict: 'not-expected' })
    expect((await loadLedger(room.viewer)).names).toMatchObject({ [idOf(outsider)]: 'Gil' })
    expect(await codeOf(mark(room.machine))).toBe('row/person-needed')
  })

  it('outlives the investigation in which it was said', async () => {
    const room = await buildRoom()
    const other = await secondRoom(room, room.editor)
    const entry = await mark(other)
    await db().investigation.delete({ where: { id: other.investigationId } })
    expect((await loadLedger(room.viewer)).entries).toEqual([
      { ...entry, investigationId: null, expired: false },
    ])
  })

  it('says when the team has said enough', async () => {
    const room = await buildRoom()
    const rows = Array.from({ length: LEDGER_CAPACITY }, (_, n) => ({
      teamId: room.owner.teamId,
      fingerprint: `f${n}`,
      fingerprintHash: `h${n}`,
      title: 't',
      verdict: 'expected',
      reason: 'r',
      createdBy: idOf(room.owner),
    }))
    await db().ledgerEntry.createMany({ data: rows })
    await expect(mark(room.editor)).rejects.toThrow(
      'This team holds 5,000 ledger entries, the most that a team can hold. Remove some first.',
    )
  })
})

describe('the queries of a room', () => {
  const save = (access: WriteAccess, given: Partial<CommandSent<'query:save'>> = {}) =>
    command(access, 'query:save', { id: randomUUID(), title: 'Largest', sql: 'select 1', ...given })

  it('are saved once, changed by anybody who may write, and removed', async () => {
    const room = await buildRoom()
    const row = await save(room.editor)
    expect(await save(room.editor, { id: row.id })).toEqual(row)
    const changed = await save(room.second, { id: row.id, sql: 'select 2', version: 1 })
    expect(changed).toMatchObject({ sql: 'select 2', version: 2, createdBy: idOf(room.editor) })
    expect((await loadRoomState(room.viewer)).queries).toEqual([changed])
    await command(room.second, 'query:remove', { id: row.id })
    expect((await loadRoomState(room.viewer)).queries).toEqual([])
    const state = await loadRoomState(room.viewer)
    const told = (await loadEventsAfter(room.id, 1)).map((event) => describeEvent(event, namesOf(state)).text)
    expect(told).toEqual([
      'Edu saved the query “Largest”',
      'Sam changed the query “Largest”',
      'Sam removed the query “Largest”',
    ])
  })

  it('name who was faster, and stay in their room', async () => {
    const [room, other] = [await buildRoom(), await buildRoom()]
    const row = await save(room.editor)
    await save(room.second, { id: row.id, title: 'Mine', version: 1 })
    await expect(save(room.editor, { id: row.id, title: 'No', version: 1 })).rejects.toThrow(
      'Sam was faster: changed the query “Mine”',
    )
    expect(await codeOf(save(other.editor, { id: row.id }))).toBe('request/malformed')
    expect(await codeOf(save(other.editor, { id: row.id, version: 2 }))).toBe('request/not-found')
    expect(await codeOf(command(other.editor, 'query:remove', { id: row.id }))).toBe('request/not-found')
    expect(await codeOf(save(room.machine))).toBe('row/person-needed')
    expect(await codeOf(save(room.editor, { sql: 'x'.repeat(20_001) }))).toBe('request/malformed')
  })

  it('say when the room is full', async () => {
    const room = await buildRoom()
    for (let n = 0; n < 100; n++) await save(room.editor)
    expect(await codeOf(save(room.editor))).toBe('room/full')
  })

  it('keep the name of an author who has left', async () => {
    const room = await buildRoom()
    await save(room.second)
    await db().member.deleteMany({ where: { userId: idOf(room.second) } })
    expect((await loadRoomState(room.viewer)).formerNames).toEqual({ [idOf(room.second)]: 'Sam' })
  })
})

describe('hidden values', () => {
  it('are hidden by whoever may write, and shown again only by an owner of the team', async () => {
    const room = await buildRoom()
    const hidden = await command(room.editor, 'investigation:change', { version: 1, valuesHidden: true })
    expect(hidden.valuesHidden).toBe(true)
    const show = { version: 2, valuesHidden: false }
    expect(await codeOf(command(room.editor, 'investigation:change', show))).toBe('access/owner-only')
    expect(await codeOf(command(room.machine, 'investigation:change', show))).toBe('access/owner-only')
    expect((await command(room.owner, 'investigation:change', show)).valuesHidden).toBe(false)
    const titled = { version: 3, title: 'Found', valuesHidden: false }
    expect((await command(room.editor, 'investigation:change', titled)).title).toBe('Found')
  })
})
