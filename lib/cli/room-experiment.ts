import { z } from 'zod'
import { UserError } from '#lib/errors/user-error'
import { type RoomAddress, sentenceIn } from './room-address.ts'

// What the command line needs to know of an experiment: the server's answer has more.
const Run = z.object({
  position: z.int().positive(),
  condition: z.enum(['A', 'B']),
  isCalibration: z.boolean(),
  state: z.enum(['planned', 'running', 'done']),
  excluded: z.unknown(),
})
const Answer = z.object({
  experiment: z.object({
    number: z.int().positive(),
    title: z.string(),
    labelA: z.string(),
    labelB: z.string(),
    runSeconds: z.number().nullable(),
    iterations: z.string(),
    archived: z.boolean(),
    conclusion: z
      .object({
        words: z.string(),
        result: z.object({ reasons: z.array(z.string()) }),
        notes: z.array(z.string()),
        runsLeft: z.int(),
      })
      .nullable(),
  }),
  runs: z.array(Run),
  plan: z.object({ words: z.string() }).nullable(),
})
export type RoomExperiment = z.output<typeof Answer>
export type RoomRun = z.output<typeof Run>

const TIMEOUT_MS = 10_000

/** Asks the room for an experiment by its number. @throws UserError cli/room · cli/experiment */
export async function roomExperiment(room: RoomAddress, number: number): Promise<RoomExperiment> {
  if (room.investigationId === null)
    throw new UserError('cli/room', {
      why: 'the address names no room. Copy it from the browser: https://…/i/…',
    })
  const path = `api/investigations/${encodeURIComponent(room.investigationId)}/experiments/${number}`
  let status: number
  let body: string
  try {
    const answer = await fetch(`${room.server}/${path}`, {
      headers: { Authorization: `Bearer ${room.token}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    status = answer.status
    body = await answer.text()
  } catch (error) {
    const { cause } = error instanceof Error ? error : { cause: undefined }
    const why = cause instanceof Error && cause.message !== '' ? ` (${cause.message})` : ''
    throw new UserError('cli/experiment', { number, why: `the room cannot be reached${why}.` })
  }
  if (status !== 200)
    throw new UserError('cli/experiment', { number, why: sentenceIn(body) ?? `it answered ${status}.` })
  const read = Answer.safeParse(json(body))
  if (!read.success)
    throw new UserError('cli/experiment', { number, why: 'its answer is of another version.' })
  return read.data
}

/**
 * The run, when it can be measured now under this condition.
 * @throws UserError cli/experiment
 */
export function measurableRun(
  { experiment, runs }: RoomExperiment,
  position: number,
  condition: 'A' | 'B' | undefined,
): RoomRun {
  const { number, archived } = experiment
  const refuse = (why: string): never => {
    throw new UserError('cli/experiment', { number, why })
  }
  if (archived) return refuse('it was put away.')
  const run = runs.find((one) => one.position === position)
  if (!run) return refuse(`it has no run ${position}, only 1 to ${runs.length}.`)
  if (condition && condition !== run.condition)
    return refuse(`run ${position} is one of condition ${run.condition}, not ${condition}.`)
  if (run.state === 'running')
    return refuse(
      `run ${position} is being measured already. It is over half a minute after its last sample.`,
    )
  if (run.state === 'done')
    return refuse(`run ${position} is over. Exclude it in the room with a reason, and add one in its place.`)
  return run
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
