import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Worker } from 'node:worker_threads'
import { captureTables } from '#lib/findings/capture'
import { encodeGenerationTable } from '#lib/findings/generations'
import { encodeGroupTable } from '#lib/findings/group-table'
import { encodeIdentityTable } from '#lib/findings/identity-table'
import { encodeOwnerTree } from '#lib/findings/owner-tree'
import { scanSource } from '#lib/formats/format'
import { lineRanges } from '#lib/formats/ranges'
import { rubyObjspace } from '#lib/formats/ruby-objspace/index'
import { pathTo, shortestPaths } from '#lib/heap/paths'
import { retention } from '#lib/heap/retention'
import type { HeapSnapshot } from '#lib/heap/snapshot'
import { warmDump, warmUp } from '#lib/jobs/warm-dump'
import { openHeapColumns, writeHeapColumns } from '#lib/storage/heap-columns'
import type { RangeRequest } from './range-thread.ts'

/** Milliseconds by step, in the order in which the steps were done. `stored` and `peakBytes` (up to the tables) are bytes. */
export type Lap = Record<string, number>
export const MODES = ['read', 'newlines', 'analyse', 'two-threads'] as const
export type Mode = (typeof MODES)[number]

/** One process's work: laps as JSON, then the peak of its resident memory. */
export async function laps(mode: Mode, path: string, count: number): Promise<void> {
  // As the worker pool does between two files: V8 is in no hurry to give back column memory that nobody uses.
  setFlagsFromString('--expose-gc')
  // reason: the flag above makes `gc` exist; the types do not know of it.
  const collect = runInNewContext('gc') as () => void
  const helper = mode === 'two-threads' ? rangeThread() : undefined
  // More than one lap: a thread as the worker pool has it, which has read a made-up file before.
  if (count > 1) warmUp(warmDump())
  const done: Lap[] = []
  for (let lap = 0; lap < count; lap++) {
    if (mode === 'read' || mode === 'newlines') done.push({ total: readOnly(path, mode === 'newlines') })
    else if (helper) done.push(await analyse(path, (size) => scanInTwo(path, size, helper)))
    else done.push(await analyse(path, (size) => scanAlone(path, size)))
    collect()
  }
  console.log(JSON.stringify({ laps: done, peakBytes: process.resourceUsage().maxRSS * 1024 }))
  await helper?.terminate()
}

/** A thread does not inherit tsx's hooks from this process: it has to load them itself. */
function rangeThread(): Worker {
  const file = JSON.stringify(new URL('./range-thread.ts', import.meta.url).href)
  return new Worker(`import('tsx/esm/api').then(({ register }) => { register(); return import(${file}) })`, {
    eval: true,
    execArgv: [],
  })
}

interface Scan {
  readonly snapshot: HeapSnapshot
  /** Without linking. */
  readonly ms: number
}

/** File → snapshot → dominators → tables → columns, once, and what a page needs from the columns again. */
async function analyse(path: string, scan: (size: number) => Promise<Scan>): Promise<Lap> {
  const started = performance.now()
  const { snapshot, ms } = await scan(statSync(path).size)
  const linked = performance.now()
  const kept = retention(snapshot)
  const dominated = performance.now()
  const tables = captureTables(snapshot, kept)
  const grouped = performance.now()
  const peakBytes = process.resourceUsage().maxRSS * 1024
  encodeGroupTable(tables.groups)
  encodeIdentityTable(tables.identities)
  encodeGenerationTable(tables.generations)
  if (tables.owners) encodeOwnerTree(tables.owners)
  const encoded = performance.now()
  const folder = mkdtempSync(join(tmpdir(), 'leakroom-bench-'))
  const columns = join(folder, 'columns')
  const { size } = await writeHeapColumns(columns, snapshot, kept)
  const written = performance.now()
  const again = openHeapColumns(columns)
  void again.retention.retainedBytes
  const reopened = performance.now()
  pathTo(again.snapshot, shortestPaths(again.snapshot), snapshot.objects >> 1)
  const answered = performance.now()
  rmSync(folder, { recursive: true })
  return {
    scan: ms,
    link: linked - started - ms,
    dominators: dominated - linked,
    tables: grouped - dominated,
    analysed: grouped - started,
    encode: encoded - grouped,
    write: written - encoded,
    reopen: reopened - written,
    'first path': answered - reopened,
    stored: size,
    peakBytes,
  }
}

async function scanAlone(path: string, size: number): Promise<Scan> {
  const file = openSync(path, 'r')
  const source = { size, read: (into: Uint8Array) => readSync(file, into, 0, into.length, null) }
  const started = performance.now()
  let scanned = started
  const snapshot = scanSource(source, rubyObjspace.scanner({ plainBytes: size }), () => {
    scanned = performance.now()
  })
  closeSync(file)
  return { snapshot, ms: scanned - started }
}

/** The first half here, the second half in another thread. */
async function scanInTwo(path: string, size: number, helper: Worker): Promise<Scan> {
  const started = performance.now()
  const file = openSync(path, 'r')
  const readAt = (into: Uint8Array, offset: number) => readSync(file, into, 0, into.length, offset)
  const [first, second] = lineRanges(size, 2, readAt)
  if (!first || !second) return scanAlone(path, size)
  const other = new Promise<unknown>((resolve, reject) => {
    helper.once('message', resolve)
    helper.once('error', reject)
  })
  helper.postMessage({ path, range: second } satisfies RangeRequest)
  const scanner = rubyObjspace.rangeScanner!({ plainBytes: size })
  for (let at = 0; at < first.end; ) {
    const space = scanner.space()
    const count = readSync(file, space, 0, Math.min(space.length, first.end - at), at)
    scanner.wrote(count)
    at += count
  }
  closeSync(file)
  scanner.append(await other)
  const ms = performance.now() - started
  return { snapshot: scanner.finish(), ms }
}

/** The physical limit: one buffer of 256 KiB, filled again and again, with or without looking for newlines. */
function readOnly(path: string, isCounting: boolean): number {
  const started = performance.now()
  const file = openSync(path, 'r')
  const buffer = Buffer.alloc(1 << 18)
  for (;;) {
    const count = readSync(file, buffer, 0, buffer.length, null)
    if (count === 0) break
    const piece = buffer.subarray(0, count)
    if (isCounting) for (let at = piece.indexOf(10); at >= 0; ) at = piece.indexOf(10, at + 1)
  }
  closeSync(file)
  return performance.now() - started
}
