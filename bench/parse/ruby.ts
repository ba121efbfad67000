/**
 * Reads a large Ruby heap dump from the file to dominators, tables and stored columns, beside the physical limit and
 * `heapy read`, all in one run: `npx tsx bench/parse/ruby.ts [DUMP] [REPETITIONS] [LATER]`. With LATER, a dump of the same
 * process, it also compares the two, and runs the command line on both. Without DUMP it makes one of about
 * 545 MB with bench/programs/huge.rb (needs ruby and ruby-activesupport) in the system's temporary folder.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Lap, laps, MODES, type Mode } from './ruby-laps.ts'

interface Run {
  readonly laps: readonly Lap[]
  readonly peakBytes: number
}

function inProcess(mode: Mode, path: string, count: number, other: readonly string[] = []): Run {
  const args = [...process.execArgv, import.meta.filename, '--child', mode, path, String(count), ...other]
  // reason: our own child's own output.
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Run
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1]!
}

/** One line of the table. The speed is that of the plain text of the dump. */
function row(what: string, ms: readonly number[], size: number, peakBytes?: number): void {
  const middle = median(ms)
  const cells = [
    what,
    `${middle.toFixed(0)} ms`,
    `${Math.min(...ms).toFixed(0)}–${Math.max(...ms).toFixed(0)}`,
    `${(size / 1e6 / middle).toFixed(2)} GB/s`,
    peakBytes === undefined ? '' : `${(peakBytes / 1e6).toFixed(0)} MB`,
    peakBytes === undefined ? '' : `${(peakBytes / size).toFixed(2)}`,
  ]
  console.log(`| ${cells.join(' | ')} |`)
}

/** Every step of some laps, then the peak beside the one that people wait for. */
function steps(title: string, ran: readonly Lap[], size: number): void {
  const peakBytes = Math.max(...ran.map((lap) => lap.peakBytes!))
  for (const step of Object.keys(ran[0]!)) {
    if (step === 'stored' || step === 'peakBytes') continue
    row(
      `${title}: ${step === 'analysed' ? '**scan to tables**' : step}`,
      ran.map((lap) => lap[step]!),
      size,
      step === 'analysed' ? peakBytes : undefined,
    )
  }
}

/** Two dumps to their growth report: in warm threads, and by the command line as a process that knows nothing yet. */
function twoDumps(path: string, later: string, repetitions: number): void {
  const size = statSync(path).size + statSync(later).size
  const { laps: ran } = inProcess('two-dumps', path, repetitions + 1, [later])
  for (const step of Object.keys(ran[0]!))
    row(
      `two dumps, two warm threads: ${step}`,
      ran.slice(1).map((lap) => lap[step]!),
      size,
    )
  const bin = join(import.meta.dirname, '../../bin/leakroom.mjs')
  const alone = Array.from({ length: repetitions }, () => {
    const started = performance.now()
    execFileSync(process.execPath, [bin, 'analyze', path, later, '--json'], { maxBuffer: 2 ** 30 })
    return performance.now() - started
  })
  row('two dumps, `leakroom analyze`, whole process', alone, size)
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
  const repetitions = Number(process.argv[3] ?? 7)
  const size = statSync(path).size
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  const load = loadavg().map((one) => one.toFixed(1))
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model.trim()}, load average ${load.join(' ')}, Node ${process.version}, commit ${commit}`,
  )
  console.log(`${path}: ${(size / 1e6).toFixed(0)} MB, warm page cache, median of ${repetitions}\n`)
  console.log('| what | median | range (ms) | speed | peak RSS | of the file |\n|---|---|---|---|---|---|')
  for (const [mode, what] of [
    ['read', 'limit: read the file'],
    ['newlines', 'limit: read and find newlines'],
  ] as const) {
    const { laps: ran, peakBytes } = inProcess(mode, path, repetitions)
    row(
      what,
      ran.map((lap) => lap.total!),
      size,
      peakBytes,
    )
  }
  const cold = Array.from({ length: repetitions }, () => inProcess('analyse', path, 1))
  steps(
    'first file',
    cold.map((one) => one.laps[0]!),
    size,
  )
  for (const [mode, title] of [
    ['analyse', 'warm'],
    ['two-threads', 'warm, two threads'],
  ] as const) {
    const { laps: ran } = inProcess(mode, path, repetitions + 1)
    steps(title, ran.slice(1), size)
  }
  const later = process.argv[4]
  if (later !== undefined) twoDumps(path, later, repetitions)
  const stored = cold[0]!.laps[0]!.stored!
  console.log(
    `\nStored columns: ${(stored / 1e6).toFixed(1)} MB, ${((stored / size) * 100).toFixed(2)} % of the dump.`,
  )
  const peer = heapy(path)
  if (peer === undefined) console.log('heapy is not installed.')
  else row('`heapy read` (Debian ruby-heapy, one run)', [peer.ms], size, peer.peakBytes)
}

const [, , first, mode, path, count, other] = process.argv
const isMode = (word: string | undefined): word is Mode => MODES.some((one) => one === word)
if (first === '--child' && isMode(mode)) await laps(mode, path!, Number(count), other)
else main()
