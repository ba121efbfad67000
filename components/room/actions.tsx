/**
 * What the share dialog asks of the server. `app/i/[investigationId]/actions.ts` implements it; the layout hands it in,
 * since components do not import routes. A refusal is a sentence, never a throw: Next hides the words of thrown errors.
 */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly sentence: string }

export interface ShareLink {
  readonly id: string
  readonly role: 'viewer' | 'editor'
  readonly createdBy: string
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly expired: boolean
  readonly people: number
}

export interface ApiToken {
  readonly id: string
  readonly name: string
  readonly prefix: string
  readonly createdAt: number
  readonly lastUsedAt: number | null
}

/** A restore point of the shared text. */
export interface TextVersion {
  readonly epoch: number
  readonly seq: number
  readonly label: string
  readonly authorId: string | null
  readonly at: number
}

export interface RoomActions {
  /** Newest first. */
  listVersions(): Promise<Outcome<readonly TextVersion[]>>
  /** False when this very text is kept already. */
  keepVersion(label: string): Promise<Outcome<boolean>>
  restoreVersion(epoch: number, seq: number): Promise<Outcome<null>>
  listAccess(): Promise<Outcome<{ links: readonly ShareLink[]; tokens: readonly ApiToken[] }>>
  /** `hours`: how long it lives; null until it is revoked. The path holds the secret and is given once. */
  createLink(role: 'viewer' | 'editor', hours: number | null): Promise<Outcome<{ path: string }>>
  revokeLink(linkId: string): Promise<Outcome<null>>
  /** The token is given once. */
  createToken(name: string): Promise<Outcome<{ token: string }>>
  revokeToken(tokenId: string): Promise<Outcome<null>>
}
