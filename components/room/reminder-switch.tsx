'use client' // A switch, and a dialog with what the room saw.

import { Bell, BellRing } from 'lucide-react'
import { useState } from 'react'
import type { FetchedReading } from '#components/series/fetch-series'
import { Button } from '#components/ui/button'
import { Dialog } from '#components/ui/dialog'
import { say } from '#components/ui/toasts'
import { ReminderId, SeriesId } from '#lib/investigation/ids'
import { secondLookWords } from '#lib/investigation/reminder-words'
import type { ReminderRow } from '#lib/investigation/rows'
import { ClockTime, sameDay } from './clock-time.tsx'
import { useCommand, useRoom, useRoomState } from './room-context.tsx'

const LOOK =
  'inline-flex min-w-0 items-center gap-1 truncate rounded px-1 font-[550] text-xs hover:bg-sunken max-md:min-h-6'

/**
 * Beside the shape: asks the room to read the graph again when it can be decided, says when it will, and what it saw. A
 * person asks, the page does not: looking at a graph writes nothing.
 */
export function ReminderSwitch({ main, from }: { main: FetchedReading | undefined; from: number | null }) {
  const { canWrite } = useRoom()
  const run = useCommand()
  const reminders = useRoomState((state) => state.reminders)
  const [isOpen, setOpen] = useState(false)
  const told = reminders.find(({ state }) => state === 'told')
  const waiting = reminders.find(({ state, seriesId }) => state === 'waiting' && seriesId === main?.seriesId)
  const dueAt = main?.reading?.reading.decidableAt ?? null

  const set = async () => {
    if (!main?.seriesId || dueAt === null) return
    const seriesId = SeriesId.parse(main.seriesId)
    const id = ReminderId.parse(crypto.randomUUID())
    const row = await run('reminder:set', { id, seriesId, from: from && Math.round(from), dueAt })
    if (row) say.done('The room reads the graph again then, whoever is here.')
  }
  const takeBack = async (row: ReminderRow) => {
    if (!(await run('reminder:remove', { id: row.id }))) return
    if (row.state === 'waiting') say.done('The reminder is gone.', { label: 'Undo', run: () => void set() })
  }
  if (told)
    return (
      <>
        <button
          type="button"
          aria-haspopup="dialog"
          onClick={() => setOpen(true)}
          className={`${LOOK} bg-accent-soft text-accent`}
        >
          <BellRing size={12} aria-hidden className="shrink-0" /> Looked again
        </button>
        {isOpen && (
          <ToldDialog
            reminder={told}
            onSeen={canWrite ? () => void takeBack(told) : undefined}
            onClose={() => setOpen(false)}
          />
        )}
      </>
    )
  if (waiting)
    return (
      <button
        type="button"
        disabled={!canWrite}
        onClick={() => void takeBack(waiting)}
        title={canWrite ? 'Press to take the reminder back' : undefined}
        className={`${LOOK} text-accent`}
      >
        <BellRing size={12} aria-hidden className="shrink-0" />
        <span className="truncate">
          Looks again <ClockTime at={waiting.dueAt} bare={sameDay(waiting.dueAt, Date.now())} />
        </span>
      </button>
    )
  if (!canWrite || dueAt === null || dueAt <= Date.now()) return null
  return (
    <button type="button" onClick={() => void set()} className={`${LOOK} text-accent`}>
      <Bell size={12} aria-hidden className="shrink-0" />
      <span className="truncate">Remind the room</span>
    </button>
  )
}

function ToldDialog({
  reminder,
  onSeen,
  onClose,
}: {
  reminder: ReminderRow
  onSeen: (() => void) | undefined
  onClose(): void
}) {
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title="The room looked again"
      description={reminder.outcome && <ClockTime at={reminder.outcome.at} />}
    >
      <p className="text-sm">
        The room <bdi>{secondLookWords(reminder)}</bdi>.
      </p>
      {onSeen && (
        <div className="mt-3 flex justify-end">
          <Button
            look="primary"
            onClick={() => {
              onSeen()
              onClose()
            }}
          >
            Take it off the page
          </Button>
        </div>
      )}
    </Dialog>
  )
}
