import { type InvestigationId, SeriesId } from '#lib/investigation/ids'
import type { ReminderRow } from '#lib/investigation/rows'
import type { SecondLook } from '#lib/series/look-again'
import { db } from './client.ts'
import { inRoomAsNode } from './events.ts'
import { presentReminder } from './presenters.ts'

/** A node that looks has this long; then another one takes over. */
const LEASE_MS = 2 * 60_000
/** Reminders that a node takes at once. */
const AT_ONCE = 20
/** The room looks twice: what is open then stays open until somebody asks anew. */
const MOST_LOOKS = 2

/** A reminder whose time has come, held by this node for two minutes. */
export interface DueReminder {
  readonly id: string
  readonly investigationId: InvestigationId
  readonly seriesId: SeriesId
  /** Epoch milliseconds; null: the whole series. */
  readonly from: number | null
  readonly dueAt: number
  readonly version: number
}

/** Takes reminders whose time has come and that no living node holds. One statement; two nodes never take the same. */
export async function claimDueReminders(now: Date): Promise<DueReminder[]> {
  const until = new Date(now.getTime() + LEASE_MS)
  const rows = await db().$queryRaw<
    {
      id: string
      room: InvestigationId
      series: string
      from_at: Date | null
      due_at: Date
      version: number
    }[]
  >`
    update reminder set leased_until = ${until} where id in (
      select id from reminder
      where state = 'waiting' and due_at <= ${now} and (leased_until is null or leased_until <= ${now})
      order by due_at limit ${AT_ONCE} for update skip locked)
    returning id, investigation_id as room, series_id as series, from_at, due_at, version`
  return rows.map(({ id, room, series, from_at, due_at, version }) => ({
    id,
    investigationId: room,
    seriesId: SeriesId.parse(series),
    from: from_at?.getTime() ?? null,
    dueAt: due_at.getTime(),
    version,
  }))
}

/**
 * Writes down what the room saw, and tells it. What is open gets its next time once. Null when the reminder was taken
 * back or set anew meanwhile, or when another node was faster.
 */
export async function settleReminder(
  due: DueReminder,
  look: SecondLook,
  now: Date,
): Promise<ReminderRow | null> {
  return inRoomAsNode(due.investigationId, async (tx, emit) => {
    const before = await tx.reminder.findFirst({
      where: { id: due.id, version: due.version, state: 'waiting' },
    })
    if (!before) return null
    const looks = before.looks + 1
    const next =
      looks < MOST_LOOKS && look.nextAt !== null && look.nextAt > now.getTime() ? look.nextAt : null
    const row = await tx.reminder.update({
      where: { id: due.id },
      data: {
        looks,
        outcome: look.verdict,
        words: look.words,
        lookedAt: now,
        leasedUntil: null,
        version: { increment: 1 },
        ...(next === null ? { state: 'told' } : { dueAt: new Date(next) }),
      },
    })
    const reminder = presentReminder(row)
    await emit('reminder:due', { reminder })
    return reminder
  })
}
