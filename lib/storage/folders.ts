import { mkdirSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { diskStore } from './disk-store.ts'
import type { S3Settings } from './s3-bucket.ts'
import { s3Store } from './s3-store.ts'
import type { Store } from './store.ts'

/** Where this installation keeps bytes. */
export interface Folders {
  readonly store: Store
  /** Uploads on their way in. On the file system of a store on disk, so that finishing one is a rename. */
  readonly uploads: string
  /** What workers write before the store takes it over. */
  readonly work: string
  /** Local copies of what is in a bucket; empty when the store is on a disk. */
  readonly cache: string
  /** Bytes that an upload may have: room on the way, and in the store where that can tell. */
  freeBytes(): Promise<number>
}

/** The bucket that is used instead of DATA_DIR/files. */
export interface RemoteStore {
  readonly settings: S3Settings
  readonly cacheBytes: number
}

/** The folders under DATA_DIR, made when missing, and the store: the one place that chooses which. */
export function openFolders(dataDir: string, remote?: RemoteStore): Folders {
  const root = resolve(dataDir)
  const uploads = join(root, 'uploads')
  const work = join(root, 'work')
  const cache = join(root, 'cache')
  for (const folder of [uploads, work]) mkdirSync(folder, { recursive: true })
  const store = remote ? s3Store({ ...remote, work, cache }) : diskStore(join(root, 'files'))
  return {
    store,
    uploads,
    work,
    cache,
    async freeBytes() {
      const disk = await statfs(uploads)
      return Math.min(disk.bavail * disk.bsize, await store.freeBytes())
    },
  }
}
