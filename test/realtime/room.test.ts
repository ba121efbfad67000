import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { connectDatabase, type Database, db } from '#lib/db/client'
import { documentOf } from '#lib/db/documents'
import { hint } from '#lib/db/hints'
import { HypothesisId, MessageId, SeriesId, UserId } from '#lib/investigation/ids'
import type { RoomConnection } from '#lib/realtime/client/room-types'
import { startTestNode, type TestNode } from '#test/build/nodes'
import { cloneDatabase } from '#test/build/postgres'
import { buildRoom, command, idOf, type TestRoom } from '#test/build/room'
import { isSaved, joinRoom, joinSynced, newUuid, storedText, textOf, type, until } from '#test/build/sockets'

let clone: { url: string; drop(): Promise<void> }
let database: Database
let node: TestNode
let room: TestRoom
const open: RoomConnection[] = []
const join = async (access: TestRoom['viewer']) => {
  const connection = await joinSynced(node, access)
  open.push(connection)
  return connection
}

beforeAll(async () => {
  clone = await cloneDatabase(inject('templateUrl'))
  database = connectDatabase(clone.url)
  node = await startTestNode(clone.url, { times: { graceMs: 100, pollMs: 500, recheckMs: 60_000 } })
  room = await buildRoom()
})
afterEach(() => {
  for (const connection of open.splice(0)) connection.close()
})
afterAll(async () => {
  await node.stop()
  await database.close()
  await clone.drop()
})

describe('a live room', () => {
  it('shows what one writes to the other, and says Saved with a committed sequence', async () => {
    const [ana, ben] = [await join(room.owner), await join(room.editor)]
    type(ana, 'RSS climbs since the deploy')
    await until('Ben sees it', () => textOf(ben) === 'RSS climbs since the deploy')
    await until('Ana is told that it is saved', () => isSaved(ana))
    const status = ana.document.status.getSnapshot()
    expect(status.state === 'saved' && status.seq).toBeGreaterThan(0)
    expect(await storedText(await documentOf(room.owner))).toBe('RSS climbs since the deploy')
  })

  it('announces every change of a row to everybody in order', async () => {
    const [ana, vera] = [await join(room.owner), await join(room.viewer)]
    const seen: number[] = []
    vera.onEvent((event) => seen.push(event.seq))
    const from = vera.state.getSnapshot().seq
    const ids = Array.from({ length: 20 }, () => MessageId.parse(newUuid()))
    await Promise.all(ids.map((id, index) => ana.command('message:post', { id, body: `message ${index}` })))
    await until('Vera has all', () => seen.length === 20)
    expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => from + 1 + index))
    expect(
      vera.state
        .getSnapshot()
        .messages.map(({ body }) => body)
        .slice(-20),
    ).toEqual(ids.map((_, index) => `message ${index}`))
  })

  it('shows one’s own addition at once, before the server answers', async () => {
    const ana = await join(room.owner)
    const id = HypothesisId.parse(newUuid())
    const added = ana.command('hypothesis:add', { id, title: 'The cache never evicts' })
    expect(ana.state.getSnapshot().hypotheses.some((row) => row.id === id)).toBe(true)
    expect((await added).rank).not.toBe('~')
    await until('the row is the server’s', () =>
      ana.state.getSnapshot().hypotheses.some((row) => row.id === id && row.rank !== '~'),
    )
    expect(ana.state.getSnapshot().hypotheses.filter((row) => row.id === id)).toHaveLength(1)
  })

  it('refuses a stale change with a sentence, its code and the row that won', async () => {
    const [ana, ben] = [await join(room.owner), await join(room.editor)]
    const id = HypothesisId.parse(newUuid())
    const row = await ana.command('hypothesis:add', { id, title: 'Sockets stay open' })
    await ben.command('hypothesis:change', { id, version: row.version, title: 'Sockets stay open for ever' })
    const late = ana.command('hypothesis:change', { id, version: row.version, title: 'Sockets pile up' })
    await expect(late).rejects.toMatchObject({
      code: 'row/conflict',
      message: expect.stringContaining('Edu'),
    })
  })

  it('tells who is here and where, and forgets who left within a second', async () => {
    const [ana, ben] = [await join(room.owner), await join(room.editor)]
    ben.setPresence({ panel: 'growth', graphTime: 1000 })
    await until('Ana sees Ben in the growth panel', () =>
      ana.presence.getSnapshot().some((p) => p.userId === idOf(room.editor) && p.panel === 'growth'),
    )
    expect(node.realtime.peopleInside([room.id]).get(room.id)).toHaveLength(2)
    ben.close()
    await until('Ben is gone', () => ana.presence.getSnapshot().length === 1, 1000)
  })

  it('brings progress of captures and points of series to everybody', async () => {
    const vera = await join(room.viewer)
    const points: number[] = []
    const pids: number[] = []
    vera.onPoints((told) => {
      points.push(...told.v)
      pids.push(...(told.pids ?? []))
    })
    const captureId = newUuid()
    const progress = {
      captureId,
      stage: 'reading',
      ratio: 0.5,
      bytesDone: 5,
      bytesTotal: 10,
      bytesPerSecond: 1,
      userName: 'Edu',
    }
    // reason: ids are branded; this one names a capture that no row exists of.
    node.realtime.announceProgress(room.id, progress as Parameters<typeof node.realtime.announceProgress>[1])
    const series = SeriesId.parse(newUuid())
    for (let i = 0; i < 50; i++)
      node.realtime.announcePoints(room.id, series, [i], [i], i < 25 ? undefined : [7])
    await until('all points are here', () => points.length === 50)
    expect(points).toEqual(Array.from({ length: 50 }, (_, i) => i))
    expect(pids.filter((pid) => pid === 7)).toHaveLength(25)
    await until('progress is here', () => vera.progress.getSnapshot().get(captureId)?.ratio === 0.5)
  })

  it('[#10] closes the room for one whose access ended, and for nobody else', async () => {
    const other = await buildRoom('Revoked')
    const [ana, sam] = [await join(other.owner), await join(other.second)]
    await db().member.deleteMany({ where: { userId: idOf(other.second) } })
    type(ana, 'still ')
    hint({ kind: 'access', investigationId: null, teamId: other.owner.teamId })
    await until('Sam is told', () => sam.status.getSnapshot().role === null)
    type(ana, 'writing')
    await until('Ana is saved', () => isSaved(ana))
    expect(textOf(ana)).toBe('still writing')
    await expect(sam.request('room:since', { seq: 0 })).rejects.toMatchObject({ code: 'access/unknown' })
  })

  it('ends with the session, for that person only', async () => {
    const signedOut = new Set<string>()
    const own = await startTestNode(clone.url, {
      authenticate: async (headers) => {
        const [id = '', ...name] = String(headers['x-test-user']).split(' ')
        return signedOut.has(id) ? null : { userId: UserId.parse(id), name: name.join(' ') }
      },
      times: { recheckMs: 50 },
    })
    const [ana, sam] = [await joinSynced(own, room.owner), await joinSynced(own, room.second)]
    open.push(ana, sam)
    signedOut.add(idOf(room.second))
    await until('Sam is out', () => sam.status.getSnapshot().role === null)
    expect(ana.status.getSnapshot().link).toBe('online')
    await own.stop()
  })

  it('makes an editor read-only the moment the role changes, and keeps what she cannot save as a draft', async () => {
    const other = await buildRoom('Downgraded')
    const sam = await join(other.second)
    await db().member.updateMany({ where: { userId: idOf(other.second) }, data: { role: 'viewer' } })
    hint({ kind: 'access', investigationId: other.id, teamId: null })
    await until('Sam is read-only', () => sam.document.status.getSnapshot().state === 'read-only')
    await expect(
      sam.command('message:post', { id: MessageId.parse(newUuid()), body: 'hello' }),
    ).rejects.toMatchObject({ code: 'access/read-only' })
  })

  it('answers a stranger as if the room did not exist', async () => {
    const other = await buildRoom('Somebody else’s')
    const connection = await joinRoom(node, { ...other.viewer, investigationId: room.id }).catch(
      () => undefined,
    )
    if (!connection) throw new Error('the test could not connect')
    open.push(connection)
    await until('the stranger is told', () => connection.status.getSnapshot().role === null)
  })

  it('fills a gap when events arrive that do not follow', async () => {
    const ben = await join(room.editor)
    await command(room.owner, 'message:post', { id: MessageId.parse(newUuid()), body: 'one' })
    await command(room.owner, 'message:post', { id: MessageId.parse(newUuid()), body: 'two' })
    await until('both are here', () => ben.state.getSnapshot().messages.at(-1)?.body === 'two')
  })
})
