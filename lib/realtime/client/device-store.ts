import { z } from 'zod'
import type { InvestigationId } from '#lib/investigation/ids'

/** A command that waits on this device. */
export const WaitingCommand = z.object({ key: z.uuid(), name: z.string(), body: z.unknown() })
export type WaitingCommand = z.infer<typeof WaitingCommand>

/** What this device knows about its copy of a document. */
export const CopyFacts = z.object({ epoch: z.int(), unacknowledged: z.int().nonnegative() })
export type CopyFacts = z.infer<typeof CopyFacts>

const VERSION = 1

/**
 * What must outlive a reload, in IndexedDB: waiting commands in order, and facts about copies. Without IndexedDB
 * (private windows of some browsers) everything still works, until the tab is closed.
 */
export class DeviceStore {
  readonly #db: Promise<IDBDatabase | undefined>
  /** Is anything kept beyond this page? */
  readonly isLasting: boolean

  constructor(name: string | undefined) {
    this.isLasting = name !== undefined && typeof indexedDB !== 'undefined'
    this.#db = this.isLasting && name !== undefined ? open(name) : Promise.resolve(undefined)
  }

  /** Keeps a command behind those that wait already. */
  async keepCommand(room: InvestigationId, command: WaitingCommand): Promise<void> {
    await this.#run('commands', 'readwrite', (store) => store.add({ room, ...command }))
  }

  async forgetCommand(key: string): Promise<void> {
    const primary = await this.#run('commands', 'readonly', (store) => store.index('key').getKey(key))
    if (primary !== undefined) await this.#run('commands', 'readwrite', (store) => store.delete(primary))
  }

  /** The room's waiting commands, oldest first. */
  async commands(room: InvestigationId): Promise<WaitingCommand[]> {
    const rows = await this.#run('commands', 'readonly', (store) => store.index('room').getAll(room))
    return (rows ?? []).flatMap((row) => {
      const command = WaitingCommand.safeParse(row)
      return command.success ? [command.data] : []
    })
  }

  async copyFacts(docId: string): Promise<CopyFacts | undefined> {
    const facts = CopyFacts.safeParse(await this.#run('copies', 'readonly', (store) => store.get(docId)))
    return facts.success ? facts.data : undefined
  }

  async keepCopyFacts(docId: string, facts: CopyFacts): Promise<void> {
    await this.#run('copies', 'readwrite', (store) => store.put(facts, docId))
  }

  async forgetCopy(docId: string): Promise<void> {
    await this.#run('copies', 'readwrite', (store) => store.delete(docId))
  }

  async close(): Promise<void> {
    const db = await this.#db
    db?.close()
  }

  async #run<R>(
    name: 'commands' | 'copies',
    mode: IDBTransactionMode,
    ask: (store: IDBObjectStore) => IDBRequest<R>,
  ): Promise<R | undefined> {
    const db = await this.#db
    if (!db) return undefined
    try {
      return await settled(ask(db.transaction(name, mode).objectStore(name)))
    } catch {
      // A full or closing store: what it was to keep lives as long as the tab.
      return undefined
    }
  }
}

function open(name: string): Promise<IDBDatabase | undefined> {
  return new Promise((resolve) => {
    const request = indexedDB.open(name, VERSION)
    request.onupgradeneeded = () => {
      const commands = request.result.createObjectStore('commands', { autoIncrement: true })
      commands.createIndex('room', 'room')
      commands.createIndex('key', 'key', { unique: true })
      request.result.createObjectStore('copies')
    }
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => resolve(undefined)
  })
}

function settled<R>(request: IDBRequest<R>): Promise<R> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
