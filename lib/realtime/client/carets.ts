import {
  Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from 'y-protocols/awareness'
import type * as Y from 'yjs'

const SEND_EVERY_MS = 50

/** Everybody's carets in one document: one's own go out at most every 50 ms, the last of a burst always. */
export class Carets {
  readonly awareness: Awareness
  readonly #doc: Y.Doc
  readonly #user: { readonly name: string; readonly color: string }
  readonly #send: (update: Uint8Array) => void
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(doc: Y.Doc, user: { name: string; color: string }, send: (update: Uint8Array) => void) {
    this.#doc = doc
    this.#user = user
    this.#send = send
    this.awareness = new Awareness(doc)
    this.awareness.setLocalStateField('user', user)
    this.awareness.on('update', this.#onUpdate)
  }

  heard(update: Uint8Array): void {
    applyAwarenessUpdate(this.awareness, update, this)
  }

  /** The server said "gone" with a clock one higher when the connection ended; peers believe only a higher one. */
  repeat(): void {
    const state = this.awareness.getLocalState() ?? { user: this.#user }
    this.awareness.setLocalState(state)
    this.awareness.setLocalState(state)
  }

  /** Without a connection nobody is seen. */
  forgetOthers(): void {
    const others = [...this.awareness.getStates().keys()].filter((id) => id !== this.#doc.clientID)
    removeAwarenessStates(this.awareness, others, this)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.awareness.off('update', this.#onUpdate)
    this.awareness.destroy()
  }

  readonly #onUpdate = (_change: unknown, origin: unknown) => {
    if (origin !== 'local') return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#send(encodeAwarenessUpdate(this.awareness, [this.#doc.clientID]))
    }, SEND_EVERY_MS)
  }
}
