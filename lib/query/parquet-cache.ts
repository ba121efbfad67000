import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'

/** Half-made tables older than this belong to a node that is gone. */
const STALE_MS = 60 * 60_000
const INCOMING = 'incoming-'

/** Makes files in a folder that exists and is empty. */
type Make = (folder: string) => Promise<void>

/**
 * Exported tables on the local disk: one folder per key, one Parquet file per table. Folders and files appear whole, by a
 * rename. What was used longest ago goes when all together exceed `maxBytes`; what is in use stays.
 */
export class ParquetCache {
  private readonly folder: string
  private readonly maxBytes: number
  /** What is being made here, by key and part. */
  private readonly making = new Map<string, Promise<number>>()
  /** Users of each key. */
  private readonly inUse = new Map<string, number>()

  constructor(folder: string, maxBytes: number) {
    this.folder = folder
    this.maxBytes = maxBytes
  }

  folderOf(key: string): string {
    // The key becomes a path.
    if (!/^[0-9a-f]{64}-v\d+$/.test(key)) throw new Error(`"${key}" is no key of exported tables`)
    return join(this.folder, key)
  }

  /** Runs `work` with the folder of a key, which is not removed meanwhile. */
  async using<T>(key: string, work: (folder: string) => Promise<T>): Promise<T> {
    this.inUse.set(key, (this.inUse.get(key) ?? 0) + 1)
    try {
      return await work(this.folderOf(key))
    } finally {
      const left = (this.inUse.get(key) ?? 1) - 1
      if (left > 0) this.inUse.set(key, left)
      else this.inUse.delete(key)
    }
  }

  /**
   * Makes sure that a table is there, together with all others that `make` makes; once, however many ask. Resolves with
   * the milliseconds that this took, 0 when it was there. `table` is the one that stands for all.
   */
  async ensure(key: string, table: string, make: Make): Promise<number> {
    const target = this.folderOf(key)
    if (await exists(join(target, `${table}.parquet`))) {
      const now = new Date()
      await utimes(target, now, now).catch(() => {})
      return 0
    }
    const name = `${key}/${table}`
    const running = this.making.get(name) ?? this.make(target, table, make)
    this.making.set(name, running)
    try {
      return await running
    } finally {
      if (this.making.get(name) === running) this.making.delete(name)
      await this.evict()
    }
  }

  /** Removes what `isWanted` does not want any more, and what crashes left behind. */
  async sweep(isWanted: (sha256: string) => Promise<boolean>, now = Date.now()): Promise<void> {
    for (const name of await this.names()) {
      const path = join(this.folder, name)
      if (name.startsWith(INCOMING)) {
        const facts = await stat(path).catch(() => undefined)
        if (facts && now - facts.mtimeMs > STALE_MS) await rm(path, { recursive: true, force: true })
      } else if (!this.inUse.has(name) && !(await isWanted(name.slice(0, 64))))
        await rm(path, { recursive: true, force: true })
    }
  }

  private async make(target: string, last: string, make: Make): Promise<number> {
    const started = performance.now()
    const incoming = join(this.folder, `${INCOMING}${randomUUID()}`)
    await mkdir(incoming, { recursive: true })
    try {
      await make(incoming)
      await mkdir(target, { recursive: true })
      const files = (await readdir(incoming)).filter((file) => file.endsWith('.parquet'))
      // The table that stands for all comes last: where it is, the others are.
      files.sort((a, b) => Number(a === `${last}.parquet`) - Number(b === `${last}.parquet`))
      for (const file of files) await rename(join(incoming, file), join(target, file))
    } finally {
      await rm(incoming, { recursive: true, force: true })
    }
    return performance.now() - started
  }

  /** The least recently used go until the rest fits. */
  private async evict(): Promise<void> {
    const entries = await Promise.all((await this.names()).map((name) => this.facts(name)))
    let total = entries.reduce((sum, entry) => sum + entry.bytes, 0)
    for (const { name, bytes } of entries.sort((a, b) => a.usedMs - b.usedMs)) {
      if (total <= this.maxBytes) return
      if (this.inUse.has(name) || name.startsWith(INCOMING)) continue
      await rm(join(this.folder, name), { recursive: true, force: true })
      total -= bytes
    }
  }

  private async facts(name: string): Promise<{ name: string; usedMs: number; bytes: number }> {
    const path = join(this.folder, name)
    const usedMs = (await stat(path).catch(() => undefined))?.mtimeMs ?? 0
    const files = await readdir(path).catch(() => [])
    const sizes = await Promise.all(
      files.map(async (file) => (await stat(join(path, file)).catch(() => undefined))?.size ?? 0),
    )
    return { name, usedMs, bytes: sizes.reduce((sum, size) => sum + size, 0) }
  }

  private names(): Promise<string[]> {
    return readdir(this.folder).catch(() => [])
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
