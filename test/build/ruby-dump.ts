import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { rubyObjspace } from '#lib/formats/ruby-objspace/index'
import type { HeapSnapshot } from '#lib/heap/snapshot'

const TOP = join(import.meta.dirname, '../..')
/** The demo's recordings are test data too: real dumps are too large to keep twice. */
const FOLDERS = [
  'test/fixtures/dumps/ruby-objspace/3.1.7',
  'prisma/demo/ruby-small',
  'prisma/demo/article',
].map((folder) => join(TOP, folder))

/** Where a real dump lies, by its name without ending ("weird", "trace-1-warm"). @throws Error for an unknown name. */
export function rubyFixturePath(name: string): string {
  const found = FOLDERS.map((folder) => join(folder, `${name}.json.gz`)).find((path) => existsSync(path))
  if (!found) throw new Error(`no fixture is called ${name}`)
  return found
}

/** The plain bytes of a real dump. */
export const rubyFixture = (name: string): Uint8Array => gunzipSync(readFileSync(rubyFixturePath(name)))

/** A dump that is drawn in a test: lines as Ruby writes them. */
export const rubyLines = (...lines: readonly string[]): Uint8Array =>
  new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''))

/** Reads bytes as a worker would, in pieces of `step`. */
export function scanRuby(data: Uint8Array, step = 1 << 18): HeapSnapshot {
  const scanner = rubyObjspace.scanner({ plainBytes: data.length })
  for (let at = 0; at < data.length; at += step) scanner.feed(data.subarray(at, at + step))
  return scanner.finish()
}

/** What a person would write for an object of a snapshot: for comparing with JSON.parse. */
export interface PlainObject {
  readonly address: number
  readonly type: string
  readonly shallowBytes: number
  readonly generation: number
  readonly file: string
  readonly line: number
  readonly method: string
  readonly label: string
}

export function plainObject(heap: HeapSnapshot, object: number): PlainObject {
  const site = heap.site[object]!
  return {
    address: heap.slots.address(heap.slot[object]!),
    type: heap.typeNames[heap.type[object]!]!,
    shallowBytes: heap.shallowBytes[object]!,
    generation: heap.generation[object]!,
    file: heap.strings.text(heap.sites.file[site]!),
    line: heap.sites.line[site]!,
    method: heap.strings.text(heap.sites.method[site]!),
    label: heap.strings.text(heap.label[object]!),
  }
}
