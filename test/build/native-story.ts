import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, Socket } from 'node:net'
import { join, resolve } from 'node:path'

const FIXTURE = resolve('test/fixtures/native')
export const AGENTS = resolve('public/agent')

/**
 * What one failed write really takes: an error record of 40 bytes, the text "Connection refused" and a copy of 4,000 bytes, in
 * the allocator's chunks (a header of 8 bytes, steps of 16; glibc on 64 bits): 48 + 32 + 4,016.
 */
export const BYTES_PER_FAILED_WRITE = 4096

/** Compiles the client that leaks into `folder`; `ruby -I folder` finds it. @throws what the compiler said */
export function buildLeakyClient(folder: string): void {
  for (const [program, ...args] of [
    ['ruby', join(FIXTURE, 'extconf.rb')],
    ['make', '--silent'],
  ] as const) {
    const done = spawnSync(program, args, { cwd: folder, encoding: 'utf8' })
    if (done.status !== 0) throw new Error(`${program}: ${done.stdout}${done.stderr}`)
  }
}

/** The arguments of `ruby` that start the application: for so many seconds, or until it is killed. */
export function leakingApp(
  clientFolder: string,
  port: number,
  { writesPerSecond, seconds }: { readonly writesPerSecond: number; readonly seconds?: number },
): string[] {
  const rest = seconds === undefined ? [] : [String(seconds)]
  return ['-I', clientFolder, join(FIXTURE, 'app.rb'), String(port), String(writesPerSecond), ...rest]
}

/** A real memcached on a port of its own that is started and stopped. */
export class Memcached {
  readonly port: number
  #process: ChildProcess | undefined

  constructor(port: number) {
    this.port = port
  }

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    // memcached refuses to run as root.
    const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
    const args = ['-l', '127.0.0.1', '-p', String(this.port), '-U', '0', '-m', '16', '-t', '1', ...user]
    const started = spawn('memcached', args, { stdio: 'ignore' })
    this.#process = started
    while (!(await isOpen(this.port))) {
      if (started.exitCode !== null) throw new Error(`memcached ended with ${started.exitCode}`)
      await new Promise((later) => setTimeout(later, 20))
    }
  }

  /** Resolves when it has gone: from then on every write fails. */
  async stop(): Promise<void> {
    const running = this.#process
    this.#process = undefined
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    const gone = new Promise((ended) => running.once('exit', ended))
    running.kill('SIGTERM')
    await gone
  }
}

const isOpen = (port: number) =>
  new Promise<boolean>((known) => {
    const probe = new Socket()
    probe.once('connect', () => known(true))
    probe.once('error', () => known(false))
    probe.once('close', () => probe.destroy())
    probe.connect(port, '127.0.0.1', () => probe.end())
  })

/** A port that nobody listens on now. */
export const freePort = () =>
  new Promise<number>((found) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => found(address && typeof address === 'object' ? address.port : 0))
    })
  })

/** What the recorded run says of itself: 1,064 bytes a failed write were asked for, with headers at most that. */
export const RECORDED_COST = { least: 1064, most: 1160 } as const

/** A stretch of the recorded run as an agent sends it. */
export interface RecordedPhase {
  readonly from: number
  readonly to: number
  /** The body of a request to `/api/ingest`. */
  readonly lines: string
}

const AGENT_NAMES = [
  ['rss_bytes', 'rss', 'bytes'],
  ['heap_allocated_pages_bytes', 'heap-committed', 'bytes'],
  ['memsize_of_all', 'memsize-of-all', 'bytes'],
  ['gc_count', 'gc-count', 'count'],
  ['requests_total', 'requests', 'count'],
  ['failures_total', 'failures', 'count'],
] as const

/**
 * The recorded run of a Ruby process with this client and a real memcached, a sample a second: memcached runs, is stopped,
 * runs again. In the words of the Ruby agent, its times moved so that it has just ended.
 */
export function recordedStory(process: string, endsAt: number): readonly RecordedPhase[] {
  const [head = '', ...rows] = readFileSync('test/fixtures/series/rss-3phase.csv', 'utf8').trim().split('\n')
  const columns = head.split(',')
  const cells = rows.map((row) => row.split(','))
  const at = (row: readonly string[], name: string) => row[columns.indexOf(name)] ?? ''
  const later = endsAt - 1000 * Number(at(cells[cells.length - 1] ?? [], 'timestamp'))
  const phases: { from: number; to: number; lines: string; name: string }[] = []
  for (const row of cells) {
    const t = Math.round(1000 * Number(at(row, 'timestamp')) + later)
    const name = at(row, 'phase')
    if (phases[phases.length - 1]?.name !== name) phases.push({ name, from: t, to: t, lines: '' })
    const phase = phases[phases.length - 1]!
    phase.to = t
    for (const [column, series, unit] of AGENT_NAMES)
      phase.lines += `${JSON.stringify({ t, series, v: Number(at(row, column)), unit, process, pid: 4711 })}\n`
  }
  return phases
}
