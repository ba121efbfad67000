import { createDecoder, hasContent, readVarString, readVarUint } from 'lib0/decoding'
import { createEncoder, toUint8Array, writeVarString, writeVarUint } from 'lib0/encoding'

/** One person's caret in y-protocols' awareness encoding. `state` is JSON; null: gone. */
export interface Caret {
  readonly clientId: number
  readonly clock: number
  readonly state: string | null
}

/** Decodes an awareness update. @throws Error for anything else. */
export function decodeCarets(bytes: Uint8Array): Caret[] {
  const decoder = createDecoder(bytes)
  const length = readVarUint(decoder)
  const carets: Caret[] = []
  for (let index = 0; index < length && hasContent(decoder); index++) {
    const clientId = readVarUint(decoder)
    const clock = readVarUint(decoder)
    const state = readVarString(decoder)
    carets.push({ clientId, clock, state: state === 'null' ? null : state })
  }
  return carets
}

export function encodeCarets(carets: readonly Caret[]): Uint8Array {
  const encoder = createEncoder()
  writeVarUint(encoder, carets.length)
  for (const { clientId, clock, state } of carets) {
    writeVarUint(encoder, clientId)
    writeVarUint(encoder, clock)
    writeVarString(encoder, state ?? 'null')
  }
  return toUint8Array(encoder)
}
