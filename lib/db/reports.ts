import type { Prisma } from '#prisma/generated/client'
import { db } from './client.ts'
import { storable } from './storable.ts'

/** A stored report's body, of whatever version; undefined when there is none. lib/reports reads it. */
export async function loadReport(key: string): Promise<unknown> {
  const row = await db().report.findUnique({ where: { key } })
  return row?.body
}

/** Stores a report in place of an older one. One input, one result: the last writer wrote the same. */
export async function saveReport(key: string, body: { readonly version: number }): Promise<void> {
  // reason: reports are zod-described plain JSON; Prisma's input type asks for an index signature.
  const data = { version: body.version, body: storable(body) as unknown as Prisma.InputJsonValue }
  const { count } = await db().report.createMany({ data: { key, ...data }, skipDuplicates: true })
  if (count === 0) await db().report.updateMany({ where: { key }, data })
}

export async function removeReport(key: string): Promise<void> {
  await db().report.deleteMany({ where: { key } })
}

/** Does any report name this file as one of its tables? Equal tables of two captures are one file. O(reports). */
export async function isTableUsed(sha256: string): Promise<boolean> {
  const rows = await db().$queryRaw<unknown[]>`
    select 1 from report
    where jsonb_path_exists(body, '$.tables.*.sha256 ? (@ == $name)', jsonb_build_object('name', ${sha256}::text))
    limit 1`
  return rows.length > 0
}
