import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { diskStore } from './disk-store.ts'
import type { Store } from './store.ts'

/** Where this installation keeps bytes. */
export interface Folders {
  readonly store: Store
  /** Uploads on their way in. On the store's file system, so that finishing one is a rename. */
  readonly uploads: string
  /** What workers write before the store takes it over. */
  readonly work: string
}

/** The folders under DATA_DIR, made when missing. */
export function openFolders(dataDir: string): Folders {
  const root = resolve(dataDir)
  const uploads = join(root, 'uploads')
  const work = join(root, 'work')
  for (const folder of [uploads, work]) mkdirSync(folder, { recursive: true })
  return { store: diskStore(join(root, 'files')), uploads, work }
}
