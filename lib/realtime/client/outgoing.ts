import * as Y from 'yjs'
import { cutUpdate } from '#lib/collab/cut-update'
import { MAX_UPDATE_BYTES } from '#lib/collab/guard'

/** The most that a page sends without its reader's hand: a book has one MiB. What is larger is a file. */
export const MAX_UNSENT_BYTES = 4 * 1024 * 1024

/** One push. */
export interface Piece {
  readonly update: Uint8Array
  /** Local changes that are saved when this one is: those of a cut update are with its last piece. */
  readonly changes: number
  /** The last of the difference to the server. */
  readonly endsDifference: boolean
}

/**
 * Local changes on their way, in order. Those that wait go out as one update; one that is too large for the server is cut,
 * and nothing overtakes its pieces.
 */
export class Outgoing {
  #updates: Uint8Array[] = []
  #pieces: Piece[] = []

  get isEmpty(): boolean {
    return this.#updates.length === 0 && this.#pieces.length === 0
  }

  /** Pieces wait: there is no sense in waiting for more letters. */
  get isCut(): boolean {
    return this.#pieces.length > 0
  }

  add(update: Uint8Array): void {
    this.#updates.push(update)
  }

  /** Everything that a server in this state lacks, instead of what waits. False: too large, and nothing waits now. */
  replace(doc: Y.Doc, serversVector: Uint8Array, changes: number): boolean {
    this.clear()
    if (this.#cut(Y.encodeStateAsUpdate(doc, serversVector), changes, true)) return true
    return this.#cut(withoutUndone(doc, serversVector), changes, true)
  }

  /** What is to be sent next; undefined when nothing waits, "too-big" when it must not be sent. */
  next(): Piece | 'too-big' | undefined {
    if (this.#pieces.length === 0 && this.#updates.length > 0) {
      const updates = this.#updates
      this.#updates = []
      const [first] = updates
      const update = updates.length === 1 && first ? first : Y.mergeUpdates(updates)
      if (!this.#cut(update, updates.length, false)) return 'too-big'
    }
    return this.#pieces.shift()
  }

  /** All that waits, without taking it. */
  all(): readonly Uint8Array[] {
    const pieces = this.#pieces.map(({ update }) => update)
    if (this.#updates.length === 0) return pieces
    return [...pieces, ...cutUpdate(Y.mergeUpdates(this.#updates))]
  }

  clear(): void {
    this.#updates = []
    this.#pieces = []
  }

  #cut(update: Uint8Array, changes: number, isDifference: boolean): boolean {
    if (update.byteLength > MAX_UNSENT_BYTES) return false
    const updates = cutUpdate(update)
    if (updates.some(({ byteLength }) => byteLength > MAX_UPDATE_BYTES)) return false
    this.#pieces = updates.map((piece, index) => {
      const isLast = index === updates.length - 1
      return { update: piece, changes: isLast ? changes : 0, endsDifference: isLast && isDifference }
    })
    return true
  }
}

/** An editor keeps what was undone, for redoing it. Nobody else needs it. */
function withoutUndone(doc: Y.Doc, serversVector: Uint8Array): Uint8Array {
  const copy = new Y.Doc()
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
  const difference = Y.encodeStateAsUpdate(copy, serversVector)
  copy.destroy()
  return difference
}
