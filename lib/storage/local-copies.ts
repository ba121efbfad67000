import { randomUUID } from 'node:crypto'
import { mkdir, rm, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { LocalBlob } from './store.ts'

export interface LocalCopiesOptions {
  /** Other nodes may use it, too: each copy has a name of its own. */
  readonly folder: string
  /** What copies may take together. Those in use may take more. */
  readonly maxBytes: number
  /** Writes the file to `path`, or leaves nothing there and throws. */
  fetch(sha256: string, path: string): Promise<void>
}

interface Copy {
  readonly path: string
  readonly size: number
  readonly isFetched: Promise<void>
  /** Callers that hold it, those that wait for it among them. */
  holders: number
}

/**
 * Local copies of files that live elsewhere, for worker threads: fetched once however many ask at the same time, kept
 * while somebody holds them, the least recently used removed past `maxBytes`. A copy that was swept from the folder is
 * fetched again.
 */
export class LocalCopies {
  private readonly options: LocalCopiesOptions
  /** In the order of use, oldest first. */
  private readonly copies = new Map<string, Copy>()
  private bytes = 0

  constructor(options: LocalCopiesOptions) {
    this.options = options
  }

  /** The copy of a file of `size` bytes, until it is released. @throws what `fetch` throws */
  async take(sha256: string, size: number): Promise<LocalBlob> {
    for (let isSecondTry = false; ; isSecondTry = true) {
      const copy = this.copies.get(sha256) ?? this.begin(sha256, size)
      this.copies.delete(sha256)
      this.copies.set(sha256, copy)
      copy.holders++
      try {
        await copy.isFetched
        // Sweeping goes by this time.
        const now = new Date()
        await utimes(copy.path, now, now)
        return { path: copy.path, release: this.releaseOnce(sha256, copy) }
      } catch (error) {
        this.drop(sha256, copy)
        await this.release(sha256, copy)
        const isSwept = error instanceof Error && 'code' in error && error.code === 'ENOENT'
        if (!isSwept || isSecondTry) throw error
      }
    }
  }

  /** Removes the copy of a file that is gone; who holds it keeps it until the release. */
  async forget(sha256: string): Promise<void> {
    const copy = this.copies.get(sha256)
    if (!copy) return
    this.drop(sha256, copy)
    if (copy.holders === 0) await rm(copy.path, { force: true })
  }

  /** Removes every copy that nobody holds. */
  async clear(): Promise<void> {
    await this.shrinkTo(0)
  }

  private begin(sha256: string, size: number): Copy {
    const { folder, fetch } = this.options
    const path = join(folder, `${sha256}.${randomUUID()}`)
    const isFetched = mkdir(folder, { recursive: true })
      .then(() => this.shrinkTo(this.options.maxBytes))
      .then(() => fetch(sha256, path))
    this.bytes += size
    return { path, size, isFetched, holders: 0 }
  }

  private drop(sha256: string, copy: Copy): void {
    if (this.copies.get(sha256) !== copy) return
    this.copies.delete(sha256)
    this.bytes -= copy.size
  }

  private releaseOnce(sha256: string, copy: Copy): () => Promise<void> {
    let isReleased = false
    return async () => {
      if (isReleased) return
      isReleased = true
      await this.release(sha256, copy)
    }
  }

  private async release(sha256: string, copy: Copy): Promise<void> {
    copy.holders--
    if (copy.holders > 0) return
    if (this.copies.get(sha256) !== copy) await rm(copy.path, { force: true })
    await this.shrinkTo(this.options.maxBytes)
  }

  private async shrinkTo(maxBytes: number): Promise<void> {
    const removed: string[] = []
    for (const [sha256, copy] of this.copies) {
      if (this.bytes <= maxBytes) break
      if (copy.holders > 0) continue
      this.drop(sha256, copy)
      removed.push(copy.path)
    }
    await Promise.all(removed.map((path) => rm(path, { force: true })))
  }
}
