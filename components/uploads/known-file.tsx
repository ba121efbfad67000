import { z } from 'zod'
import { readJson } from '#components/heap/answer'

/** Below this, sending the file is as quick as asking. */
const SMALLEST = 2 * 1024 * 1024
/** WebCrypto hashes only what is in memory at once; larger files are recognised by the server when they have arrived. */
const LARGEST = 192 * 1024 * 1024

const Attached = z.object({ id: z.uuid() })

/** What goes with a file: its name, the id that its capture shall have, and what the name tells. */
export interface KnownFacts {
  readonly filename: string
  readonly captureId: string
  readonly process?: string
  readonly takenAt?: string
  /** The captures of the same drop that it stands behind and before, the nearest first, separated by spaces. */
  readonly after?: string
  readonly before?: string
}

/**
 * Attaches a file by its SHA-256 when the team has the same one already: no byte is sent, and it is not read again.
 * Gives the new capture's id; null when the file has to be sent. Never throws: then it is sent, too.
 */
export async function attachKnownFile(room: string, file: File, facts: KnownFacts): Promise<string | null> {
  // Only https and localhost have WebCrypto.
  if (file.size < SMALLEST || file.size > LARGEST || !globalThis.crypto?.subtle) return null
  try {
    const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer())
    const sha256 = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
    const known = await fetch(`${room}/uploads/known?sha256=${sha256}`, { method: 'HEAD' })
    if (!known.ok) return null
    const attached = await readJson(`${room}/captures/from-known`, Attached, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...facts, sha256 }),
    })
    return attached.id
  } catch {
    return null
  }
}
