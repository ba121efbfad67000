import { z } from 'zod'

/** What a person may be in a team. A room's share link can give `viewer` or `editor`. */
export const Role = z.enum(['viewer', 'editor', 'owner'])
export type Role = z.infer<typeof Role>
export const RoomRole = z.enum(['viewer', 'editor'])
export type RoomRole = z.infer<typeof RoomRole>

const RANK: Record<Role, number> = { viewer: 0, editor: 1, owner: 2 }

/** Does `role` include everything that `needed` may do? */
export const atLeast = (role: Role, needed: Role): boolean => RANK[role] >= RANK[needed]

/** The stronger of two roles; a person can be in a team and hold a share link at once. */
export function strongest(a: Role | undefined, b: Role | undefined): Role | undefined {
  if (a === undefined) return b
  if (b === undefined) return a
  return RANK[a] >= RANK[b] ? a : b
}
