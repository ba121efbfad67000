import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

// AES-256-GCM with a key of its own, derived from the installation's secret (RFC 5869). Nonces are random: 96 bits are
// enough for far more sources than there will be.

const VERSION = 'v1'
const NONCE_BYTES = 12
const TAG_BYTES = 16

const keyFrom = (secret: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, 'leakroom', 'authorization of a source', 32))

/** A secret's only use: the source that it was given for, at the origin that it was given for. */
export interface SealedFor {
  readonly sourceId: string
  readonly url: string
}
const boundTo = ({ sourceId, url }: SealedFor): Buffer => Buffer.from(`${sourceId} ${new URL(url).origin}`)

/** A text that only this installation can read, and only for the same source. */
export function seal(text: string, secret: string, use: SealedFor): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', keyFrom(secret), nonce).setAAD(boundTo(use))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return `${VERSION}.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`
}

/** What was sealed; undefined when it was sealed with another secret, for another use, or is none of ours. */
export function unseal(sealed: string, secret: string, use: SealedFor): string | undefined {
  const [version, body] = sealed.split('.')
  const bytes = Buffer.from(body ?? '', 'base64url')
  if (version !== VERSION || bytes.length < NONCE_BYTES + TAG_BYTES) return undefined
  const cipher = createDecipheriv('aes-256-gcm', keyFrom(secret), bytes.subarray(0, NONCE_BYTES))
  cipher.setAAD(boundTo(use)).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
  try {
    return cipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + cipher.final('utf8')
  } catch {
    return undefined
  }
}
