import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, type WriteStream } from 'node:fs'
import { constants } from 'node:os'
import { basename } from 'node:path'
import { UserError } from '#lib/errors/user-error'
import { readRun } from '#lib/experiments/run'
import { amountWithInterval } from '#lib/experiments/words'
import type { Samples } from '#lib/series/samples'
import { formatBytes, formatCount, formatDuration } from '#lib/units/format'
import { bytes, milliseconds } from '#lib/units/quantity'
import type { RoomAddress } from './room-address.ts'
import { measurableRun, roomExperiment } from './room-experiment.ts'
import type { Terminal } from './terminal.ts'
import { plain } from './text-table.ts'
import { type IterationRule, LineCounter } from './watch-iterations.ts'
import { type LiveLine, RoomSender } from './watch-sender.ts'
import { ProcessTree, type TreeSample } from './watch-tree.ts'

export interface WatchOptions {
  /** Watch what runs already, or … */
  readonly pid?: number | undefined
  /** … start this and watch it. */
  readonly command: readonly string[]
  readonly room?: RoomAddress | undefined
  /** What the process is called on the graph; absent: the command's name. */
  readonly process?: string | undefined
  readonly run?: string | undefined
  /** Number of the experiment in the room: the run is linked to it. */
  readonly experiment?: number | undefined
  readonly condition?: 'A' | 'B' | undefined
  readonly iterations?: IterationRule | undefined
  /** Ends the command after so long. */
  readonly seconds?: number | undefined
  /** Variables for the command beside ours. */
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** The run was looked up already. */
  readonly isChecked?: boolean | undefined
  /** Seconds between samples. */
  readonly every: number
  readonly quiet: boolean
  /** Writes the samples as CSV, too. */
  readonly out?: string | undefined
}

const PSS_EVERY_MS = 10_000
/** For the sentence at the end; a week at one a second is less. */
const MOST_KEPT = 700_000
const FEWEST_TO_SUM_UP = 5
const NOT_STARTED = 127
const KILLED = 128

/**
 * `leakroom watch`: samples a process tree until it ends, prints a line a second on stderr (stdout belongs to the command),
 * streams to a room if one is given, and ends with the command's exit status.
 * @throws UserError cli/no-proc · cli/no-process · cli/experiment · cli/room
 */
export async function watch(given: WatchOptions, terminal: Terminal): Promise<number> {
  if (!ProcessTree.isPossible()) throw new UserError('cli/no-proc')
  const options = given.isChecked ? given : { ...given, condition: await conditionOf(given) }
  if (options.pid === undefined) return watchCommand(options, terminal)
  const tree = new ProcessTree(options.pid)
  if (tree.sample(false) === null) throw new UserError('cli/no-process', { pid: options.pid })
  const watcher = new Watcher(tree, options, terminal)
  let isStopped = false
  const stop = () => {
    isStopped = true
    watcher.stop()
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    await watcher.ended
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
  await watcher.finish()
  if (!isStopped) terminal.err(`Process ${options.pid} has ended.`)
  return 0
}

async function watchCommand(options: WatchOptions, terminal: Terminal): Promise<number> {
  const [program, ...args] = options.command
  const { iterations } = options
  const counters = iterations?.kind === 'lines' ? [0, 1].map(() => new LineCounter(iterations.pattern)) : []
  const output = counters.length > 0 ? 'pipe' : 'inherit'
  const child = spawn(program!, args, {
    stdio: ['inherit', output, output],
    ...(options.environment && { env: { ...process.env, ...options.environment } }),
    // A group of its own can be ended with all that it has started.
    detached: options.seconds !== undefined,
  })
  const ended = statusOf(child)
  if (child.pid === undefined) {
    terminal.err(`leakroom: ${plain(program!)} cannot be started. Is it installed, and may it be executed?`)
    return (await ended) ?? NOT_STARTED
  }
  const [fromOut, fromErr] = counters
  for (const [from, to, counter] of [
    [child.stdout, process.stdout, fromOut],
    [child.stderr, process.stderr, fromErr],
  ] as const) {
    if (!from || !counter) continue
    from.on('data', (chunk: Buffer) => counter.add(chunk))
    from.on('end', () => counter.end())
    // Piped as well, so that a slow reader behind us slows the command and not fills our memory.
    from.pipe(to, { end: false })
  }
  const watcher = new Watcher(new ProcessTree(child.pid), options, terminal, () =>
    counters.reduce((sum, { count }) => sum + count, 0),
  )
  // Ctrl-C reaches the command by itself; we stay until it has ended.
  const timeUp = options.seconds === undefined ? undefined : endAfter(child, options.seconds)
  const forward = () => (timeUp ? timeUp.now() : child.kill('SIGTERM'))
  const onInterrupt = timeUp ? forward : () => {}
  process.on('SIGINT', onInterrupt).on('SIGTERM', forward)
  try {
    const ownStatus = (await ended) ?? NOT_STARTED
    // Its time was up: that is no failure of the command.
    const status = timeUp?.isUp() ? 0 : ownStatus
    watcher.stop()
    await watcher.finish()
    return status
  } finally {
    timeUp?.clear()
    process.off('SIGINT', onInterrupt).off('SIGTERM', forward)
  }
}

/** A program that does not end when it is asked to is ended. */
const GRACE_MS = 10_000

/** Ends a command and all of its group when its time is up. */
function endAfter(child: ChildProcess, seconds: number) {
  let hasTimeUp = false
  const kill = (signal: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal)
    } catch {
      // It has ended already.
    }
  }
  let force: NodeJS.Timeout | undefined
  const now = () => {
    kill('SIGTERM')
    force ??= setTimeout(() => kill('SIGKILL'), GRACE_MS)
  }
  const timer = setTimeout(() => {
    hasTimeUp = true
    now()
  }, seconds * 1000)
  return {
    now,
    isUp: () => hasTimeUp,
    clear() {
      clearTimeout(timer)
      clearTimeout(force)
    },
  }
}

/** The condition as the room has drawn it, when an experiment is named. @throws UserError cli/experiment · cli/room */
async function conditionOf(options: WatchOptions): Promise<'A' | 'B' | undefined> {
  const { room, experiment, run, condition } = options
  if (experiment === undefined || room === undefined) return condition
  return measurableRun(await roomExperiment(room, experiment), Number(run), condition).condition
}

/** The exit status as a shell tells it; null when the command could not be started. */
function statusOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(null))
    // "close" and not "exit": what it wrote last is counted, too.
    child.once('close', (code, signal) => resolve(code ?? KILLED + (signal ? constants.signals[signal] : 0)))
  })
}

/** Takes the samples and passes them on. */
class Watcher {
  readonly ended: Promise<void>
  readonly #tree: ProcessTree
  readonly #options: WatchOptions
  readonly #terminal: Terminal
  readonly #lines: () => number
  readonly #name: string
  /** "2/3A", when it is a run of the room's experiment. */
  readonly #run: string | undefined
  readonly #sender: RoomSender | undefined
  readonly #file: WriteStream | undefined
  readonly #kept = { t: [] as number[], rss: [] as number[], iterations: [] as number[] }
  readonly #startedAt = Date.now()
  readonly #timer: NodeJS.Timeout
  readonly #end: () => void
  #pssAt = Number.NEGATIVE_INFINITY

  constructor(tree: ProcessTree, options: WatchOptions, terminal: Terminal, lines: () => number = () => 0) {
    this.#tree = tree
    this.#options = options
    this.#terminal = terminal
    this.#lines = lines
    this.#name = processName(options, tree.root)
    this.#run =
      options.experiment === undefined
        ? undefined
        : `${options.experiment}/${options.run}${options.condition ?? ''}`
    if (options.room)
      this.#sender = new RoomSender(options.room, { tell: (words) => terminal.err(plain(words)) })
    if (options.out) {
      this.#file = createWriteStream(options.out)
      this.#file.on('error', (error) => terminal.err(`leakroom: ${error.message}`))
      this.#file.write('timestamp,pid,rss_bytes,rss_anon_bytes,pss_bytes,swap_bytes,processes,iterations\n')
    }
    let end = () => {}
    this.ended = new Promise((resolve) => {
      end = resolve
    })
    this.#end = end
    this.#take()
    this.#timer = setInterval(() => this.#take(), options.every * 1000)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#end()
  }

  /** Sends and writes what is left, and says what was seen. */
  async finish(): Promise<void> {
    this.stop()
    if (this.#run !== undefined) this.#sender?.add([{ run: this.#run, end: true, process: this.#name }])
    await Promise.all([this.#sender?.finish(), this.#closeFile()])
    if (this.#kept.t.length >= FEWEST_TO_SUM_UP) this.#terminal.err(this.#summary())
  }

  #take(): void {
    const now = Date.now()
    const wantsPss = now - this.#pssAt >= PSS_EVERY_MS
    const sample = this.#tree.sample(wantsPss)
    if (!sample) {
      this.stop()
      return
    }
    if (wantsPss) this.#pssAt = now
    const iterations = this.#iterations(now)
    if (this.#kept.t.length < MOST_KEPT) {
      this.#kept.t.push(now)
      this.#kept.rss.push(sample.rss)
      this.#kept.iterations.push(iterations ?? 0)
    }
    this.#sender?.add(this.#liveLines(now, sample, iterations))
    const { rss, anon, pss, swap, processes } = sample
    this.#file?.write(
      `${now / 1000},${this.#tree.root},${rss},${anon ?? ''},${pss ?? ''},${swap},${processes},${iterations ?? ''}\n`,
    )
    if (!this.#options.quiet) this.#terminal.err(lineOf(now, sample, iterations))
  }

  #iterations(now: number): number | null {
    const { iterations } = this.#options
    if (!iterations) return null
    if (iterations.kind === 'lines') return this.#lines()
    return Math.floor((now - this.#startedAt) / (iterations.seconds * 1000))
  }

  #liveLines(t: number, { rss, anon, pss, swap }: TreeSample, iterations: number | null): LiveLine[] {
    const whose = {
      t,
      process: this.#name,
      pid: this.#tree.root,
      ...(this.#run !== undefined && { run: this.#run }),
    }
    const line = (series: string, v: number | null, unit: LiveLine['unit'] = 'bytes'): LiveLine[] =>
      v === null ? [] : [{ ...whose, series, v, unit }]
    return [
      ...line('rss', rss),
      ...line('rss_anon', anon),
      ...line('pss', pss),
      // Who never swaps needs no line of zeros.
      ...line('swap', swap === 0 ? null : swap),
      ...line('iterations', iterations, 'count'),
    ]
  }

  async #closeFile(): Promise<void> {
    const file = this.#file
    if (file && !file.destroyed) await new Promise<void>((resolve) => file.end(() => resolve()))
  }

  #summary(): string {
    const t = Float64Array.from(this.#kept.t)
    const memory: Samples = { t, v: Float64Array.from(this.#kept.rss) }
    const counted = this.#options.iterations ? { t, v: Float64Array.from(this.#kept.iterations) } : undefined
    const { words, bytesPerIteration, durationMs, iterations } = readRun(memory, counted)
    const cost = bytesPerIteration
      ? ` ${amountWithInterval(bytesPerIteration, 'per-iteration')}, ${formatCount(iterations)} iterations.`
      : ''
    return `${this.#name}, watched for ${formatDuration(milliseconds(durationMs))}: ${words}${cost}`
  }
}

/** "ruby", and for a run "ruby, run 3 (A)" or "experiment 2, run 3 (A)": runs stay apart on the graph. */
function processName(
  { process: given, command, run, condition, experiment }: WatchOptions,
  pid: number,
): string {
  if (experiment !== undefined) return `experiment ${experiment}, run ${run} (${condition})`
  const name = plain(given ?? (command[0] ? basename(command[0]) : `pid ${pid}`)).slice(0, 80)
  if (run === undefined) return name
  return `${name}, run ${plain(run).slice(0, 20)}${condition ? ` (${condition})` : ''}`
}

function lineOf(now: number, { rss, anon, pss, processes }: TreeSample, iterations: number | null): string {
  const size = (name: string, value: number | null): string[] =>
    value === null ? [] : [`${name} ${formatBytes(bytes(value))}`]
  return [
    new Date(now).toTimeString().slice(0, 8),
    ...size('RSS', rss),
    ...size('anonymous', anon),
    ...size('PSS', pss),
    processes === 1 ? '1 process' : `${processes} processes`,
    ...(iterations === null ? [] : [`${formatCount(iterations)} iterations`]),
  ].join('  ')
}
