import { readFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { siteOfGroup, siteWords } from '#lib/findings/group-table'
import { readStacks, type StackReading } from '#lib/formats/stack-index'
import type { StackKind, StackMeasure } from '#lib/stacks/stack-profile'
import { kindTotals } from '#lib/stacks/totals'

const FOLDER = join(import.meta.dirname, '../fixtures/stacks')

/** Every fixture, by its path below test/fixtures/stacks. */
export const STACK_FILES = [
  'valgrind/memcheck-driver.xml',
  'valgrind/memcheck-driver-later.xml',
  'valgrind/memcheck-errors.xml',
  'valgrind/massif-driver.out',
  'valgrind/massif-driver-pages.out',
  'pprof/go-base.pb.gz',
  'pprof/go-later.pb.gz',
  'pprof/go-goroutine.pb.gz',
  'pprof/tc-0002.pb.gz',
  'pprof/tc-0007.pb.gz',
  'gperftools/tc.0002.heap',
  'gperftools/tc.0007.heap',
  'jemalloc/je-first.heap',
  'jemalloc/je-final.heap',
] as const

/** A fixture's plain bytes. */
export function stackFile(path: string): Uint8Array {
  const stored = readFileSync(join(FOLDER, path))
  return new Uint8Array(path.endsWith('.gz') ? gunzipSync(stored) : stored)
}

export const textBytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Recognised and read, as an uploaded file is. */
export const readStackBytes = (content: Uint8Array, name = 'capture'): StackReading =>
  readStacks(content, content.subarray(0, 4096), name)

export const readStackFile = (path: string): StackReading => readStackBytes(stackFile(path), path)

/** One number of one kind; 0 when the kind does not occur. */
export function totalOf({ profile }: StackReading, kind: StackKind, measure: StackMeasure): number {
  return kindTotals(profile).find((total) => total.kind === kind)?.totals[measure] ?? 0
}

/** "type · class · site" → count and bytes, largest first. */
export function groupLines({ groups }: StackReading): { group: string; count: number; bytes: number }[] {
  return Array.from(groups.type, (type, index) => ({
    group: `${groups.typeNames[type]} · ${groups.classNames[groups.className[index]!]} · ${siteWords(siteOfGroup(groups, index))}`,
    count: groups.count[index]!,
    bytes: groups.bytes[index]!,
  })).sort((a, b) => b.bytes - a.bytes || b.count - a.count)
}

/** A V8 sampling profile of this process, in which `keepRecords` keeps 20,000 objects. */
export function takeHeapProfile(): Uint8Array {
  const session = new Session()
  session.connect()
  let text = ''
  session.post('HeapProfiler.startSampling', { samplingInterval: 512 })
  const kept = keepRecords()
  session.post('HeapProfiler.stopSampling', (_error, { profile }) => {
    text = JSON.stringify(profile)
  })
  session.disconnect()
  if (kept.length === 0) throw new Error('nothing was kept')
  return textBytes(text)
}

function keepRecords(): unknown[] {
  const kept: unknown[] = []
  for (let index = 0; index < 20_000; index++) kept.push({ index, payload: new Array(16).fill(index) })
  return kept
}
