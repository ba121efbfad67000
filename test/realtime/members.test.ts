import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { forgetAuth } from '#lib/auth/auth'
import { connectDatabase, type Database } from '#lib/db/client'
import { changeMemberRole, removeMember } from '#lib/db/teams'
import { MessageId } from '#lib/investigation/ids'
import { personName } from '#lib/investigation/room-state'
import type { RoomConnection } from '#lib/realtime/client/room-types'
import { startTestNode, type TestNode } from '#test/build/nodes'
import { type BuiltTeam, buildTeam, joinedAs, readAccess } from '#test/build/people'
import { cloneDatabase } from '#test/build/postgres'
import { joinRoom, joinSynced, newUuid, until } from '#test/build/sockets'

let clone: { url: string; drop(): Promise<void> }
let database: Database
let node: TestNode
let built: BuiltTeam
const open: RoomConnection[] = []

beforeAll(async () => {
  process.env.AUTH_SECRET = 'a secret of the tests that is long enough'
  clone = await cloneDatabase(inject('templateUrl'))
  database = connectDatabase(clone.url)
  node = await startTestNode(clone.url, { times: { graceMs: 100, pollMs: 500, recheckMs: 60_000 } })
  built = await buildTeam()
})
afterEach(() => {
  for (const connection of open.splice(0)) connection.close()
})
afterAll(async () => {
  await node.stop()
  forgetAuth()
  await database.close()
  await clone.drop()
})

const join = async (who: BuiltTeam['owner']) => {
  const connection = await joinSynced(node, await readAccess(who, built.room))
  open.push(connection)
  return connection
}
const membersOf = ({ state }: RoomConnection) =>
  Object.fromEntries(state.getSnapshot().members.map(({ name, role }) => [name, role]))

describe('the members of an open room', () => {
  it('follow the team: who joins it, who gets another role, who is taken out', async () => {
    const olga = await join(built.owner)
    const nina = await joinedAs(built.team, 'Nina New', 'editor')
    await until('Olga sees that Nina joined the team', () => membersOf(olga)['Nina New'] === 'editor')

    const page = await join(nina)
    await page.command('message:post', { id: MessageId.parse(newUuid()), body: 'it is the pool' })
    await changeMemberRole(built.team, nina.user.userId, 'viewer')
    await until('Olga sees the role', () => membersOf(olga)['Nina New'] === 'viewer')

    await removeMember(built.team, nina.user.userId)
    await until('Nina is out', () => page.status.getSnapshot().role === null)
    await until('Olga sees that she left', () => membersOf(olga)['Nina New'] === undefined)
    const state = olga.state.getSnapshot()
    expect(personName(state, state.messages.at(-1)?.authorId ?? '')).toBe('Nina New')
  })

  it('are those of now also for a page that was rendered before', async () => {
    const access = await readAccess(built.owner, built.room)
    const { state } = await join(built.owner)
    const initial = state.getSnapshot()
    await joinedAs(built.team, 'Early Eve', 'viewer')
    const late = await joinRoom(node, access, { initial })
    open.push(late)
    await until('Eve is known', () => membersOf(late)['Early Eve'] === 'viewer')
  })
})
