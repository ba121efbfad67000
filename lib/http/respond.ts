import { ZodError } from 'zod'
import { BUG_SENTENCE, UserError } from '#lib/errors/user-error'
import { services } from '#lib/services'

/** How a refusal is told, over HTTP as over the socket. `code` is a FailureCode, or "bug". */
export interface Refusal {
  readonly code: string
  readonly sentence: string
  /** Plain data for the page's next step, where the error carries some. */
  readonly detail?: unknown
}

/** Status and body for something that was thrown. What is our fault is logged here, once. */
export function refusalOf(error: unknown): { status: number; body: Refusal } {
  if (error instanceof UserError)
    return {
      status: error.status,
      body: {
        code: error.code,
        sentence: error.message,
        ...(error.detail !== undefined && { detail: error.detail }),
      },
    }
  // The node stops, and its reader threads have ended. By name: each of Next's bundles has a class of its own.
  if (error instanceof Error && error.name === 'TaskCancelled')
    return refusalOf(new UserError('server/restarting'))
  // Next's own signals (redirect, not found) are for Next.
  if (isNextSignal(error)) throw error
  services().log.error({ err: error }, 'a request broke')
  return { status: 500, body: { code: 'bug', sentence: BUG_SENTENCE } }
}

/** Answers a request with what `work` returns: a Response as it is, anything else as JSON. */
export async function respond(work: () => Promise<unknown>): Promise<Response> {
  try {
    const answer = await work()
    if (answer instanceof Response) return answer
    return Response.json(answer ?? {}, { headers: { 'Cache-Control': 'private, no-store' } })
  } catch (error) {
    const { status, body } = refusalOf(error)
    return Response.json(body, { status, headers: { 'Cache-Control': 'no-store' } })
  }
}

interface Schema<T> {
  parse(value: unknown): T
}

/** What a person or program sent, in the form that we expect. @throws UserError request/malformed, naming the field */
export function parsed<T>(schema: Schema<T>, value: unknown, where: string): T {
  try {
    return schema.parse(value)
  } catch (error) {
    if (!(error instanceof ZodError)) throw error
    const path = error.issues[0]?.path.join('.')
    throw new UserError('request/malformed', { where: path ? `${where}: ${path}` : where })
  }
}

/** The query of a request's address; of a repeated name the last one counts. */
export const queryOf = (request: Request): Record<string, string> =>
  Object.fromEntries(new URL(request.url).searchParams)

/** A small JSON body. @throws UserError request/malformed */
export async function jsonOf(request: Request): Promise<unknown> {
  const body: unknown = await request.json().catch(() => undefined)
  if (body === undefined) throw new UserError('request/malformed', { where: 'body' })
  return body
}

const isNextSignal = (error: unknown): boolean =>
  error instanceof Error &&
  'digest' in error &&
  typeof error.digest === 'string' &&
  /^(NEXT_|BAILOUT_)/.test(error.digest)
