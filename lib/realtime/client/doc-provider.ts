import type { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'
import type { SaveStatus } from './save-status.ts'
import type { Store } from './store.ts'

/** The room's shared text on this page. */
export interface DocProvider {
  readonly doc: Y.Doc
  /** For Tiptap's CollaborationCaret: `provider.awareness`. The server fills in `user`. */
  readonly awareness: Awareness
  readonly status: Store<SaveStatus>
  /** Text can be shown: this device's copy or the server's is applied. Never rejects. */
  readonly whenShown: Promise<void>
  /** True once the server's state was applied on the present connection. */
  readonly synced: Store<boolean>
  /** After "older-version": forgets this device's copy. The page reloads then. */
  takeServersVersion(): Promise<void>
}
