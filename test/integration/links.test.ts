import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { forgetAuth } from '#lib/auth/auth'
import { accessByLink, accessOf } from '#lib/auth/gate'
import { enterByShareLink, enterByTeamLink } from '#lib/auth/welcome'
import { connectDatabase, type Database, db } from '#lib/db/client'
import { runCommand } from '#lib/db/commands'
import { loadEventsAfter } from '#lib/db/events'
import { type Hint, onHint } from '#lib/db/hints'
import { listInvestigations, listSharedWith } from '#lib/db/investigations'
import { createShareLink, joinRoom, letExpiredGo, listShareLinks, revokeShareLink } from '#lib/db/links'
import { loadRoomState } from '#lib/db/room-state'
import { createTeamLink } from '#lib/db/teams'
import type { RoomRole } from '#lib/investigation/roles'
import { personName } from '#lib/investigation/room-state'
import {
  type BuiltTeam,
  buildOtherTeam,
  buildStranger,
  buildTeam,
  readAccess,
  writeAccess,
} from '#test/build/people'
import { cloneDatabase } from '#test/build/postgres'

let database: Database
let drop: () => Promise<void>
let built: BuiltTeam

beforeAll(async () => {
  process.env.AUTH_SECRET = 'a secret of the tests that is long enough'
  const clone = await cloneDatabase(inject('templateUrl'))
  database = connectDatabase(clone.url)
  drop = clone.drop
})
afterAll(async () => {
  forgetAuth()
  await database.close()
  await drop()
})
beforeEach(async () => {
  await db().$executeRaw`truncate "user", organization, team_link cascade`
  built = await buildTeam()
})

const tokenOf = (path: string) => path.replace('/share/', '')
async function link(role: RoomRole, expiresAt: number | null = null) {
  const { path, row } = await createShareLink(await writeAccess(built.owner, built.room), { role, expiresAt })
  return { token: tokenOf(path), id: row.id }
}
const typesOf = async () => (await loadEventsAfter(built.room, 0)).map(({ type }) => type)

describe('a share link', () => {
  it('lets somebody in by name, as a guest of this one room', async () => {
    const { token } = await link('editor')
    const { user, cookies, investigationId } = await enterByShareLink(token, { name: 'Guest Gil' })

    expect(investigationId).toBe(built.room)
    expect(cookies.length).toBeGreaterThan(0)
    expect((await accessOf(user, built.room))?.role).toBe('editor')
    expect(await db().member.count({ where: { userId: user.userId } })).toBe(0)
    expect((await listSharedWith(user.userId)).map(({ id }) => id)).toEqual([built.room])
  })

  it('tells the room who joined, once', async () => {
    const { token } = await link('viewer')
    const { user } = await enterByShareLink(token, { name: 'Guest Gil' })
    await enterByShareLink(token, user)
    const joined = (await loadEventsAfter(built.room, 0)).filter(({ type }) => type === 'member:joined')

    expect(joined.map(({ payload }) => payload)).toEqual([
      { member: { userId: user.userId, name: 'Guest Gil', role: 'viewer' } },
    ])
  })

  it('changes nothing for a member of the team', async () => {
    const { token } = await link('viewer')
    await enterByShareLink(token, built.editor.user)

    expect((await accessOf(built.editor.user, built.room))?.role).toBe('editor')
    expect(await db().roomMember.count()).toBe(0)
    expect(await typesOf()).not.toContain('member:joined')
  })

  it('raises a guest who opens a stronger one, and never lowers her', async () => {
    const weak = await link('viewer')
    const strong = await link('editor')
    const { user } = await enterByShareLink(weak.token, { name: 'Gil' })
    await enterByShareLink(strong.token, user)
    expect((await accessOf(user, built.room))?.role).toBe('editor')

    await enterByShareLink(weak.token, user)
    expect((await accessOf(user, built.room))?.role).toBe('editor')
  })

  it('is kept as a hash only', async () => {
    const { token } = await link('viewer')

    expect(JSON.stringify(await db().shareLink.findMany())).not.toContain(token)
    expect(JSON.stringify(await loadEventsAfter(built.room, 0))).not.toContain(token)
  })

  it.each(['revoked', 'expired', 'made up'])(
    'lets nobody in when it is %s, and makes no account',
    async (how) => {
      const made = await link('viewer', how === 'expired' ? Date.now() - 1 : null)
      if (how === 'revoked') await revokeShareLink(await writeAccess(built.owner, built.room), made.id)
      const people = await db().user.count()
      const token = how === 'made up' ? 'guessed' : made.token

      await expect(enterByShareLink(token, { name: 'Late' })).rejects.toMatchObject({
        code: 'access/link-ended',
      })
      expect(await db().user.count()).toBe(people)
    },
  )
})

describe('revoking a share link', () => {
  it('ends the access of everybody who came by it, at once, and tells the room and the nodes', async () => {
    const made = await link('editor')
    const { user } = await enterByShareLink(made.token, { name: 'Gil' })
    const hints: Hint[] = []
    const stop = onHint((hint) => hints.push(hint))
    await revokeShareLink(await writeAccess(built.owner, built.room), made.id)
    stop()

    expect(await accessOf(user, built.room)).toBeNull()
    expect(await listSharedWith(user.userId)).toEqual([])
    expect(hints).toContainEqual({ kind: 'access', investigationId: built.room, teamId: null })
    expect((await typesOf()).slice(-2)).toEqual(['share:revoked', 'member:left'])
  })

  it('leaves the team’s own members in', async () => {
    const made = await link('viewer')
    const { user } = await enterByShareLink(made.token, { name: 'Gil' })
    const team = await createTeamLink(built.team, { role: 'editor', expiresAt: Date.now() + 60_000 })
    await enterByTeamLink(team.path.replace('/join/', ''), user)
    await revokeShareLink(await writeAccess(built.owner, built.room), made.id)

    expect((await accessOf(user, built.room))?.role).toBe('editor')
  })

  it('lets nobody slip in who opened it a moment before', async () => {
    const made = await link('editor')
    const stranger = await buildStranger('Slow Sue')
    const { access, linkId } = await accessByLink(stranger.user, made.token)
    await revokeShareLink(await writeAccess(built.owner, built.room), made.id)

    await expect(joinRoom(access, linkId)).rejects.toMatchObject({ code: 'access/link-ended' })
    expect(await accessOf(stranger.user, built.room)).toBeNull()
  })

  it('is for its maker and for owners', async () => {
    const made = await link('viewer')
    const { path, row } = await createShareLink(await writeAccess(built.editor, built.room), {
      role: 'viewer',
      expiresAt: null,
    })

    await expect(revokeShareLink(await writeAccess(built.editor, built.room), made.id)).rejects.toMatchObject(
      { code: 'access/owner-only' },
    )
    await revokeShareLink(await writeAccess(built.editor, built.room), row.id)
    await expect(enterByShareLink(tokenOf(path), { name: 'Late' })).rejects.toMatchObject({
      code: 'access/link-ended',
    })
    expect(await listShareLinks(await writeAccess(built.owner, built.room))).toHaveLength(1)
  })

  it('ends access by the clock as well', async () => {
    const made = await link('editor', Date.now() + 60_000)
    const { user } = await enterByShareLink(made.token, { name: 'Gil' })
    await db().shareLink.update({ where: { id: made.id }, data: { expiresAt: new Date(Date.now() - 1) } })

    expect(await accessOf(user, built.room)).toBeNull()
    const owner = await readAccess(built.owner, built.room)
    expect((await loadRoomState(owner)).members.map(({ name }) => name)).not.toContain('Gil')
    expect(await listSharedWith(user.userId)).toEqual([])
  })

  it('tells the room of guests whose time was over, once, and keeps their name on what they wrote', async () => {
    const made = await link('editor', Date.now() + 60_000)
    const { user } = await enterByShareLink(made.token, { name: 'Gil' })
    const both = await enterByShareLink(made.token, { name: 'Both Bea' })
    const team = await createTeamLink(built.team, { role: 'editor', expiresAt: Date.now() + 60_000 })
    await enterByTeamLink(team.path.replace('/join/', ''), both.user)
    const gil = await writeAccess({ user, headers: new Headers() }, built.room)
    const message = { id: crypto.randomUUID(), body: 'it is the pool' }
    await runCommand(gil, crypto.randomUUID(), 'message:post', message)
    const later = new Date(Date.now() + 120_000)

    expect(await letExpiredGo(new Date())).toBe(0)
    expect(await letExpiredGo(later)).toBe(1)
    expect(await letExpiredGo(later)).toBe(0)
    const left = (await loadEventsAfter(built.room, 0)).filter(({ type }) => type === 'member:left')
    expect(left.map(({ payload }) => payload)).toEqual([{ userId: user.userId, name: 'Gil' }])
    const state = await loadRoomState(await readAccess(built.owner, built.room))
    expect(state.members.map(({ name }) => name)).toContain('Both Bea')
    expect(state.formerNames).toEqual({ [user.userId]: 'Gil' })
    expect(personName(state, state.messages[0]?.authorId ?? '')).toBe('Gil')
  })
})

describe('the home list', () => {
  it('holds the team’s rooms and never another team’s', async () => {
    const other = await buildOtherTeam()

    expect((await listInvestigations(built.team)).map(({ id }) => id)).toEqual([built.room])
    expect(await listInvestigations(other.team)).toEqual([])
    expect(await listSharedWith(other.owner.user.userId)).toEqual([])
  })
})
