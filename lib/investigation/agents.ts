import { z } from 'zod'
import { AgentId, CaptureId } from './ids.ts'

/** An agent that was not heard of for so long is gone. They speak every five seconds. */
export const AGENT_SILENCE_MS = 30_000

/** The agents that we hand out (public/agent). */
export const AgentRuntime = z.enum(['sh', 'ruby', 'node'])
export type AgentRuntime = z.infer<typeof AgentRuntime>

/** How far a snapshot that somebody asked for has come; `done`: its capture is here. */
export const SnapshotState = z.enum(['asked', 'taking', 'uploading', 'done', 'failed', 'timed-out'])
export type SnapshotState = z.infer<typeof SnapshotState>

/** A snapshot that somebody asked for. Its id is the capture's, once that is here. Times are epoch milliseconds. */
export const SnapshotRow = z.object({
  id: CaptureId,
  state: SnapshotState,
  /** Why it failed, in the agent's words. */
  problem: z.string().nullable(),
  createdAt: z.number(),
})
export type SnapshotRow = z.infer<typeof SnapshotRow>

/** A program that sends a process's memory, as it stood when the list was asked for. */
export const AgentRow = z.object({
  id: AgentId,
  host: z.string(),
  process: z.string(),
  runtime: AgentRuntime,
  version: z.string(),
  pid: z.int(),
  canSnapshot: z.boolean(),
  /** Heard within the last 30 seconds, by the server's clock. */
  alive: z.boolean(),
  lastSeenAt: z.number(),
  /** The newest request. */
  snapshot: SnapshotRow.nullable(),
})
export type AgentRow = z.infer<typeof AgentRow>

export const AgentList = z.object({ agents: z.array(AgentRow) })
export type AgentList = z.infer<typeof AgentList>

/** Is this snapshot still on its way? */
export const isPending = (state: SnapshotState): boolean =>
  state === 'asked' || state === 'taking' || state === 'uploading'

/**
 * How a request stands: its capture knows best, then the agent's own words, then the clock. Pure.
 *
 * @param captureState of the capture with the request's id; null when there is none
 */
export function snapshotState(
  request: { readonly state: string; readonly expiresAt: number },
  captureState: string | null,
  now: number,
): SnapshotState {
  if (captureState === 'cancelled') return 'failed'
  if (captureState !== null && captureState !== 'uploading') return 'done'
  const told = SnapshotState.catch('failed').parse(request.state)
  if (!isPending(told)) return told
  if (request.expiresAt <= now) return 'timed-out'
  return captureState === 'uploading' ? 'uploading' : told
}
