import { createHash, randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { WrittenFile } from './tasks.ts'

/** Writes a table where the store can take it over. */
export function writeTable(folder: string, content: Uint8Array): WrittenFile {
  const path = join(folder, randomUUID())
  writeFileSync(path, content, { flag: 'wx' })
  return { path, sha256: createHash('sha256').update(content).digest('hex'), size: content.length }
}
