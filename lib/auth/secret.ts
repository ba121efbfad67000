import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { env } from '#lib/env'

/**
 * What signs the session cookies: AUTH_SECRET, or 32 random bytes that the first start keeps in DATA_DIR/secret, for its
 * owner's eyes only. It also seals what sources are asked with (lib/sources/sealed.ts). Losing the file signs everybody out,
 * and such sources have to be added again. Two first starts at once agree on one: the
 * file is written beside and linked into place, and linking fails for the second.
 */
export function authSecret(): string {
  const given = env().AUTH_SECRET
  if (given) return given
  const path = join(env().DATA_DIR, 'secret')
  const kept = readSecret(path)
  if (kept) return kept
  mkdirSync(env().DATA_DIR, { recursive: true })
  const beside = `${path}.${process.pid}`
  writeFileSync(beside, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 })
  try {
    linkSync(beside, path)
  } catch (error) {
    // reason: Node's file errors carry a code; anything but "somebody was faster" is a real failure.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(beside, { force: true })
  }
  const made = readSecret(path)
  if (!made) throw new Error(`${path} holds no secret. Remove the file and start again.`)
  return made
}

function readSecret(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined
  } catch (error) {
    // reason: Node's file errors carry a code; a missing file is the first start.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
