import * as Y from 'yjs'
import type { UserId } from '#lib/investigation/ids'

/** A peer's update with the server's word for it. */
export interface KeptUpdate {
  readonly update: Uint8Array
  readonly authorId: UserId
  readonly mac: string
  readonly atMs: number
}

const KEEP_MS = 60_000
const KEEP_BYTES = 512 * 1024

/**
 * Peers' updates of the last minute. If the server dies between passing one on and storing it, and its author is gone
 * too, this page brings it back; the voucher shows that it is not made up.
 */
export class KeptUpdates {
  #kept: KeptUpdate[] = []
  #bytes = 0

  keep(update: KeptUpdate): void {
    this.#kept.push(update)
    this.#bytes += update.update.byteLength
    while (this.#kept[0] && (this.#bytes > KEEP_BYTES || update.atMs - this.#kept[0].atMs > KEEP_MS)) {
      this.#bytes -= this.#kept.shift()?.update.byteLength ?? 0
    }
  }

  /** Those that bring something which a server with this state lacks. */
  missingIn(stateVector: Map<number, number>): KeptUpdate[] {
    return this.#kept.filter(({ update }) =>
      [...Y.parseUpdateMeta(update).to].some(([clientId, clock]) => clock > (stateVector.get(clientId) ?? 0)),
    )
  }
}
