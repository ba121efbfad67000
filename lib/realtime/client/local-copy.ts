import { IndexeddbPersistence } from 'y-indexeddb'
import type * as Y from 'yjs'
import type { CopyFacts, DeviceStore } from './device-store.ts'

/** This device's copy of one document, kept per epoch: a copy of another epoch must not meet the present text. */
export class LocalCopy {
  readonly #docId: string
  readonly #doc: Y.Doc
  readonly #device: DeviceStore
  readonly #nameOf: (epoch: number) => string | undefined
  #persistence: IndexeddbPersistence | undefined
  #isClosed = false

  constructor(docId: string, doc: Y.Doc, device: DeviceStore, nameOf: (epoch: number) => string | undefined) {
    this.#docId = docId
    this.#doc = doc
    this.#device = device
    this.#nameOf = nameOf
  }

  /** Did this update come out of the copy? */
  isOrigin(origin: unknown): boolean {
    return origin !== undefined && origin === this.#persistence
  }

  /** Applies what is kept, if something is. Returns what is known about it. */
  async load(): Promise<CopyFacts | undefined> {
    const facts = await this.#device.copyFacts(this.#docId)
    if (!facts || this.#isClosed) return undefined
    await this.attach(facts.epoch)
    return facts
  }

  /** Keeps every change from now on. */
  async attach(epoch: number): Promise<void> {
    const name = this.#nameOf(epoch)
    if (name === undefined || this.#persistence || this.#isClosed) return
    this.#persistence = new IndexeddbPersistence(name, this.#doc)
    await this.#persistence.whenSynced
  }

  keepFacts(facts: CopyFacts): void {
    if (this.#nameOf(facts.epoch) !== undefined) void this.#device.keepCopyFacts(this.#docId, facts)
  }

  async forget(): Promise<void> {
    await this.#persistence?.clearData()
    this.#persistence = undefined
    await this.#device.forgetCopy(this.#docId)
  }

  close(): void {
    this.#isClosed = true
    void this.#persistence?.destroy()
  }
}
