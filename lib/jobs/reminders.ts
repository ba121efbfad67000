import { claimDueReminders, type DueReminder, settleReminder } from '#lib/db/reminders'
import { loadReadingInputAsNode, type ReadingInput } from '#lib/db/series'
import type { ReminderRow } from '#lib/investigation/rows'
import { lookAgain } from '#lib/series/look-again'
import type { SeriesReading } from '#lib/series/reading'

/** Reads a memory graph, away from the event loop. */
export type ReadInput = (input: ReadingInput) => Promise<SeriesReading>

/**
 * Looks again at every memory graph whose reminder is due, and tells each room what it says now. Every node does this: a
 * reminder is held in PostgreSQL by the one that looks. What one node could not finish is taken up two minutes later.
 *
 * @param now the time that counts as now; tests pass theirs
 * @returns the reminders as they stand afterwards
 */
export async function lookAtDueReminders(read: ReadInput, now: Date = new Date()): Promise<ReminderRow[]> {
  const told: ReminderRow[] = []
  const failed: unknown[] = []
  for (const due of await claimDueReminders(now)) {
    try {
      const row = await settleReminder(due, lookAgain(await readAgain(due, read), due.dueAt), now)
      if (row) told.push(row)
    } catch (error) {
      // The others must not wait for one whose series cannot be read.
      failed.push(error)
    }
  }
  if (failed.length > 0) throw new AggregateError(failed, 'some memory graphs could not be read again')
  return told
}

async function readAgain(due: DueReminder, read: ReadInput): Promise<SeriesReading | null> {
  const { investigationId, seriesId, from } = due
  const input = await loadReadingInputAsNode(investigationId, { seriesId, from: from ?? undefined })
  return input && input.samples.t.length > 0 ? read(input) : null
}
