import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { forgetAuth } from '#lib/auth/auth'
import { machineFromToken, writerFromHeaders } from '#lib/auth/gate'
import { connectDatabase, type Database, db } from '#lib/db/client'
import { createShareLink } from '#lib/db/links'
import { createApiToken, hashSecret, listApiTokens, revokeApiToken } from '#lib/db/tokens'
import { type BuiltTeam, buildTeam, writeAccess } from '#test/build/people'
import { cloneDatabase } from '#test/build/postgres'

let database: Database
let drop: () => Promise<void>
let built: BuiltTeam

beforeAll(async () => {
  process.env.AUTH_SECRET = 'a secret of the tests that is long enough'
  const clone = await cloneDatabase(inject('templateUrl'))
  database = connectDatabase(clone.url)
  drop = clone.drop
  built = await buildTeam()
})
afterAll(async () => {
  forgetAuth()
  await database.close()
  await drop()
})

const owner = () => writeAccess(built.owner, built.room)
const editor = () => writeAccess(built.editor, built.room)

describe('an API token', () => {
  it('opens its one investigation, as a machine', async () => {
    const { token, row } = await createApiToken(await owner(), 'app-07')

    expect(token).toMatch(/^lr_[\w-]{43}$/)
    expect(await machineFromToken(`Bearer ${token}`)).toMatchObject({
      investigationId: built.room,
      role: 'editor',
      actor: { kind: 'machine', tokenId: row.id, name: 'app-07' },
    })
  })

  it('is kept as a hash only: neither rows nor lists hold the secret', async () => {
    const { token } = await createApiToken(await owner(), 'app-08')
    const rows = await db().apiToken.findMany()

    expect(rows.map(({ tokenHash }) => tokenHash)).toContain(hashSecret(token))
    expect(JSON.stringify([rows, await listApiTokens(await owner())])).not.toContain(token)
  })

  it('is refused once it was revoked, when it is cut, and when it was never made', async () => {
    const { token, row } = await createApiToken(await owner(), 'gone')
    expect(await machineFromToken(token.slice(0, -1))).toBeNull()
    expect(await machineFromToken(`lr_${'a'.repeat(43)}`)).toBeNull()
    expect(await machineFromToken('')).toBeNull()

    await revokeApiToken(await owner(), row.id)
    expect(await machineFromToken(token)).toBeNull()
    expect((await listApiTokens(await owner())).map(({ id }) => id)).not.toContain(row.id)
  })

  it('is noted as used at most once a minute', async () => {
    const { token, row } = await createApiToken(await owner(), 'busy')
    await machineFromToken(token)
    const first = await db().apiToken.findUniqueOrThrow({ where: { id: row.id } })
    expect(first.lastUsedAt).not.toBeNull()
    await machineFromToken(token)
    expect(await db().apiToken.findUniqueOrThrow({ where: { id: row.id } })).toEqual(first)

    await db().apiToken.update({ where: { id: row.id }, data: { lastUsedAt: new Date(Date.now() - 61_000) } })
    await machineFromToken(token)
    const later = await db().apiToken.findUniqueOrThrow({ where: { id: row.id } })
    expect(later.lastUsedAt?.getTime()).toBeGreaterThanOrEqual(first.lastUsedAt?.getTime() ?? 0)
  })

  it('makes neither tokens nor share links', async () => {
    const { token } = await createApiToken(await owner(), 'greedy')
    const machine = await machineFromToken(token)

    await expect(createApiToken(machine!, 'child')).rejects.toMatchObject({ code: 'row/person-needed' })
    await expect(createShareLink(machine!, { role: 'viewer', expiresAt: null })).rejects.toMatchObject({
      code: 'row/person-needed',
    })
  })

  it('is ended by its maker and by owners, not by other editors', async () => {
    const ofOwner = await createApiToken(await owner(), 'of the owner')
    const ofEditor = await createApiToken(await editor(), 'of the editor')

    await expect(revokeApiToken(await editor(), ofOwner.row.id)).rejects.toMatchObject({
      code: 'access/owner-only',
    })
    await revokeApiToken(await editor(), ofEditor.row.id)
    expect(await machineFromToken(ofEditor.token)).toBeNull()
  })

  it('stands on its own: a cookie beside it neither helps nor is looked at', async () => {
    const headers = new Headers(built.owner.headers)
    headers.set('authorization', 'Bearer lr_nonsense')

    await expect(writerFromHeaders(headers, built.room)).rejects.toMatchObject({ code: 'access/sign-in' })
  })
})
