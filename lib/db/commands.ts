import { z } from 'zod'
import { UserError } from '#lib/errors/user-error'
import type { WriteAccess } from '#lib/investigation/access'
import { COMMANDS, type CommandName, type CommandParsed, type CommandReply } from '#lib/realtime/commands'
import type { Prisma } from '#prisma/generated/client'
import { db } from './client.ts'
import { askSnapshot } from './commands/agents.ts'
import {
  cancelCapture,
  changeCapture,
  moveCapture,
  removeCapture,
  removeSeries,
} from './commands/captures.ts'
import { addCheck, changeCheck, removeCheck } from './commands/checks.ts'
import { authorOf, type CommandContext, type Handler } from './commands/context.ts'
import { linkEvidence, pinEvidence, unlinkEvidence } from './commands/evidence.ts'
import {
  addExperiment,
  archiveExperiment,
  changeExperiment,
  setEnvironment,
  waiveDifference,
} from './commands/experiments.ts'
import {
  addHypothesis,
  changeHypothesis,
  moveHypothesis,
  removeHypothesis,
  setConfidence,
  setStatus,
} from './commands/hypotheses.ts'
import { changeInvestigation } from './commands/investigation.ts'
import { markGroup, removeEntry } from './commands/ledger.ts'
import { addMark, changeMark, removeLimit, removeMark, setLimit } from './commands/marks.ts'
import { deleteMessage, editMessage, postMessage } from './commands/messages.ts'
import { removeQuery, saveQuery } from './commands/queries.ts'
import { removeReminder, setReminder } from './commands/reminders.ts'
import { addRuns, attachRun, detachRun, endRun, excludeRun, includeRun } from './commands/runs.ts'
import { addSource, changeSource, removeSource } from './commands/sources.ts'
import { inRoom, type Tx } from './events.ts'
import { storable } from './storable.ts'

/** Every command and what carries it out. A command of the protocol without an entry does not compile. */
const HANDLERS: { readonly [C in CommandName]: Handler<C> } = {
  'investigation:change': changeInvestigation,
  'hypothesis:add': addHypothesis,
  'hypothesis:change': changeHypothesis,
  'hypothesis:move': moveHypothesis,
  'hypothesis:set-status': setStatus,
  'hypothesis:remove': removeHypothesis,
  'confidence:set': setConfidence,
  'check:add': addCheck,
  'check:change': changeCheck,
  'check:remove': removeCheck,
  'evidence:pin': pinEvidence,
  'evidence:link': linkEvidence,
  'evidence:unlink': unlinkEvidence,
  'message:post': postMessage,
  'message:edit': editMessage,
  'message:delete': deleteMessage,
  'mark:add': addMark,
  'mark:change': changeMark,
  'mark:remove': removeMark,
  'limit:set': setLimit,
  'limit:remove': removeLimit,
  'capture:change': changeCapture,
  'capture:move': moveCapture,
  'capture:cancel': cancelCapture,
  'capture:remove': removeCapture,
  'snapshot:ask': askSnapshot,
  'series:remove': removeSeries,
  'source:add': addSource,
  'source:change': changeSource,
  'source:remove': removeSource,
  'reminder:set': setReminder,
  'reminder:remove': removeReminder,
  'experiment:add': addExperiment,
  'experiment:change': changeExperiment,
  'experiment:set-environment': setEnvironment,
  'experiment:waive': waiveDifference,
  'experiment:archive': archiveExperiment,
  'run:add': addRuns,
  'run:attach': attachRun,
  'run:detach': detachRun,
  'run:end': endRun,
  'run:exclude': excludeRun,
  'run:include': includeRun,
  'ledger:mark': markGroup,
  'ledger:remove': removeEntry,
  'query:save': saveQuery,
  'query:remove': removeQuery,
}

/**
 * Changes a room's rows and writes the event that tells it, in one transaction. Sent again by the same actor with the
 * same `key`, it answers the stored reply and changes nothing, however often and however late.
 *
 * @param key idempotency key, a UUID that the sender makes once per intent
 * @param body what COMMANDS[name].send describes
 * @param now when it happens; given only by a story that is told afterwards (lib/demo)
 * @returns what COMMANDS[name].reply describes
 * @throws UserError request/malformed, request/not-found, row/conflict (carries the row as it stands), row/transition,
 *   row/not-yours, row/person-needed, room/full, team/full, access/owner-only, capture/settled. Nothing was changed then, and the key is still free.
 */
export async function runCommand<C extends CommandName>(
  access: WriteAccess,
  key: string,
  name: C,
  body: unknown,
  now: Date = new Date(),
): Promise<CommandReply<C>> {
  const sent = COMMANDS[name].send.safeParse(body)
  if (!sent.success || !z.uuid().safeParse(key).success)
    throw new UserError('request/malformed', { where: name })

  const effects: (() => void)[] = []
  const reply = await inRoom(
    access,
    async (tx, emit) => {
      const before = await storedReply(access, key, name, tx)
      // reason: the stored reply was written by this very command under this key.
      if (before !== undefined) return before as CommandReply<C>
      const context: CommandContext = { access, tx, emit, now, afterCommit: (effect) => effects.push(effect) }
      const handler: Handler<C> = HANDLERS[name]
      // reason: parsed by the schema of this very command; TypeScript cannot correlate the two look-ups.
      const answer = await handler(context, storable(sent.data) as CommandParsed<C>)
      await tx.requestKey.create({
        data: {
          investigationId: access.investigationId,
          actorId: authorOf(access),
          key,
          // reason: replies are zod-described plain JSON; Prisma's input type asks for an index signature.
          reply: { name, answer } as Prisma.InputJsonObject,
        },
      })
      return answer
    },
    now,
  )
  for (const effect of effects) effect()
  return reply
}

/** A browser that comes back after longer than this sends its queue anew as if it had never been answered. */
const KEPT_MS = 90 * 24 * 60 * 60_000

/**
 * Forgets the answers to requests of more than 90 days ago, in all rooms. For a sweep, once a day is enough.
 * @returns how many were forgotten
 */
export async function forgetOldAnswers(now: Date = new Date()): Promise<number> {
  const before = new Date(now.getTime() - KEPT_MS)
  const { count } = await db().requestKey.deleteMany({ where: { createdAt: { lt: before } } })
  return count
}

const StoredReply = z.object({ name: z.string(), answer: z.unknown() })

/** What was answered under this key, or undefined. @throws UserError when the key belongs to another command. */
async function storedReply(access: WriteAccess, key: string, name: CommandName, tx: Tx): Promise<unknown> {
  const { investigationId } = access
  const row = await tx.requestKey.findUnique({
    where: { investigationId_actorId_key: { investigationId, actorId: authorOf(access), key } },
  })
  if (row === null) return undefined
  const stored = StoredReply.parse(row.reply)
  if (stored.name !== name) throw new UserError('request/malformed', { where: 'idempotency key' })
  return stored.answer
}
