import type { InvestigationId, TeamId, UserId } from './ids.ts'
import type { Role } from './roles.ts'

/** Who acts: a person with a session, or a machine with an API token of one investigation. */
export type Actor =
  | { readonly kind: 'person'; readonly userId: UserId; readonly name: string }
  | { readonly kind: 'machine'; readonly tokenId: string; readonly name: string }

declare const proven: unique symbol

/**
 * Proof that this actor may read this investigation. Only the gate (lib/auth/gate.ts) makes one, and every read takes
 * one, so a check that was forgotten does not compile. An architecture test keeps the casts inside the gate.
 */
export interface ReadAccess {
  readonly [proven]: 'read' | 'write' | 'owner'
  readonly investigationId: InvestigationId
  readonly teamId: TeamId
  readonly actor: Actor
  readonly role: Role
}
/** Proof that this actor may change this investigation. */
export interface WriteAccess extends ReadAccess {
  readonly [proven]: 'write' | 'owner'
}
/** Proof that this actor owns the team that this investigation belongs to. */
export interface OwnerAccess extends WriteAccess {
  readonly [proven]: 'owner'
}

declare const provenTeam: unique symbol
/** Proof of membership in a team, for what is not inside one investigation: home, settings, new rooms. */
export interface TeamAccess {
  readonly [provenTeam]: 'viewer' | 'editor' | 'owner'
  readonly teamId: TeamId
  readonly userId: UserId
  readonly userName: string
  readonly role: Role
}
export interface TeamWriteAccess extends TeamAccess {
  readonly [provenTeam]: 'editor' | 'owner'
}
export interface TeamOwnerAccess extends TeamWriteAccess {
  readonly [provenTeam]: 'owner'
}
