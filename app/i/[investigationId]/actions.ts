'use server'

import { z } from 'zod'
import type { Outcome, RoomActions } from '#components/room/actions'
import { requireReader, requireWriter } from '#lib/auth/gate'
import { listVersions, restoreVersion, saveVersion } from '#lib/db/document-versions'
import { createShareLink, listShareLinks, revokeShareLink } from '#lib/db/links'
import { createApiToken, listApiTokens, revokeApiToken } from '#lib/db/tokens'
import { UserError } from '#lib/errors/user-error'
import { InvestigationId } from '#lib/investigation/ids'
import { RoomRole } from '#lib/investigation/roles'

const HOUR = 3_600_000
/** A link's life: at most a year, so that a forgotten one ends. */
const Hours = z.number().int().min(1).max(8760).nullable()
const Name = z.string().trim().min(1).max(80)
const Count = z.int().nonnegative()
/** Ids of links and tokens as the database makes them. */
const RowId = z.string().min(1).max(64)

/** A refusal as a sentence: Next replaces the message of an error that an action throws. */
async function outcome<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() }
  } catch (error) {
    if (error instanceof UserError) return { ok: false, sentence: error.message }
    if (error instanceof z.ZodError) return { ok: false, sentence: 'This is not of the expected form.' }
    throw error
  }
}

const writer = (investigationId: string) => requireWriter(InvestigationId.parse(investigationId))

/** Links and tokens of a room, for its editors. */
export async function listAccess(investigationId: string): ReturnType<RoomActions['listAccess']> {
  return outcome(async () => {
    const access = await writer(investigationId)
    const [links, tokens] = await Promise.all([listShareLinks(access), listApiTokens(access)])
    return { links, tokens }
  })
}

export async function createLink(
  investigationId: string,
  role: string,
  hours: number | null,
): ReturnType<RoomActions['createLink']> {
  return outcome(async () => {
    const access = await writer(investigationId)
    const life = Hours.parse(hours)
    const { path } = await createShareLink(access, {
      role: RoomRole.parse(role),
      expiresAt: life === null ? null : Date.now() + life * HOUR,
    })
    return { path }
  })
}

export async function revokeLink(
  investigationId: string,
  linkId: string,
): ReturnType<RoomActions['revokeLink']> {
  return outcome(async () => {
    await revokeShareLink(await writer(investigationId), RowId.parse(linkId))
    return null
  })
}

export async function createToken(
  investigationId: string,
  name: string,
): ReturnType<RoomActions['createToken']> {
  return outcome(async () => {
    const { token } = await createApiToken(await writer(investigationId), Name.parse(name))
    return { token }
  })
}

export async function revokeToken(
  investigationId: string,
  tokenId: string,
): ReturnType<RoomActions['revokeToken']> {
  return outcome(async () => {
    await revokeApiToken(await writer(investigationId), RowId.parse(tokenId))
    return null
  })
}

/** Restore points of the room's text, for everybody who may read it. */
export async function listTextVersions(investigationId: string): ReturnType<RoomActions['listVersions']> {
  return outcome(async () => listVersions(await requireReader(InvestigationId.parse(investigationId))))
}

export async function keepTextVersion(
  investigationId: string,
  label: string,
): ReturnType<RoomActions['keepVersion']> {
  return outcome(
    async () => (await saveVersion(await writer(investigationId), Name.parse(label))) !== undefined,
  )
}

export async function restoreTextVersion(
  investigationId: string,
  epoch: number,
  seq: number,
): ReturnType<RoomActions['restoreVersion']> {
  return outcome(async () => {
    await restoreVersion(await writer(investigationId), Count.parse(epoch), Count.parse(seq))
    return null
  })
}
