/**
 * Reads a large Ruby heap dump from the file to its stored tables, beside the physical limit and `heapy read`, all in
 * one run: `npx tsx bench/parse/ruby.ts [DUMP] [--customers N]`. Without DUMP it makes one of about 545 MB with
 * bench/programs/huge.rb (needs ruby and ruby-activesupport) in the system's temporary folder.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readSync, statSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { captureTables } from '#lib/findings/capture'
import { encodeGenerationTable } from '#lib/findings/generations'
import { encodeGroupTable } from '#lib/findings/group-table'
import { encodeIdentityTable } from '#lib/findings/identity-table'
import { scanSource } from '#lib/formats/format'
import { rubyObjspace } from '#lib/formats/ruby-objspace/index'

const REPETITIONS = 7

interface Lap {
  scanMs: number
  totalMs: number
}

/** File → snapshot → tables → bytes to be stored, once. */
function analyse(path: string): Lap {
  const started = performance.now()
  const size = statSync(path).size
  const file = openSync(path, 'r')
  const source = { size, read: (into: Uint8Array) => readSync(file, into, 0, into.length, null) }
  const scanner = rubyObjspace.scanner({ plainBytes: size })
  const scanning = performance.now()
  let scanned = scanning
  const snapshot = scanSource(source, scanner, () => {
    scanned = performance.now()
  })
  const tables = captureTables(snapshot)
  encodeGroupTable(tables.groups)
  encodeIdentityTable(tables.identities)
  encodeGenerationTable(tables.generations)
  closeSync(file)
  return { scanMs: scanned - scanning, totalMs: performance.now() - started }
}

/** The physical limit: one buffer of 256 KiB, filled again and again, with or without looking for newlines. */
function readOnly(path: string, isCounting: boolean): Lap {
  const started = performance.now()
  const file = openSync(path, 'r')
  const buffer = Buffer.alloc(1 << 18)
  let newlines = 0
  for (;;) {
    const count = readSync(file, buffer, 0, buffer.length, null)
    if (count === 0) break
    const piece = buffer.subarray(0, count)
    if (isCounting) for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) newlines++
  }
  closeSync(file)
  const totalMs = performance.now() - started
  return { scanMs: isCounting ? newlines : 0, totalMs }
}

/** In a process of its own: laps as JSON, then the peak of its resident memory. */
function child(mode: string, path: string, laps: number): void {
  // As the worker pool does between two files: V8 is in no hurry to give back column memory that nobody uses.
  setFlagsFromString('--expose-gc')
  // reason: the flag above makes `gc` exist; the types do not know of it.
  const collect = runInNewContext('gc') as () => void
  const done: Lap[] = []
  for (let lap = 0; lap < laps; lap++) {
    done.push(mode === 'analyse' ? analyse(path) : readOnly(path, mode === 'newlines'))
    collect()
  }
  console.log(JSON.stringify({ laps: done, peakBytes: process.resourceUsage().maxRSS * 1024 }))
}

function inProcess(mode: string, path: string, laps: number): { laps: Lap[]; peakBytes: number } {
  const args = [...process.execArgv, import.meta.filename, '--child', mode, path, String(laps)]
  // reason: our own child's own output.
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as {
    laps: Lap[]
    peakBytes: number
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1]!
}

function row(what: string, ms: readonly number[], size: number, peakBytes: number): void {
  const middle = median(ms)
  const cells = [
    what,
    `${middle.toFixed(0)} ms`,
    `${Math.min(...ms).toFixed(0)}–${Math.max(...ms).toFixed(0)}`,
    `${(size / 1e6 / middle).toFixed(2)} GB/s`,
    `${(peakBytes / 1e6).toFixed(0)} MB`,
    `${(peakBytes / size).toFixed(2)}`,
  ]
  console.log(`| ${cells.join(' | ')} |`)
}

/** Wall time and peak memory of Debian's heapy, by GNU time. */
function heapy(path: string): { ms: number; peakBytes: number } | undefined {
  const started = performance.now()
  const run = spawnSync('/usr/bin/time', ['-f', '%M', 'heapy', 'read', path], { encoding: 'utf8' })
  if (run.status !== 0) return undefined
  return { ms: performance.now() - started, peakBytes: Number(run.stderr.trim().split('\n').at(-1)) * 1024 }
}

function dumpPath(given: string | undefined): string {
  if (given !== undefined) return given
  const folder = join(tmpdir(), 'leakroom-bench')
  const path = join(folder, 'huge-1.json')
  if (existsSync(path)) return path
  mkdirSync(folder, { recursive: true })
  execFileSync('ruby', [join(import.meta.dirname, '../programs/huge.rb'), folder, '66000'], {
    stdio: 'inherit',
  })
  return path
}

function main(): void {
  const path = dumpPath(process.argv[2])
  const size = statSync(path).size
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, commit ${commit}`,
  )
  console.log(`${path}: ${(size / 1e6).toFixed(0)} MB, warm page cache, median of ${REPETITIONS}\n`)
  console.log('| what | median | range (ms) | speed | peak RSS | of the file |\n|---|---|---|---|---|---|')
  for (const [mode, what] of [
    ['read', 'limit: read the file'],
    ['newlines', 'limit: read and find newlines'],
  ] as const) {
    const { laps, peakBytes } = inProcess(mode, path, REPETITIONS)
    row(
      what,
      laps.map((lap) => lap.totalMs),
      size,
      peakBytes,
    )
  }
  const cold = Array.from({ length: REPETITIONS }, () => inProcess('analyse', path, 1))
  const coldPeak = Math.max(...cold.map((one) => one.peakBytes))
  row(
    'scan, first file of a process',
    cold.map((one) => one.laps[0]!.scanMs),
    size,
    coldPeak,
  )
  row(
    'file → stored tables, first file of a process',
    cold.map((one) => one.laps[0]!.totalMs),
    size,
    coldPeak,
  )
  const warm = inProcess('analyse', path, REPETITIONS + 1)
  row(
    'scan, warm',
    warm.laps.slice(1).map((lap) => lap.scanMs),
    size,
    warm.peakBytes,
  )
  row(
    'file → stored tables, warm',
    warm.laps.slice(1).map((lap) => lap.totalMs),
    size,
    warm.peakBytes,
  )
  const peer = heapy(path)
  if (peer !== undefined) row('`heapy read` (Debian ruby-heapy, one run)', [peer.ms], size, peer.peakBytes)
  else console.log('| `heapy read` | not installed | | | | |')
}

if (process.argv[2] === '--child') child(process.argv[3]!, process.argv[4]!, Number(process.argv[5]))
else main()
