import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { deserialize, serialize } from 'node:v8'
import type { Retention } from '#lib/heap/retention'
import type { HeapSnapshot } from '#lib/heap/snapshot'
import type { WrittenFile } from './tasks.ts'

// Until lib/storage/heap-columns.ts has its own form: everything as it is, uncompressed.

export function writeHeapColumns(path: string, snapshot: HeapSnapshot, retention: Retention): WrittenFile {
  const { strings, slots, ...columns } = snapshot
  const texts = Array.from({ length: strings.count }, (_, id) => strings.text(id))
  const keys = Array.from({ length: slots.pages }, (_, page) => slots.keyOf(page))
  const { file, line, method, count } = snapshot.sites
  const content = serialize({
    columns: { ...columns, sites: { file, line, method, count } },
    texts,
    keys,
    retention,
  })
  writeFileSync(path, content, { flag: 'wx' })
  return { path, sha256: createHash('sha256').update(content).digest('hex'), size: content.length }
}

export function openHeapColumns(path: string): { snapshot: HeapSnapshot; retention: Retention } {
  const { columns, texts, keys, retention } = deserialize(readFileSync(path))
  const strings = { count: texts.length, text: (id: number): string => texts[id] ?? '' }
  const slots = {
    address: (slot: number): number => keys[slot >>> 13] * 65536 + (slot & 8191) * 8,
  }
  return { snapshot: { ...columns, strings, slots }, retention }
}
