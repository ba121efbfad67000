import { z } from 'zod'
import { BUG_SENTENCE } from '#lib/errors/user-error'

/** A refusal of the server, with the sentence for people. */
export class RefusedRead extends Error {
  override readonly name = 'RefusedRead'
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, sentence: string) {
    super(sentence)
    this.status = status
    this.code = code
  }
}

const Refusal = z.object({ code: z.string(), sentence: z.string() })

/** Reads a path of ours and checks what comes back. @throws RefusedRead with a sentence. */
export async function readJson<T>(path: string, schema: z.ZodType<T>, init?: RequestInit): Promise<T> {
  const response = await send(path, init)
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) {
    const refusal = Refusal.safeParse(body)
    if (refusal.success) throw new RefusedRead(response.status, refusal.data.code, refusal.data.sentence)
    throw new RefusedRead(response.status, 'bug', BUG_SENTENCE)
  }
  return schema.parse(body)
}

async function send(path: string, init?: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init)
  } catch {
    throw new RefusedRead(0, 'offline', 'The server does not answer. This is tried again by itself.')
  }
}

/** The sentence of whatever was thrown. */
export function sentenceOf(thrown: unknown): string {
  if (thrown instanceof RefusedRead) return thrown.message
  // A command that was refused carries its sentence as its message and has a code; anything else is a bug.
  if (thrown instanceof Error && 'code' in thrown) return thrown.message
  return BUG_SENTENCE
}

/** Reading again helps when the line was down or the server was at fault; not when it has said no. */
export const canRetry = (thrown: unknown): boolean =>
  !(thrown instanceof RefusedRead) || thrown.status === 0 || thrown.status >= 500 || thrown.status === 429
