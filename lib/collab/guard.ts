import * as Y from 'yjs'

/** Largest update that is taken from a browser, which cuts what is larger (cut-update.ts). */
export const MAX_UPDATE_BYTES = 256 * 1024
/** Bounds the time to decode and to apply one: neither is done off the main thread. */
const MAX_STRUCTS = 5000
const MAX_RANGES = 10_000
/** Longest run that one struct may claim. Yjs counts UTF-16 units; nobody types two million at once. */
const MAX_STRUCT_LENGTH = 2_000_000
/** A browser writes under one client id; an offline draft of several sessions under a few. */
const MAX_NEW_CLIENTS = 64

/** What the document holds already, as far as the guard needs it. */
export interface Known {
  /** The first clock of this client that the document lacks; 0 for a client that it never saw. */
  clockOf(clientId: number): number
  /** The user that this client id is bound to in this document. */
  ownerOf(clientId: number): string | undefined
}

export type Refusal = 'too-big' | 'garbage' | 'gap' | 'foreign-client'
export type Verdict =
  /** `writers`: client ids that bring something new. They are the author's, or nobody's and hers from now on. */
  { readonly ok: true; readonly writers: readonly number[] } | { readonly ok: false; readonly code: Refusal }

const refuse = (code: Refusal): Verdict => ({ ok: false, code })

/**
 * May this update be applied? Decodes it without touching a document. Refuses what would hang or swell the decoder,
 * what leans on something the document lacks (it would wait in Yjs' pending list, where nobody looks), and what writes
 * under a client id of somebody else: 14 such bytes make that person's later typing vanish ("clock burn").
 *
 * V1 encoding only. Structs that the document already holds may be of anyone: applying them changes nothing.
 * About 50 µs for a keystroke; 256 KiB of malice are given up after 5,000 structs, a few ms (docs/realtime.md). Never
 * throws.
 */
export function inspectUpdate(update: Uint8Array, known: Known, authorId: string): Verdict {
  if (update.byteLength > MAX_UPDATE_BYTES) return refuse('too-big')
  if (update.byteLength < 2) return refuse('garbage')
  let decoded: ReturnType<typeof Y.decodeUpdate>
  try {
    decoded = Y.decodeUpdateV2(update, CountingDecoder)
  } catch (error) {
    return refuse(error instanceof TooMany ? 'too-big' : 'garbage')
  }
  const spans = spansOf(decoded.structs)
  if (!spans) return refuse('garbage')

  const writers: number[] = []
  for (const [clientId, span] of spans) {
    const clock = known.clockOf(clientId)
    if (span.start > clock) return refuse('gap')
    if (span.end <= clock) continue
    const owner = known.ownerOf(clientId)
    if (owner !== undefined && owner !== authorId) return refuse('foreign-client')
    writers.push(clientId)
  }
  if (writers.length > MAX_NEW_CLIENTS) return refuse('too-big')

  const endOf = (clientId: number) => Math.max(known.clockOf(clientId), spans.get(clientId)?.end ?? 0)
  return leansOnlyOnKnown(decoded, endOf) ? { ok: true, writers } : refuse('gap')
}

class TooMany extends Error {}

/** Reads V1 as Yjs does, but not on and on: an update of 256 KiB can hold 130,000 structs of two bytes. */
class CountingDecoder extends Y.UpdateDecoderV1 {
  #structs = 0
  #ranges = 0

  override readInfo(): number {
    if (++this.#structs > MAX_STRUCTS) throw new TooMany()
    return super.readInfo()
  }

  override readDsLen(): number {
    if (++this.#ranges > MAX_RANGES) throw new TooMany()
    return super.readDsLen()
  }
}

interface Span {
  readonly start: number
  end: number
}

/** First and last clock per client; undefined when the structs are not what an editor writes. */
function spansOf(structs: readonly (Y.Item | Y.GC | Y.Skip)[]): Map<number, Span> | undefined {
  const spans = new Map<number, Span>()
  let current: number | undefined
  for (const struct of structs) {
    const { client, clock } = struct.id
    const { length } = struct
    if (struct instanceof Y.Skip || !(length > 0 && length <= MAX_STRUCT_LENGTH)) return undefined
    if (struct instanceof Y.Item && struct.content instanceof Y.ContentDoc) return undefined
    if (!Number.isSafeInteger(client) || !Number.isSafeInteger(clock + length)) return undefined
    const span = spans.get(client)
    if (!span) spans.set(client, { start: clock, end: clock + length })
    // One block per client, without holes, is the only form that Yjs writes.
    else if (client !== current || span.end !== clock) return undefined
    else span.end = clock + length
    current = client
  }
  return spans
}

/** Does every neighbour, parent and deletion exist in the document or in the update itself? */
function leansOnlyOnKnown(
  { structs, ds }: ReturnType<typeof Y.decodeUpdate>,
  endOf: (clientId: number) => number,
): boolean {
  const exists = (id: unknown) => !(id instanceof Y.ID) || id.clock < endOf(id.client)
  for (const struct of structs) {
    if (!(struct instanceof Y.Item)) continue
    if (!exists(struct.origin) || !exists(struct.rightOrigin) || !exists(struct.parent)) return false
  }
  for (const [clientId, ranges] of ds.clients) {
    const end = endOf(clientId)
    for (const range of ranges) if (!(range.len > 0 && range.clock + range.len <= end)) return false
  }
  return true
}
