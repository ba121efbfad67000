import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { UserError } from '#lib/errors/user-error'
import { writeHashed } from './hashed-file.ts'
import type { LocalBlob, Store, StoredBlob } from './store.ts'

const SHA256 = /^[0-9a-f]{64}$/

/**
 * The store on a local disk: `<folder>/ab/cdef…`. A file appears under its name by one rename, whole or not at all;
 * what a crash leaves half written stays in `<folder>/incoming` and is swept when it is a day old.
 */
export function diskStore(folder: string): Store {
  const incoming = join(folder, 'incoming')

  const place = (sha256: string): string => {
    // The name becomes a path: nothing but a hash may.
    if (!SHA256.test(sha256)) throw new Error(`"${sha256}" is not a SHA-256`)
    return join(folder, sha256.slice(0, 2), sha256.slice(2))
  }

  async function size(sha256: string): Promise<number | undefined> {
    try {
      return (await stat(place(sha256))).size
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined
      throw error
    }
  }

  async function found(sha256: string): Promise<string> {
    if ((await size(sha256)) === undefined) throw new UserError('request/not-found', { what: 'file' })
    return place(sha256)
  }

  async function adopt(path: string, sha256: string): Promise<StoredBlob> {
    const target = place(sha256)
    const known = await size(sha256)
    if (known !== undefined) {
      await rm(path, { force: true })
      return { sha256, size: known }
    }
    await mkdir(dirname(target), { recursive: true })
    try {
      await rename(path, target)
    } catch (error) {
      if (!hasCode(error, 'EXDEV')) throw asDiskFull(error)
      await adoptAcross(path, target)
    }
    return { sha256, size: (await stat(target)).size }
  }

  /** Another file system: copy beside the target first, so that the file still appears whole. */
  async function adoptAcross(path: string, target: string): Promise<void> {
    await mkdir(incoming, { recursive: true })
    const copy = join(incoming, randomUUID())
    try {
      await copyFile(path, copy)
      await rename(copy, target)
    } catch (error) {
      await rm(copy, { force: true })
      throw asDiskFull(error)
    }
    await rm(path, { force: true })
  }

  async function put(content: Readable | AsyncIterable<Uint8Array>): Promise<StoredBlob> {
    const { path, sha256 } = await writeHashed(content, incoming).catch((error: unknown) => {
      throw asDiskFull(error)
    })
    return adopt(path, sha256)
  }

  return {
    name: 'a local disk',
    put,
    adopt,
    size,
    has: async (sha256) => (await size(sha256)) !== undefined,
    async open(sha256, range) {
      const path = await found(sha256)
      if (!range) return createReadStream(path, { highWaterMark: 1 << 18 })
      // Node's `end` is inclusive; an empty range has no such form.
      if (range.end <= range.start) return Readable.from([])
      return createReadStream(path, { start: range.start, end: range.end - 1 })
    },
    async read(sha256) {
      return new Uint8Array(await readFile(await found(sha256)))
    },
    async local(sha256): Promise<LocalBlob> {
      return { path: await found(sha256), release: async () => {} }
    },
    async remove(sha256) {
      await rm(place(sha256), { force: true })
    },
    async freeBytes() {
      await mkdir(folder, { recursive: true })
      const disk = await statfs(folder)
      return disk.bavail * disk.bsize
    },
    check: async () => void (await mkdir(folder, { recursive: true })),
    close: async () => {},
  }
}

/** Removes files of a folder that nobody has touched for `olderThanMs`: what crashes left behind. Returns how many. */
export async function sweepFolder(folder: string, olderThanMs: number, now: number): Promise<number> {
  let removed = 0
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name)
    const facts = await stat(path).catch(() => undefined)
    if (!facts?.isFile() || now - facts.mtimeMs < olderThanMs) continue
    await rm(path, { force: true })
    removed++
  }
  return removed
}

/** A full disk as the sentence for it; any other error as it is. */
export function asDiskFull(error: unknown): unknown {
  return hasCode(error, 'ENOSPC') || hasCode(error, 'EDQUOT') ? new UserError('upload/disk-full') : error
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
