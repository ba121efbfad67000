import { spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { UserError } from '#lib/errors/user-error'
import { formatDuration } from '#lib/units/format'
import { milliseconds } from '#lib/units/quantity'
import type { RoomAddress } from './room-address.ts'
import { type RoomExperiment, type RoomRun, roomExperiment } from './room-experiment.ts'
import { EXIT, type Terminal } from './terminal.ts'
import { plain } from './text-table.ts'
import { watch } from './watch.ts'
import { type IterationRule, iterationRule } from './watch-iterations.ts'

export interface ExperimentOptions {
  readonly room: RoomAddress
  /** What is started and watched for each run. */
  readonly command: readonly string[]
  /** Shell commands that set up a condition. */
  readonly beforeA?: string | undefined
  readonly beforeB?: string | undefined
  readonly after?: string | undefined
  /** How long a run lasts; absent: what the plan says, or until the command ends by itself. */
  readonly seconds?: number | undefined
  readonly iterations?: IterationRule | undefined
  /** Seconds between samples. */
  readonly every: number
  /** Seconds between setting a condition up and the run. */
  readonly settle: number
  readonly quiet: boolean
}

/** The room judges a run within seconds; a busy one takes longer. */
const RESULT_TIMEOUT_MS = 60_000
const ASK_EVERY_MS = 500

/**
 * `leakroom experiment NUMBER -- COMMAND`: makes every run that is left, in the drawn order, each with its condition set up
 * before, and prints what the room concludes. Commands see LEAKROOM_CONDITION (A or B), LEAKROOM_EXPERIMENT and
 * LEAKROOM_RUN. What is run stands on this command line alone: the room never sends a command.
 * @throws UserError cli/room · cli/experiment · cli/no-proc
 */
export async function experiment(
  number: number,
  options: ExperimentOptions,
  terminal: Terminal,
): Promise<number> {
  const { room } = options
  const before = await roomExperiment(room, number)
  const left = runsLeft(before)
  tellPlan(before, left, terminal)
  for (const run of left) {
    const isSetUp = await setUp(run, number, options, terminal)
    if (!isSetUp) return EXIT.badInput
    const status = await measure(run, before, options, terminal)
    if (status !== EXIT.done) {
      terminal.err(
        `Run ${run.position} ended with status ${status}; no further run is made. If it broke, exclude it in the room with the reason and add one in its place.`,
      )
      return EXIT.badInput
    }
  }
  return tellResult(number, room, terminal)
}

const runsLeft = ({ runs, experiment: { archived, number } }: RoomExperiment): RoomRun[] => {
  if (archived) throw new UserError('cli/experiment', { number, why: 'it was put away.' })
  const busy = runs.find(({ state }) => state === 'running')
  if (busy)
    throw new UserError('cli/experiment', {
      number,
      why: `run ${busy.position} is being measured already. End it in the room, or wait.`,
    })
  return runs.filter(({ state, excluded }) => state === 'planned' && excluded === null)
}

function tellPlan(
  { experiment: { title, number, labelA, labelB }, plan }: RoomExperiment,
  left: readonly RoomRun[],
  terminal: Terminal,
): void {
  const order = left.map(({ condition }) => condition).join(' ')
  terminal.err(`Experiment ${number}, “${plain(title)}”: A is “${plain(labelA)}”, B is “${plain(labelB)}”.`)
  if (plan) terminal.err(plan.words)
  terminal.err(left.length === 0 ? 'No run is left.' : `${left.length} runs are left: ${order}.`)
}

const environmentOf = ({ condition, position }: RoomRun, number: number) => ({
  LEAKROOM_CONDITION: condition,
  LEAKROOM_EXPERIMENT: String(number),
  LEAKROOM_RUN: String(position),
})

/** Answers whether the condition stands. */
async function setUp(
  run: RoomRun,
  number: number,
  { beforeA, beforeB, settle }: ExperimentOptions,
  terminal: Terminal,
): Promise<boolean> {
  const command = run.condition === 'A' ? beforeA : beforeB
  if (command !== undefined) {
    const status = await shell(command, environmentOf(run, number))
    if (status !== 0) {
      terminal.err(
        `What sets condition ${run.condition} up ended with status ${status}: run ${run.position} was not begun. (${plain(command)})`,
      )
      return false
    }
  }
  if (settle > 0) await pause(settle * 1000)
  return true
}

async function measure(
  run: RoomRun,
  { experiment: { number, runSeconds, iterations } }: RoomExperiment,
  options: ExperimentOptions,
  terminal: Terminal,
): Promise<number> {
  const { room, command, every, quiet, after } = options
  const seconds = options.seconds ?? runSeconds ?? undefined
  const lasts = seconds === undefined ? '' : `, ${formatDuration(milliseconds(seconds * 1000))}`
  terminal.err(
    `Run ${run.position} (${run.condition}${run.isCalibration ? ', to learn the noise' : ''})${lasts}`,
  )
  const status = await watch(
    {
      room,
      command,
      every,
      quiet,
      seconds,
      experiment: number,
      run: String(run.position),
      condition: run.condition,
      iterations: options.iterations ?? (iterations === '' ? undefined : iterationRule(iterations)),
      environment: environmentOf(run, number),
      isChecked: true,
    },
    terminal,
  )
  if (after !== undefined) await shell(after, environmentOf(run, number))
  return status
}

function shell(command: string, environment: Record<string, string>): Promise<number> {
  return new Promise((resolve) => {
    // Our output is the result's: what a hook says goes beside it.
    const child = spawn('sh', ['-c', command], {
      stdio: ['ignore', process.stderr, process.stderr],
      env: { ...process.env, ...environment },
    })
    child.once('error', () => resolve(127))
    child.once('exit', (code) => resolve(code ?? 128))
  })
}

/** Waits until the room has judged every run, and prints what it says. */
async function tellResult(number: number, room: RoomAddress, terminal: Terminal): Promise<number> {
  const deadline = performance.now() + RESULT_TIMEOUT_MS
  for (;;) {
    const { experiment: row, runs } = await roomExperiment(room, number)
    const { conclusion } = row
    const open = runs.filter(({ state, excluded }) => state !== 'done' && excluded === null).length
    if (conclusion && conclusion.runsLeft === open) {
      const { words, result, notes } = conclusion
      terminal.out([words, ...result.reasons, ...notes].map(plain).join('\n'))
      return EXIT.done
    }
    if (performance.now() > deadline) {
      terminal.err('The room has not judged it yet. The result will stand on its Experiments page.')
      return EXIT.done
    }
    await pause(ASK_EVERY_MS)
  }
}
