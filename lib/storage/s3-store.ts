import { createWriteStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { UserError } from '#lib/errors/user-error'
import { asDiskFull } from './disk-store.ts'
import { writeHashed } from './hashed-file.ts'
import { LocalCopies } from './local-copies.ts'
import { S3Bucket, type S3Settings } from './s3-bucket.ts'
import type { Store, StoredBlob } from './store.ts'

const SHA256 = /^[0-9a-f]{64}$/

export interface S3StoreOptions {
  readonly settings: S3Settings
  /** Where a stream waits on this machine until its hash, and so its name, is known. */
  readonly work: string
  /** Where copies stand that worker threads open. Other nodes may have the same folder. */
  readonly cache: string
  /** What these copies may take together; those in use may take more. */
  readonly cacheBytes: number
  /** For tests: how long a silent server is waited for. */
  readonly idleMs?: number
}

/**
 * The store in a bucket of Amazon S3 or anything that speaks its protocol: `<prefix>ab/cdef…`, as on a disk, so that
 * one can be copied into the other. An object appears when all of it is there (the protocol's promise); what a crash leaves are parts of an unfinished upload, which the bucket's
 * own rules sweep. Every failure of the bucket is a UserError `store/…`.
 */
export function s3Store({ settings, work, cache, cacheBytes, idleMs }: S3StoreOptions): Store {
  const bucket = new S3Bucket(settings, idleMs)
  const copies = new LocalCopies({ folder: cache, maxBytes: cacheBytes, fetch: fetchTo })

  const keyOf = (sha256: string): string => {
    // The name becomes a key, and a path of a local copy: nothing but a hash may.
    if (!SHA256.test(sha256)) throw new Error(`"${sha256}" is not a SHA-256`)
    return `${settings.prefix}${sha256.slice(0, 2)}/${sha256.slice(2)}`
  }

  const size = async (sha256: string): Promise<number | undefined> => bucket.size(keyOf(sha256))

  async function found(sha256: string): Promise<number> {
    const bytes = await size(sha256)
    if (bytes !== undefined) return bytes
    await copies.forget(sha256)
    throw new UserError('request/not-found', { what: 'file' })
  }

  async function adopt(path: string, sha256: string): Promise<StoredBlob> {
    const known = await size(sha256)
    const { size: bytes } = await stat(path)
    // Of another length it was never whole: stores of this protocol do not do that, servers in its name may.
    if (known !== bytes) await bucket.putFile(keyOf(sha256), path, bytes)
    await rm(path, { force: true })
    return { sha256, size: bytes }
  }

  async function put(content: Readable | AsyncIterable<Uint8Array>): Promise<StoredBlob> {
    const { path, sha256 } = await writeHashed(content, work).catch((error: unknown) => {
      throw asDiskFull(error)
    })
    try {
      return await adopt(path, sha256)
    } catch (error) {
      await rm(path, { force: true })
      throw error
    }
  }

  /** A copy appears under its name when it is whole. */
  async function fetchTo(sha256: string, path: string): Promise<void> {
    try {
      await pipeline(await bucket.get(keyOf(sha256)), createWriteStream(path, { flags: 'wx' }))
    } catch (error) {
      await rm(path, { force: true })
      throw asDiskFull(error)
    }
  }

  return {
    name: 'an S3-compatible object store',
    put,
    adopt,
    size,
    has: async (sha256) => (await size(sha256)) !== undefined,
    async open(sha256, range) {
      if (range && range.end <= range.start) {
        await found(sha256)
        return Readable.from([])
      }
      return bucket.get(keyOf(sha256), range)
    },
    async read(sha256) {
      const chunks = await (await bucket.get(keyOf(sha256))).toArray()
      return new Uint8Array(Buffer.concat(chunks))
    },
    // Asked each time: what one node removed is gone for all.
    local: async (sha256) => copies.take(sha256, await found(sha256)),
    async remove(sha256) {
      await bucket.remove(keyOf(sha256))
      await copies.forget(sha256)
    },
    freeBytes: async () => Number.POSITIVE_INFINITY,
    check: () => bucket.probe(),
    async close() {
      await copies.clear()
      bucket.close()
    },
  }
}
