import { toUint8Array, writeVarUint } from 'lib0/encoding'
import * as Y from 'yjs'

/** How much one piece may hold. A struct is a run of text, a block or a mark; a range is a run that was deleted. */
export interface PieceSize {
  /** A piece ends at the next good place once it holds so much … */
  readonly bytes: number
  readonly structs: number
  /** … and in any place before it holds more than this. Only one single struct that cannot be cut is larger. */
  readonly mostBytes: number
  readonly mostStructs: number
  readonly ranges: number
}

/** Well inside the guard's bounds, and a few milliseconds of work for whoever applies one. */
export const PIECE: PieceSize = {
  bytes: 64 * 1024,
  structs: 1000,
  mostBytes: 192 * 1024,
  mostStructs: 4000,
  ranges: 4000,
}

/**
 * One large update as several small ones. Applied in this order each leans only on what came before it, and all together
 * they are the update: what is written first, then what is deleted. Long text is cut inside (never between the two
 * halves of a surrogate pair); a cut between the two ends of a mark such as bold is avoided, because
 * Yjs tidies up marks that look superfluous while the other end is missing.
 *
 * @param update V1, written by Yjs itself; what it leans on is known to whoever applies the pieces
 * @returns the update itself when it is small; cost: linear, about 10 ms for 3 MiB of text
 * @throws Error when it is no V1 update
 */
export function cutUpdate(update: Uint8Array, size: PieceSize = PIECE): Uint8Array[] {
  const { structs, ds } = Y.decodeUpdate(update)
  const ranges = [...ds.clients.values()].reduce((sum, each) => sum + each.length, 0)
  const isLong = structs.some(({ length }) => length > MAX_DELETED)
  if (!isLong && update.byteLength <= size.bytes && structs.length <= size.structs && ranges <= size.ranges)
    return [update]
  const pieces: Uint8Array[] = []
  let waiting: Struct[] = []
  let bytes = 0
  let marks = new OpenMarks()
  const finish = () => {
    if (waiting.length > 0) pieces.push(pieceOf(waiting, []))
    waiting = []
    bytes = 0
    marks = new OpenMarks()
  }
  for (const whole of inCausalOrder(structs)) {
    for (const struct of shortened(whole, size.bytes)) {
      const more = weightOf(struct)
      const isFull = bytes + more > size.bytes || waiting.length >= size.structs
      const isOverfull = bytes + more > size.mostBytes || waiting.length >= size.mostStructs
      if (isOverfull || (isFull && marks.areEven)) finish()
      waiting.push(struct)
      marks.note(struct)
      bytes += more
    }
  }
  finish()
  return [...pieces, ...deletions(ds, size.ranges)]
}

type Struct = Y.Item | Y.GC | Y.Skip
type DeleteSet = ReturnType<typeof Y.decodeUpdate>['ds']
interface Deletion {
  readonly client: number
  readonly clock: number
  readonly len: number
}

/** Marks come in pairs: one that begins (bold: true), one that ends (bold: null), in this order or the other. */
class OpenMarks {
  readonly #open = new Map<string, number>()

  get areEven(): boolean {
    return this.#open.size === 0
  }

  note(struct: Struct): void {
    if (!(struct instanceof Y.Item && struct.content instanceof Y.ContentFormat)) return
    const { key, value } = struct.content
    const sum = (this.#open.get(key) ?? 0) + (value === null ? -1 : 1)
    if (sum === 0) this.#open.delete(key)
    else this.#open.set(key, sum)
  }
}

/** What an update holds of one client is in order of its clock, but clients lean on each other. */
function* inCausalOrder(structs: readonly Struct[]): Generator<Struct> {
  const lines = new Map<number, Struct[]>()
  for (const struct of structs) {
    const line = lines.get(struct.id.client)
    if (line) line.push(struct)
    else lines.set(struct.id.client, [struct])
  }
  // Up to where each client is known. What the update does not bring is there already.
  const known = new Map([...lines].map(([client, line]) => [client, line[0]?.id.clock ?? 0]))
  const isKnown = (id: unknown) =>
    !(id instanceof Y.ID) || id.clock < (known.get(id.client) ?? Number.POSITIVE_INFINITY)
  const isFree = (struct: Struct) =>
    !(struct instanceof Y.Item) ||
    [struct.origin, struct.rightOrigin, struct.parent].every(
      (id) => isKnown(id) || (id instanceof Y.ID && id.client === struct.id.client),
    )
  const next = new Map<number, number>()
  for (let hasMoved = true; hasMoved; ) {
    hasMoved = false
    for (const [client, line] of lines) {
      let at = next.get(client) ?? 0
      for (let struct = line[at]; struct && isFree(struct); struct = line[++at]) {
        yield struct
        known.set(client, struct.id.clock + struct.length)
        hasMoved = true
      }
      next.set(client, at)
    }
  }
  // Only of a document that itself waits for something: the receiver says so.
  for (const [client, line] of lines) yield* line.slice(next.get(client) ?? 0)
}

/** The guard takes structs of up to two million units; what was deleted has hardly any bytes, but a length. */
const MAX_DELETED = 1_000_000

/** A run of text that is too long, in parts; everything else as it is. */
function* shortened(struct: Struct, most: number): Generator<Struct> {
  // Three bytes is the longest that one UTF-16 unit becomes.
  const units = Math.max(2, Math.floor(most / 3))
  let rest = struct
  for (let end = cutAt(rest, units); end < rest.length; end = cutAt(rest, units)) {
    const [head, tail] = halves(rest, end)
    yield head
    rest = tail
  }
  yield rest
}

/** Where to cut a struct; its length when it is to stay whole. */
function cutAt(struct: Struct, units: number): number {
  if (struct instanceof Y.GC) return Math.min(struct.length, MAX_DELETED)
  if (!(struct instanceof Y.Item)) return struct.length
  const { content } = struct
  if (content instanceof Y.ContentDeleted) return Math.min(struct.length, MAX_DELETED)
  if (!(content instanceof Y.ContentString) || struct.length <= units) return struct.length
  return isHighSurrogate(content.str.charCodeAt(units - 1)) ? units - 1 : units
}

function halves(struct: Struct, end: number): [Struct, Struct] {
  const { client, clock } = struct.id
  const next = Y.createID(client, clock + end)
  if (!(struct instanceof Y.Item)) return [new Y.GC(struct.id, end), new Y.GC(next, struct.length - end)]
  const { origin, rightOrigin, parent, parentSub, content } = struct
  const [head, tail] =
    content instanceof Y.ContentString
      ? [new Y.ContentString(content.str.slice(0, end)), new Y.ContentString(content.str.slice(end))]
      : [new Y.ContentDeleted(end), new Y.ContentDeleted(struct.length - end)]
  const before = Y.createID(client, clock + end - 1)
  return [
    new Y.Item(struct.id, null, origin, null, rightOrigin, parent, parentSub, head),
    new Y.Item(next, null, before, null, rightOrigin, parent, parentSub, tail),
  ]
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff

/** How many bytes it takes at most. */
function weightOf(struct: Struct): number {
  if (!(struct instanceof Y.Item)) return 12
  if (struct.content instanceof Y.ContentString) return 96 + bytesOf(struct.content.str)
  // Blocks, marks, attributes: measured by writing, they are small or cannot be cut anyway.
  const encoder = new Y.UpdateEncoderV1()
  struct.write(encoder, 0)
  return 8 + encoder.toUint8Array().byteLength
}

const bytesOf = (text: string): number => {
  if (text.length < 1000) return text.length * 3
  return new TextEncoder().encode(text).byteLength
}

/** Bytes in the form that Yjs reads: structs by client, then what is deleted. */
function pieceOf(structs: readonly Struct[], deleted: readonly Deletion[]): Uint8Array {
  const encoder = new Y.UpdateEncoderV1()
  const { restEncoder } = encoder
  const runs = groupsOf(structs, ({ id }) => id.client)
  writeVarUint(restEncoder, runs.size)
  for (const [client, run] of runs) {
    writeVarUint(restEncoder, run.length)
    encoder.writeClient(client)
    writeVarUint(restEncoder, run[0]?.id.clock ?? 0)
    for (const struct of run) struct.write(encoder, 0)
  }
  const gone = groupsOf(deleted, ({ client }) => client)
  writeVarUint(restEncoder, gone.size)
  for (const [client, ranges] of gone) {
    encoder.resetDsCurVal()
    writeVarUint(restEncoder, client)
    writeVarUint(restEncoder, ranges.length)
    for (const { clock, len } of ranges) {
      encoder.writeDsClock(clock)
      encoder.writeDsLen(len)
    }
  }
  return toUint8Array(restEncoder)
}

function* deletions(ds: DeleteSet, most: number): Generator<Uint8Array> {
  const all = [...ds.clients].flatMap(([client, ranges]) =>
    ranges.map(({ clock, len }): Deletion => ({ client, clock, len })),
  )
  for (let from = 0; from < all.length; from += most) yield pieceOf([], all.slice(from, from + most))
}

function groupsOf<T>(values: readonly T[], keyOf: (value: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>()
  for (const value of values) {
    const key = keyOf(value)
    const group = groups.get(key)
    if (group) group.push(value)
    else groups.set(key, [value])
  }
  return groups
}
