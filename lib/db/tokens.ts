import { createHash, randomBytes } from 'node:crypto'
import { UserError } from '#lib/errors/user-error'
import type { OwnerAccess, ReadAccess, WriteAccess } from '#lib/investigation/access'
import type { InvestigationId, TeamId } from '#lib/investigation/ids'
import { db } from './client.ts'

/** Starts every API token, so that secret scanners and people recognise one. */
export const TOKEN_PREFIX = 'lr_'

/** 256 random bits in 43 letters, fit for a URL. Guessing one is hopeless, so a plain fast hash keeps it safely. */
export const randomSecret = (): string => randomBytes(32).toString('base64url')

/** How secrets are stored: SHA-256 in hex. The look-up by hash leaks nothing by its timing. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** An API token as a list shows it: never the secret. Times are epoch milliseconds. */
export interface ApiTokenRow {
  readonly id: string
  readonly name: string
  /** The first characters, so that people can tell tokens apart. */
  readonly prefix: string
  readonly createdAt: number
  readonly lastUsedAt: number | null
}

/**
 * Makes a machine's key to this one investigation. The secret is in the answer and nowhere else: only its hash is kept.
 * @throws UserError row/person-needed when a machine asks: a key does not make keys.
 */
export async function createApiToken(
  access: WriteAccess,
  name: string,
): Promise<{ token: string; row: ApiTokenRow }> {
  if (access.actor.kind !== 'person') throw new UserError('row/person-needed')
  const token = TOKEN_PREFIX + randomSecret()
  const row = await db().apiToken.create({
    data: {
      investigationId: access.investigationId,
      name,
      prefix: token.slice(0, 8),
      tokenHash: hashSecret(token),
      createdBy: access.actor.userId,
    },
  })
  return { token, row: presentToken(row) }
}

/** The tokens that still open this investigation, newest first. For writers: a viewer has no business with them. */
export async function listApiTokens(access: WriteAccess): Promise<ApiTokenRow[]> {
  const rows = await db().apiToken.findMany({
    where: { investigationId: access.investigationId, revokedAt: null },
    orderBy: { createdAt: 'desc' },
  })
  return rows.map(presentToken)
}

/**
 * Ends a token at once. Editors may end the ones that they made, owners all.
 * @throws UserError request/not-found · access/owner-only
 */
export async function revokeApiToken(access: WriteAccess | OwnerAccess, tokenId: string): Promise<void> {
  const row = await db().apiToken.findFirst({
    where: { id: tokenId, investigationId: access.investigationId },
  })
  if (!row) throw new UserError('request/not-found', { what: 'token' })
  if (!mayEnd(access, row.createdBy)) throw new UserError('access/owner-only')
  await db().apiToken.updateMany({ where: { id: tokenId, revokedAt: null }, data: { revokedAt: new Date() } })
}

/** May this actor end a link or token that `createdBy` made? Its maker and owners may. */
export const mayEnd = (access: ReadAccess, createdBy: string): boolean =>
  access.role === 'owner' || (access.actor.kind === 'person' && access.actor.userId === createdBy)

/** What a token opens. For the gate only. */
export interface TokenScope {
  readonly tokenId: string
  readonly name: string
  readonly investigationId: InvestigationId
  readonly teamId: TeamId
}

/**
 * The scope of a token that is not revoked, or null. Notes the use, at most once a minute per token, so that a stream of
 * samples does not write a row for each.
 */
export async function findToken(token: string): Promise<TokenScope | null> {
  if (!token.startsWith(TOKEN_PREFIX)) return null
  const row = await db().apiToken.findUnique({
    where: { tokenHash: hashSecret(token) },
    select: {
      id: true,
      name: true,
      revokedAt: true,
      lastUsedAt: true,
      investigation: { select: { id: true, teamId: true } },
    },
  })
  if (!row || row.revokedAt) return null
  const now = Date.now()
  if (!row.lastUsedAt || now - row.lastUsedAt.getTime() > 60_000) {
    await db().apiToken.updateMany({ where: { id: row.id }, data: { lastUsedAt: new Date(now) } })
  }
  const { investigation } = row
  return {
    tokenId: row.id,
    name: row.name,
    // reason: ids of stored rows are what the brand stands for.
    investigationId: investigation.id as InvestigationId,
    teamId: investigation.teamId as TeamId,
  }
}

interface StoredToken {
  readonly id: string
  readonly name: string
  readonly prefix: string
  readonly createdAt: Date
  readonly lastUsedAt: Date | null
}
const presentToken = (row: StoredToken): ApiTokenRow => ({
  id: row.id,
  name: row.name,
  prefix: row.prefix,
  createdAt: row.createdAt.getTime(),
  lastUsedAt: row.lastUsedAt?.getTime() ?? null,
})
