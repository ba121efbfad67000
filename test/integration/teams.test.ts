import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { forgetAuth } from '#lib/auth/auth'
import { accessOf, asTeamOwner, teamAccessOf, teamFromHeaders } from '#lib/auth/gate'
import { enterByTeamLink } from '#lib/auth/welcome'
import { connectDatabase, type Database, db } from '#lib/db/client'
import { type Hint, onHint } from '#lib/db/hints'
import { rememberTeam } from '#lib/db/people'
import {
  changeMemberRole,
  createTeamLink,
  leaveTeam,
  listTeamLinks,
  loadTeam,
  removeMember,
  revokeTeamLink,
} from '#lib/db/teams'
import type { TeamOwnerAccess } from '#lib/investigation/access'
import { type BuiltTeam, buildOtherTeam, buildStranger, buildTeam, joinedAs } from '#test/build/people'
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

const tokenOf = (path: string) => path.replace('/join/', '')
const ownerOf = async (user: BuiltTeam['owner']['user'], teamId: string): Promise<TeamOwnerAccess> => {
  const access = await teamAccessOf(user, teamId)
  if (!access) throw new Error('not in the team')
  return asTeamOwner(access)
}

describe('a team', () => {
  it('lists its people, owners first', async () => {
    const { members } = await loadTeam(built.team)

    expect(members.map(({ name, role }) => [name, role])).toEqual([
      ['Olga Owner', 'owner'],
      ['Edu Editor', 'editor'],
      ['Vera Viewer', 'viewer'],
    ])
    expect(members.every(({ email }) => email === null)).toBe(true)
  })

  it('never loses its last owner: not by a new role, not by removal, not by leaving', async () => {
    const { team, owner } = built
    const me = owner.user.userId
    const refused = { code: 'team/last-owner' }

    await expect(changeMemberRole(team, me, 'viewer')).rejects.toMatchObject(refused)
    await expect(removeMember(team, me)).rejects.toMatchObject(refused)
    await expect(leaveTeam(team)).rejects.toMatchObject(refused)
    expect((await teamAccessOf(owner.user, team.teamId))?.role).toBe('owner')
  })

  it('keeps one owner when two remove each other at the same moment', async () => {
    const second = await joinedAs(built.team, 'Ola Owner', 'owner')
    const theirs = await ownerOf(second.user, built.team.teamId)
    const results = await Promise.allSettled([
      removeMember(built.team, second.user.userId),
      removeMember(theirs, built.owner.user.userId),
    ])

    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await db().member.count({ where: { role: 'owner' } })).toBe(1)
  })

  it('shows a removed member nothing from that moment, and tells open rooms to look', async () => {
    const hints: Hint[] = []
    const stop = onHint((hint) => hints.push(hint))
    await removeMember(built.team, built.editor.user.userId)
    stop()

    expect(await accessOf(built.editor.user, built.room)).toBeNull()
    expect(hints).toContainEqual({ kind: 'access', investigationId: null, teamId: built.team.teamId })
  })

  it('gives a changed role at once', async () => {
    await changeMemberRole(built.team, built.editor.user.userId, 'viewer')

    expect((await accessOf(built.editor.user, built.room))?.role).toBe('viewer')
  })

  it('has no say over the members of another', async () => {
    const other = await buildOtherTeam()

    await expect(removeMember(other.team, built.editor.user.userId)).rejects.toMatchObject({
      code: 'request/not-found',
    })
    expect((await accessOf(built.editor.user, built.room))?.role).toBe('editor')
  })
})

describe('a team link', () => {
  it('is kept as a hash only and never listed with its secret', async () => {
    const { path } = await createTeamLink(built.team, { role: 'viewer', expiresAt: Date.now() + 1000 })
    const rows = await db().teamLink.findMany()

    expect(JSON.stringify([rows, await listTeamLinks(built.team)])).not.toContain(tokenOf(path))
    expect(rows.every(({ tokenHash }) => /^[0-9a-f]{64}$/.test(tokenHash))).toBe(true)
  })

  it('leaves a member the stronger of her roles', async () => {
    const { path } = await createTeamLink(built.team, { role: 'viewer', expiresAt: Date.now() + 60_000 })
    await enterByTeamLink(tokenOf(path), built.editor.user)
    expect((await teamAccessOf(built.editor.user, built.team.teamId))?.role).toBe('editor')

    const stronger = await createTeamLink(built.team, { role: 'owner', expiresAt: Date.now() + 60_000 })
    await enterByTeamLink(tokenOf(stronger.path), built.editor.user)
    expect((await teamAccessOf(built.editor.user, built.team.teamId))?.role).toBe('owner')
  })

  it.each(['revoked', 'expired', 'made up'])(
    'lets nobody in when it is %s, and makes no account',
    async (how) => {
      const expiresAt = Date.now() + (how === 'expired' ? -1 : 60_000)
      const { path, row } = await createTeamLink(built.team, { role: 'editor', expiresAt })
      if (how === 'revoked') await revokeTeamLink(built.team, row.id)
      const people = await db().user.count()
      const token = how === 'made up' ? 'guessed' : tokenOf(path)

      await expect(enterByTeamLink(token, { name: 'Late' })).rejects.toMatchObject({
        code: 'access/link-ended',
      })
      expect(await db().user.count()).toBe(people)
    },
  )

  it('cannot be revoked by the owner of another team', async () => {
    const other = await buildOtherTeam()
    const { row } = await createTeamLink(built.team, { role: 'editor', expiresAt: Date.now() + 60_000 })

    await expect(revokeTeamLink(other.team, row.id)).rejects.toMatchObject({ code: 'request/not-found' })
  })
})

describe('somebody in several teams', () => {
  it('sees the team that she chose last, and another one once she is out of it', async () => {
    const other = await buildOtherTeam()
    const { path } = await createTeamLink(other.team, { role: 'viewer', expiresAt: Date.now() + 60_000 })
    await enterByTeamLink(tokenOf(path), built.editor.user)
    expect((await teamFromHeaders(built.editor.headers)).teamId).toBe(built.team.teamId)

    const session = await db().session.findFirstOrThrow({ where: { userId: built.editor.user.userId } })
    await rememberTeam(session.id, await teamFromHeaders(built.editor.headers, other.team.teamId))
    expect((await teamFromHeaders(built.editor.headers)).teamId).toBe(other.team.teamId)

    await removeMember(other.team, built.editor.user.userId)
    expect((await teamFromHeaders(built.editor.headers)).teamId).toBe(built.team.teamId)
  })

  it('cannot choose a team that she is not in', async () => {
    const other = await buildOtherTeam()
    const stranger = await buildStranger('Nora')

    await expect(teamFromHeaders(stranger.headers, other.team.teamId)).rejects.toMatchObject({
      code: 'access/unknown',
    })
    await expect(teamFromHeaders(stranger.headers)).rejects.toMatchObject({ code: 'access/unknown' })
  })
})
