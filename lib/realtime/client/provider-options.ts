import type { DocId } from '#lib/investigation/ids'
import type { Reply, RequestName, Sent } from '../protocol.ts'
import type { DeviceStore } from './device-store.ts'

/** What the provider needs from its connection. */
export interface ProviderOptions {
  readonly docId: DocId
  readonly device: DeviceStore
  /** Name of this device's copy in IndexedDB for an epoch; undefined: no copy. */
  copyName(epoch: number): string | undefined
  readonly writable: boolean
  readonly user: { readonly name: string; readonly color: string }
  request<N extends RequestName>(name: N, sent: Sent<N>): Promise<Reply<N>>
}
