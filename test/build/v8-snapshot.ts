import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { v8Heapsnapshot } from '#lib/formats/v8-heapsnapshot/index'
import type { HeapSnapshot } from '#lib/heap/snapshot'

const TOP = join(import.meta.dirname, '../..')
export const V8_FIXTURE = join(TOP, 'test/fixtures/v8/leak-1-warm.heapsnapshot.gz')
const LEAK_PROGRAM = join(TOP, 'test/fixtures/v8/leak.cjs')

/** The plain bytes of a real snapshot: 4,000 requests of the leaking program, Node 20.20.2. */
export const v8Fixture = (): Uint8Array => gunzipSync(readFileSync(V8_FIXTURE))

/**
 * Runs a CommonJS program and answers the snapshots that it wrote into the folder it got as first argument, by name.
 * The V8 is that of the Node which runs the tests: the layout of its files may differ from the fixture's.
 */
export const snapshotsOf = (program: string, ...args: readonly string[]): ReadonlyMap<string, Uint8Array> =>
  snapshotsWith([], program, ...args)

function snapshotsWith(
  flags: readonly string[],
  program: string,
  ...args: readonly string[]
): ReadonlyMap<string, Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'leakroom-v8-'))
  try {
    const printed = execFileSync(process.execPath, ['--expose-gc', ...flags, program, folder, ...args], {
      encoding: 'utf8',
    })
    const names = printed.split('\n').filter((line) => line.endsWith('.heapsnapshot'))
    return new Map(names.map((name) => [name.replace('.heapsnapshot', ''), readFileSync(join(folder, name))]))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Three snapshots of the leaking program: after `requests`, twice and three times as many. `flags` are V8's. */
export const leakTrio = (requests: number, flags: readonly string[] = []): ReadonlyMap<string, Uint8Array> =>
  snapshotsWith(flags, LEAK_PROGRAM, String(requests))

/** Reads bytes as a worker would, in pieces of `step`. */
export function scanV8(data: Uint8Array, step = 1 << 18): HeapSnapshot {
  const scanner = v8Heapsnapshot.scanner({ plainBytes: data.length })
  for (let at = 0; at < data.length; at += step) scanner.feed(data.subarray(at, at + step))
  return scanner.finish()
}

/** Objects of a class, in order. */
export function objectsOf(heap: HeapSnapshot, className: string, type = 'object'): number[] {
  const found: number[] = []
  for (let object = 0; object < heap.objects; object++)
    if (
      heap.typeNames[heap.type[object]!] === type &&
      heap.strings.text(heap.className[object]!) === className
    )
      found.push(object)
  return found
}

/** Edges of an object as people would write them. */
export function edgesOf(
  heap: HeapSnapshot,
  object: number,
): { kind: string; name: string; to: number; isWeak: boolean }[] {
  const { edges } = heap
  if (edges === undefined) return []
  const list = []
  for (let k = heap.referenceStart[object]!; k < heap.referenceStart[object + 1]!; k++) {
    const kind = edges.kind[k]! & 0x7f
    const name = edges.name[k]!
    list.push({
      kind: edges.kindNames[kind]!,
      name: edges.numberedKinds.has(kind) ? String(name) : heap.strings.text(name),
      to: heap.references[k]!,
      isWeak: (edges.kind[k]! & 0x80) !== 0,
    })
  }
  return list
}
