/**
 * Reads a large V8 heap snapshot from the file to dominators, retained sizes and groups, beside the physical limit and its
 * peers (DevTools' own worker, memlab), all in one run:
 * `npm install --prefix bench/peers/v8 --ignore-scripts && npx tsx bench/parse/v8.ts [SNAPSHOT] [--no-peers]`.
 * Without SNAPSHOT it makes one of about 650 MB with test/fixtures/v8/leak.cjs in the system's temporary folder.
 *
 * Everything runs in processes of their own, bundled for plain Node as our workers are.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readSync, statSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { captureTables } from '#lib/findings/capture'
import { encodeGenerationTable } from '#lib/findings/generations'
import { encodeGroupTable } from '#lib/findings/group-table'
import { groupedObjects } from '#lib/findings/groups'
import { encodeIdentityTable } from '#lib/findings/identity-table'
import { scanSource } from '#lib/formats/format'
import { v8Heapsnapshot } from '#lib/formats/v8-heapsnapshot/index'
import { retention } from '#lib/heap/retention'

const TOP = join(import.meta.dirname, '../..')
const REPETITIONS = 5

/** Milliseconds from the start of a lap to the end of each step. */
type Lap = Readonly<Record<Step, number>>
type Step = 'scanned' | 'linked' | 'retained' | 'grouped' | 'stored'
const STEPS: readonly Step[] = ['scanned', 'linked', 'retained', 'grouped', 'stored']

/** File → snapshot → dominators and retained sizes → histogram; with `isStored` also all that is kept of a capture. */
function analyse(path: string, isStored: boolean): Lap {
  const started = performance.now()
  const since = (): number => performance.now() - started
  const size = statSync(path).size
  const file = openSync(path, 'r')
  const source = { size, read: (into: Uint8Array) => readSync(file, into, 0, into.length, null) }
  let scanned = 0
  const snapshot = scanSource(source, v8Heapsnapshot.scanner({ plainBytes: size }), () => {
    scanned = since()
  })
  const linked = since()
  const kept = retention(snapshot)
  const retained = since()
  groupedObjects(snapshot)
  const grouped = since()
  if (isStored) {
    const tables = captureTables(snapshot, kept)
    encodeGroupTable(tables.groups)
    encodeIdentityTable(tables.identities)
    encodeGenerationTable(tables.generations)
  }
  closeSync(file)
  return { scanned, linked, retained, grouped, stored: since() }
}

/** The physical limit: one buffer of 256 KiB, filled again and again. */
function readOnly(path: string): Lap {
  const started = performance.now()
  const file = openSync(path, 'r')
  const buffer = Buffer.alloc(1 << 18)
  while (readSync(file, buffer, 0, buffer.length, null) > 0);
  closeSync(file)
  const done = performance.now() - started
  return { scanned: done, linked: done, retained: done, grouped: done, stored: done }
}

/** In a process of its own: laps as JSON, then the peak of its resident memory. */
function child(mode: string, path: string, laps: number): void {
  // As the worker pool does between two files: V8 is in no hurry to give back column memory that nobody uses.
  setFlagsFromString('--expose-gc')
  // reason: the flag above makes `gc` exist; the types do not know of it.
  const collect = runInNewContext('gc') as () => void
  const done: Lap[] = []
  for (let lap = 0; lap < laps; lap++) {
    done.push(mode === 'read' ? readOnly(path) : analyse(path, mode === 'tables'))
    collect()
  }
  console.log(JSON.stringify({ laps: done, peakBytes: process.resourceUsage().maxRSS * 1024 }))
}

interface Measured {
  readonly laps: readonly Lap[]
  readonly peakBytes: number
}

/** This file as one plain module, once per run. */
async function bundle(): Promise<string> {
  const outfile = join(tmpdir(), 'leakroom-bench', 'v8-bench.mjs')
  // Only the parent bundles; the bundle, in another folder, would not find it.
  const { build } = await import('esbuild')
  await build({
    entryPoints: [fileURLToPath(import.meta.url)],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['esbuild'],
    outfile,
    logLevel: 'silent',
    tsconfig: join(TOP, 'tsconfig.json'),
  })
  return outfile
}

function inProcess(module: string, mode: string, path: string, laps: number): Measured {
  const args = ['--max-old-space-size=4096', module, '--child', mode, path, String(laps)]
  // reason: our own child's own output.
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', cwd: TOP })) as Measured
}

/** Wall time and peak memory of another program, which prints what it found on its last line. */
function peer(script: string, path: string): { ms: number; peakBytes: number; found: string } | undefined {
  if (script.includes('memlab') && !existsSync(join(TOP, 'bench/peers/v8/node_modules/@memlab')))
    return undefined
  const started = performance.now()
  const args = ['--import', 'tsx', '--max-old-space-size=12000', join(TOP, 'bench', script), path]
  const run = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: TOP })
  if (run.status !== 0) return undefined
  const ms = performance.now() - started
  // reason: that is what parse/v8-devtools.ts and peers/v8 print.
  const { peakBytes, found } = JSON.parse(run.stdout.trim().split('\n').at(-1) ?? '{}') as {
    peakBytes: number
    found: string
  }
  return { ms, peakBytes, found }
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
    `${(size / 1e3 / middle).toFixed(0)} MB/s`,
    `${(peakBytes / 1e6).toFixed(0)} MB`,
    `${(peakBytes / size).toFixed(2)}`,
  ]
  console.log(`| ${cells.join(' | ')} |`)
}

function snapshotPath(given: string | undefined): string {
  if (given !== undefined) return given
  const folder = join(tmpdir(), 'leakroom-bench')
  const path = join(folder, '2-later.heapsnapshot')
  if (existsSync(path)) return path
  mkdirSync(folder, { recursive: true })
  const program = join(TOP, 'test/fixtures/v8/leak.cjs')
  const args = ['--expose-gc', '--max-old-space-size=8192', program, folder, '400000', '2']
  execFileSync(process.execPath, args, { stdio: 'inherit' })
  return path
}

async function main(args: readonly string[]): Promise<void> {
  const path = snapshotPath(args.find((argument) => !argument.startsWith('--')))
  const size = statSync(path).size
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', cwd: TOP }).trim()
  const module = await bundle()
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, commit ${commit}, load average ${loadavg()[0]?.toFixed(1)}`,
  )
  console.log(`${path}: ${(size / 1e6).toFixed(0)} MB, warm page cache, median of ${REPETITIONS}\n`)
  console.log('| what | median | range (ms) | speed | peak RSS | of the file |\n|---|---|---|---|---|---|')
  const at = (measured: readonly Measured[], step: Step): number[] =>
    measured.flatMap(({ laps }) => laps.map((lap) => lap[step]))
  const limit = inProcess(module, 'read', path, REPETITIONS)
  row('limit: read the file', at([limit], 'scanned'), size, limit.peakBytes)
  const words: Readonly<Record<Step, string>> = {
    scanned: 'scan',
    linked: '… and names, sites, what keeps alive',
    retained: '… and dominators, retained sizes',
    grouped: '**… and histogram: all of it**',
    stored: '',
  }
  const firsts = Array.from({ length: REPETITIONS }, () => inProcess(module, 'analyse', path, 1))
  const peak = Math.max(...firsts.map(({ peakBytes }) => peakBytes))
  for (const step of STEPS.slice(0, 4)) row(`first file: ${words[step]}`, at(firsts, step), size, peak)
  const warm = inProcess(module, 'analyse', path, REPETITIONS + 1)
  const warmOnes = [{ ...warm, laps: warm.laps.slice(1) }]
  for (const step of STEPS.slice(0, 4)) row(`warm: ${words[step]}`, at(warmOnes, step), size, warm.peakBytes)
  const tables = Array.from({ length: 3 }, () => inProcess(module, 'tables', path, 1))
  row(
    'first file: … to stored tables (median of 3)',
    at(tables, 'stored'),
    size,
    Math.max(...tables.map(({ peakBytes }) => peakBytes)),
  )
  if (args.includes('--no-peers')) return
  for (const [script, what] of [
    ['parse/v8-devtools.ts', "DevTools' own worker, process wall, one run"],
    ['peers/v8/memlab.mjs', 'memlab 2.0.5, process wall, one run'],
  ] as const) {
    const measured = peer(script, path)
    if (measured === undefined) console.log(`| ${what} | not installed, or failed | | | | |`)
    else {
      const before = median(at(firsts, 'grouped'))
      row(
        `${what}: ${(measured.ms / before).toFixed(1)} × (${measured.found})`,
        [measured.ms],
        size,
        measured.peakBytes,
      )
    }
  }
}

if (process.argv[2] === '--child') child(process.argv[3]!, process.argv[4]!, Number(process.argv[5]))
else await main(process.argv.slice(2))
