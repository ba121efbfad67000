import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { UserError } from '#lib/errors/user-error'
import { analyze } from './analyze.ts'
import { dominators } from './dominators.ts'
import { experiment } from './experiment.ts'
import { growthCondition } from './growth-condition.ts'
import { path } from './path.ts'
import { roomAddress } from './room-address.ts'
import { judge, series } from './series.ts'
import { JUDGEMENT } from './series-shape.ts'
import { sizeOf } from './size.ts'
import { EXIT, type Terminal } from './terminal.ts'
import { upload } from './upload.ts'
import { watch } from './watch.ts'
import { type IterationRule, iterationRule } from './watch-iterations.ts'

const PROCESS: Terminal = {
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
}

/**
 * Runs the command line and answers the exit status; never throws. Bad input is one sentence on stderr: what, where, what
 * to do.
 */
export async function main(args: readonly string[], terminal: Terminal = PROCESS): Promise<number> {
  let status: number = EXIT.done
  let badInput: number = EXIT.badInput
  const program = commands(terminal, {
    end(value) {
      status = value
    },
    onBadInput(value) {
      badInput = value
    },
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
    return status
  } catch (error) {
    // Commander has told the usage itself; asking for help is no mistake.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
    terminal.err(`leakroom: ${sentence(error)}`)
    return badInput
  }
}

/** How a command ends: with which status, and with which one when its input is bad. */
interface Ending {
  readonly end: (status: number) => void
  readonly onBadInput: (status: number) => void
}

function commands(terminal: Terminal, { end, onBadInput }: Ending): Command {
  const program = new Command('leakroom')
    .description(
      'Finds out what grows: in memory graphs, heap snapshots and allocation profiles, and what keeps it alive.',
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
    })
    .showHelpAfterError('(leakroom help tells more)')

  program
    .command('analyze')
    .description('One file gives its tables; several, in the order of time, what grew between them.')
    .argument('<files...>', 'heap snapshots or allocation profiles of one kind, plain, .gz or .zst')
    .option('--json', 'write everything as JSON', false)
    .option('--requests <counts>', 'requests served when each file was taken: 2500,6500,10500', requestCounts)
    .option('--top <rows>', 'rows per table', positiveInteger, 20)
    .option(
      '--fail-on-growth <condition>',
      'exit with 3 when it grew: "class=Session", "site=app/models/", "type=STRING holder=Cache", "any"; may be repeated',
      conditions,
      [],
    )
    .action(async (files: string[], options) => {
      end(await analyze(files, options, terminal))
    })
  program
    .command('path')
    .description('What keeps one object alive: the shortest path from a root, and its dominators.')
    .argument('<file>', 'a heap snapshot')
    .argument('<address>', 'as the tables show it: 0x7f3c1a40 (Ruby) or @12345 (V8)')
    .option('--json', 'write everything as JSON', false)
    .action(async (file: string, address: string, options) => {
      end(await path(file, address, options, terminal))
    })
  program
    .command('dominators')
    .description('The objects that keep most memory alive.')
    .argument('<file>', 'a heap snapshot')
    .option('--json', 'write everything as JSON', false)
    .option('--top <rows>', 'how many', positiveInteger, 20)
    .action(async (file: string, options) => {
      end(await dominators(file, options, terminal))
    })
  seriesCommand(
    program,
    'series',
    'What a memory graph does: its shape, its rate, and when it meets a limit.',
  ).action(async (file: string, options) => {
    end(await series(file, options, terminal))
  })
  seriesCommand(
    program,
    'judge',
    'The same for scripts: exits with 0 no growth, 1 growth, 125 cannot tell.',
  ).action(async (file: string, options) => {
    // To git bisect 1 means "bad": a file that cannot be read must not accuse a commit.
    onBadInput(JUDGEMENT.cannotTell)
    end(await judge(file, options, terminal))
  })
  withRoom(
    program
      .command('watch')
      .description('Samples a process and all that it started each second, until it ends.')
      .argument('[command...]', 'what to start and watch, behind --')
      .option('--pid <pid>', 'watch what runs already', positiveInteger),
  )
    .option('--process <name>', 'what it is called on the graph; otherwise the command’s name')
    .option('--experiment <number>', 'an experiment of the room, of which this is a run', positiveInteger)
    .option('--run <id>', 'the run of an experiment')
    .addOption(new Option('--condition <condition>', 'of the run').choices(['A', 'B']))
    .option(
      '--iterations <rule>',
      'count lines of output that match a regular expression, or "every 2 s"',
      iterations,
    )
    .option('--every <seconds>', 'seconds between samples', interval, 1)
    .option('--seconds <seconds>', 'end the command after so long', positiveInteger)
    .option('--out <file>', 'write the samples as CSV, too')
    .option('--quiet', 'print no line a second', false)
    .action(async (command: string[], { room, token, ...options }, self) => {
      if ((options.pid === undefined) === (command.length === 0))
        self.error('error: give either --pid N or a command behind --')
      if (options.pid !== undefined && options.iterations?.kind === 'lines')
        self.error('error: output is counted of a command only; with --pid give --iterations "every 2 s"')
      const { experiment: number, run } = options
      if (number !== undefined && (!room || !/^[1-9]\d{0,3}$/.test(run ?? '')))
        self.error('error: --experiment needs --room and --run with the number of the run')
      if (options.seconds !== undefined && options.pid !== undefined)
        self.error('error: --seconds ends a command; with --pid nothing is ended')
      const address = room ? roomAddress(room, token) : undefined
      end(await watch({ ...options, command, room: address }, terminal))
    })
  withRoom(
    program
      .command('experiment')
      .description('Makes all runs of an experiment that are left, in their order, and tells the result.')
      .argument('<number>', 'the experiment, as the room numbers it', positiveInteger)
      .argument('<command...>', 'what to start and watch for each run, behind --'),
  )
    .option('--before-a <command>', 'sets condition A up, for sh: "service memcached stop"')
    .option('--before-b <command>', 'sets condition B up')
    .option('--after <command>', 'cleans up after each run')
    .option(
      '--seconds <seconds>',
      'ends each run; otherwise the plan, or the command itself',
      positiveInteger,
    )
    .option('--settle <seconds>', 'waits after setting a condition up', notNegative, 0)
    .option(
      '--iterations <rule>',
      'count lines of output that match a regular expression, or "every 2 s"; otherwise as planned',
      iterations,
    )
    .option('--every <seconds>', 'seconds between samples', interval, 1)
    .option('--quiet', 'print no line a second', false)
    .action(async (number: number, command: string[], { room, token, ...options }) => {
      end(await experiment(number, { ...options, command, room: roomAddress(room, token) }, terminal))
    })
  withRoom(
    program
      .command('upload')
      .description('Attaches files to a room as captures, in the order of time.')
      .argument('<files...>', 'heap snapshots or allocation profiles, plain, .gz or .zst'),
  )
    .option('--label <text>', 'what the captures are called; otherwise their file names')
    .option('--process <name>', 'whose they are')
    .option('--requests <counts>', 'requests served when each file was taken: 2500,6500,10500', requestCounts)
    .option('--quiet', 'print no progress', false)
    .action(async (files: string[], { room, token, ...options }) => {
      end(await upload(files, { ...options, room: roomAddress(room, token) }, terminal))
    })
  return program
}

const seriesCommand = (program: Command, name: string, description: string): Command =>
  program
    .command(name)
    .description(description)
    .argument('<file>', 'samples over time: CSV, ps, pidstat, Prometheus …; plain, .gz or .zst')
    .option('--json', 'write everything as JSON', false)
    .option('--limit <size>', 'memory that must not be exceeded: 16GiB; may be repeated', limits, [])
    .option('--series <column>', 'judge this column instead of every process’s resident memory')
    .option(
      '--answer <question=answer>',
      'what the file does not say: unit:rss=kib; may be repeated',
      answers,
      new Map(),
    )
    // Singular on the command line, where one may repeat it; plural in the functions behind it.
    .hook('preAction', (_, command) => {
      command.setOptionValue('limits', command.opts().limit)
      command.setOptionValue('answers', command.opts().answer)
    })

/** A token on the command line is in everybody's process list: the environment is the better place. */
const withRoom = (command: Command): Command =>
  command
    .addOption(new Option('--room <url>', 'the room’s address: https://…/i/…').env('LEAKROOM_ROOM'))
    .addOption(new Option('--token <token>', 'a token of the room').env('LEAKROOM_TOKEN'))

function iterations(text: string): IterationRule {
  const rule = iterationRule(text)
  if (rule) return rule
  throw new InvalidArgumentError('Give a regular expression, or a time: "every 2 s".')
}

function interval(text: string): number {
  const seconds = Number(text)
  if (seconds >= 0.1 && seconds <= 3600) return seconds
  throw new InvalidArgumentError('Give seconds from 0.1 to 3600.')
}

function notNegative(text: string): number {
  const value = Number(text)
  if (value >= 0 && value <= 86_400) return value
  throw new InvalidArgumentError('Give seconds from 0 to 86400.')
}

function limits(text: string, before: number[]): number[] {
  const size = sizeOf(text)
  if (size !== undefined) return [...before, size]
  throw new InvalidArgumentError('Give a size: 16GiB, 512MiB or a number of bytes.')
}

function answers(text: string, before: Map<string, string>): Map<string, string> {
  const at = text.lastIndexOf('=')
  if (at > 0 && at < text.length - 1) return new Map([...before, [text.slice(0, at), text.slice(at + 1)]])
  throw new InvalidArgumentError('Give a question and its answer: unit:rss=kib.')
}

function requestCounts(text: string): number[] {
  const counts = text.split(',').map((part) => Number(part.trim().replaceAll('_', '')))
  if (counts.every((count) => Number.isSafeInteger(count) && count >= 0)) return counts
  throw new InvalidArgumentError(
    'Give whole numbers with commas between them, one per file: 2500,6500,10500.',
  )
}

function positiveInteger(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new InvalidArgumentError('Give a whole number above 0.')
}

function conditions(text: string, before: unknown[]): unknown[] {
  const condition = growthCondition(text)
  if (condition) return [...before, condition]
  throw new InvalidArgumentError(
    'A condition is class=…, type=…, site=… or holder=… with spaces between several, or "any".',
  )
}

function sentence(error: unknown): string {
  if (error instanceof UserError) return error.message
  if (error instanceof Error && 'code' in error) {
    const at = 'path' in error ? `${error.path}: ` : ''
    if (error.code === 'ENOENT') return `${at}there is no such file. Check the path.`
    if (error.code === 'EACCES') return `${at}this file may not be read by you. Check its permissions.`
    if (error.code === 'EISDIR') return `${at}this is a folder. Give the files in it.`
  }
  return `Something went wrong that should not have: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
}
