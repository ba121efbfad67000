import { once } from 'node:events'
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel, Worker } from 'node:worker_threads'
import { encodeGenerationTable } from '#lib/findings/generations'
import { encodeGroupTable } from '#lib/findings/group-table'
import { growth } from '#lib/findings/growth'
import type { GrowthCapture } from '#lib/findings/growth-model'
import { encodeIdentityTable } from '#lib/findings/identity-table'
import { encodeOwnerTree } from '#lib/findings/owner-tree'
import { scanSource } from '#lib/formats/format'
import { rubyObjspace } from '#lib/formats/ruby-objspace/index'
import { pathTo, shortestPaths } from '#lib/heap/paths'
import type { Retention } from '#lib/heap/retention'
import type { HeapSnapshot } from '#lib/heap/snapshot'
import { collectGarbage } from '#lib/jobs/collect-garbage'
import { SecondThread } from '#lib/jobs/second-thread'
import { scanShared } from '#lib/jobs/shared-scan'
import { sharedTables } from '#lib/jobs/shared-tables'
import type { HelpTask } from '#lib/jobs/tasks'
import { warmDump, warmUp } from '#lib/jobs/warm-dump'
import { openHeapColumns, writeHeapColumns } from '#lib/storage/heap-columns'

/** Milliseconds by step, in the order in which the steps were done. `stored` and `peakBytes` (up to the tables) are bytes. */
export type Lap = Record<string, number>
export const MODES = ['read', 'newlines', 'analyse', 'two-threads', 'two-dumps'] as const
export type Mode = (typeof MODES)[number]

/** One process's work: laps as JSON, then the peak of its resident memory. */
export async function laps(mode: Mode, path: string, count: number, other?: string): Promise<void> {
  const helper = mode === 'two-threads' ? threadOf('./second-thread.ts') : undefined
  const readers = mode === 'two-dumps' ? [0, 1].map(() => threadOf('./dump-thread.ts')) : []
  // More than one lap: a thread as the worker pool has it, which has read a made-up file before.
  if (count > 1) warmUp(warmDump())
  const done: Lap[] = []
  for (let lap = 0; lap < count; lap++) {
    if (mode === 'read' || mode === 'newlines') done.push({ total: readOnly(path, mode === 'newlines') })
    else if (other) done.push(await compareDumps([path, other], readers))
    else done.push(await analyse(path, helper))
    collectGarbage()
  }
  console.log(JSON.stringify({ laps: done, peakBytes: process.resourceUsage().maxRSS * 1024 }))
  await Promise.all([helper, ...readers].map((thread) => thread?.terminate()))
}

/** A thread does not inherit tsx's hooks from this process: it has to load them itself. */
function threadOf(entry: string): Worker {
  const file = JSON.stringify(new URL(entry, import.meta.url).href)
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
async function analyse(path: string, helper: Worker | undefined): Promise<Lap> {
  const { port1, port2 } = new MessageChannel()
  helper?.postMessage({ kind: 'help', path, port: port2 } satisfies HelpTask, [port2])
  const second = helper && new SecondThread(port1)
  const started = performance.now()
  const { snapshot, ms } = second ? await scanInTwo(path, second) : scanAlone(path)
  const linked = performance.now()
  let dominated = linked
  let kept: Retention | undefined
  const tables = await sharedTables(snapshot, second, (found) => {
    dominated = performance.now()
    kept = found
  })
  const grouped = performance.now()
  port1.close()
  port2.close()
  if (!kept) throw new Error('dominators were not found')
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

function scanAlone(path: string): Scan {
  const file = openSync(path, 'r')
  const { size } = fstatSync(file)
  const source = { size, read: (into: Uint8Array) => readSync(file, into, 0, into.length, null) }
  const started = performance.now()
  let scanned = started
  const snapshot = scanSource(source, rubyObjspace.scanner({ plainBytes: size }), () => {
    scanned = performance.now()
  })
  closeSync(file)
  return { snapshot, ms: scanned - started }
}

async function scanInTwo(path: string, second: SecondThread): Promise<Scan> {
  const { id, rangeScanner } = rubyObjspace
  if (!rangeScanner) throw new Error('Ruby dumps are read in ranges')
  const started = performance.now()
  let read = started
  const snapshot = await scanShared({ path }, { id, rangeScanner }, second, () => {
    read = performance.now()
  })
  if (!snapshot) throw new Error(`${path} cannot be cut`)
  return { snapshot, ms: read - started }
}

/** Two dumps from their files to the growth report: each in a warm thread of its own, compared here. */
async function compareDumps(paths: readonly string[], threads: readonly Worker[]): Promise<Lap> {
  const started = performance.now()
  const read = await Promise.all(
    paths.map(async (path, index) => {
      const thread = threads[index]!
      thread.postMessage(path)
      const [tables] = (await once(thread, 'message')) as [GrowthCapture]
      return tables
    }),
  )
  const opened = performance.now()
  growth(read)
  const compared = performance.now()
  return { read: opened - started, compare: compared - opened, total: compared - started }
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
