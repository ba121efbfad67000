import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { z } from 'zod'
import { hearAgent, listAgents, noteSnapshot } from '#lib/db/agents'
import { UserError } from '#lib/errors/user-error'
import type { ReadAccess, WriteAccess } from '#lib/investigation/access'
import { type AgentList, AgentRuntime } from '#lib/investigation/agents'
import { CaptureId } from '#lib/investigation/ids'
import { kibibytes } from '#lib/units/quantity'
import { readBody } from './body.ts'
import { parsed } from './respond.ts'

/** An agent's words are short. */
const LARGEST_WORDS = kibibytes(8)
/** Agents speak again after so many seconds. */
const EVERY_SECONDS = 5
/** Per token: a hundred agents that speak every five seconds. */
const wordsPerToken = new RateLimiterMemory({ points: 300, duration: 10, keyPrefix: 'agents' })

/** Names as the lists show them: no control characters, no marks that turn the text around. */
const Name = (most: number) =>
  z
    .string()
    .max(1000)
    .transform((text) => [...text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').trim()].slice(0, most).join(''))

const Hello = z.object({
  host: Name(120).pipe(z.string().min(1)),
  process: Name(120).pipe(z.string().min(1)),
  pid: z
    .int()
    .nonnegative()
    .max(2 ** 31 - 1),
  runtime: AgentRuntime,
  version: Name(60).default(''),
  canSnapshot: z.boolean().default(false),
})

const Step = z.discriminatedUnion('state', [
  z.object({ id: CaptureId, state: z.enum(['taking', 'uploading']) }),
  z.object({
    id: CaptureId,
    state: z.literal('failed'),
    problem: Name(300).transform((text) => text || 'it gave no reason'),
  }),
])

/** What an agent is told when it says that it is alive. Times are epoch milliseconds. */
export interface HelloAnswer {
  readonly agent: string
  readonly serverTime: number
  readonly everySeconds: number
  /** Where snapshots go: tus 1.0, with the request's id as `captureId`. */
  readonly uploads: string
  /** The request's id when somebody wants a snapshot, else an empty text: an agent of a few lines of shell reads it, too. */
  readonly snapshot: string
}

/** `POST /api/agent/hello`. @throws UserError request/malformed · request/too-often · room/full */
export async function hello(access: WriteAccess, request: Request): Promise<HelloAnswer> {
  const facts = parsed(Hello, await wordsOf(access, request), 'hello')
  const { agentId, request: wanted } = await hearAgent(access, facts)
  return {
    agent: agentId,
    serverTime: Date.now(),
    everySeconds: EVERY_SECONDS,
    uploads: `/api/investigations/${access.investigationId}/uploads`,
    snapshot: facts.canSnapshot && wanted ? wanted.id : '',
  }
}

/**
 * `POST /api/agent/snapshot`: an agent's next step. `goOn` false: the request has ended, throw the dump away.
 * @throws UserError request/malformed · request/not-found · request/too-often
 */
export async function stepOfSnapshot(access: WriteAccess, request: Request): Promise<{ goOn: boolean }> {
  const { id, ...step } = parsed(Step, await wordsOf(access, request), 'snapshot')
  return { goOn: await noteSnapshot(access, id, step) }
}

/** `GET /api/investigations/:id/agents`. */
export const answerAgents = async (access: ReadAccess): Promise<AgentList> => ({
  agents: await listAgents(access),
})

async function wordsOf(access: WriteAccess, request: Request): Promise<unknown> {
  const { actor } = access
  try {
    await wordsPerToken.consume(actor.kind === 'machine' ? actor.tokenId : actor.userId)
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal
    throw new UserError('request/too-often', { seconds: Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)) })
  }
  const body = await readBody(request, LARGEST_WORDS)
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    throw new UserError('request/malformed', { where: 'body' })
  }
}
