'use client' // A menu and a form.

import { ChevronDown } from 'lucide-react'
import { useId, useState } from 'react'
import { useRawCommand, useRoom, useRoomState } from '#components/room/room-context'
import { Button } from '#components/ui/button'
import { Dialog } from '#components/ui/dialog'
import { TextArea } from '#components/ui/field'
import { Menu, MenuItem } from '#components/ui/menu'
import { Tag } from '#components/ui/pill'
import { say } from '#components/ui/toasts'
import { type HypothesisStatus, nextStatuses } from '#lib/hypotheses/transitions'
import { HypothesisRow } from '#lib/investigation/rows'
import { CommandError } from '#lib/realtime/client/room-types'
import { asksWhy, moveWords, STATUS_LABELS, STATUS_TONES } from './status-words.tsx'

/** The status as a label; for editors a menu of the moves that are allowed from here. */
export function StatusMenu({ hypothesis }: { hypothesis: HypothesisRow }) {
  const { canWrite } = useRoom()
  const [asking, setAsking] = useState<HypothesisStatus | null>(null)
  const setStatus = useSetStatus()
  const evidenceFor = useRoomState(
    (state) =>
      state.links.filter((link) => link.hypothesisId === hypothesis.id && link.stance === 'for').length,
  )
  const { status } = hypothesis
  if (!canWrite) return <Tag tone={STATUS_TONES[status]}>{STATUS_LABELS[status]}</Tag>
  const move = (to: HypothesisStatus) => (asksWhy(to) ? setAsking(to) : void setStatus(hypothesis, to, ''))
  return (
    <>
      <Menu
        align="start"
        trigger={
          <button
            type="button"
            className="rounded-[5px]"
            aria-label={`Status: ${STATUS_LABELS[status]}. Change it`}
          >
            <Tag tone={STATUS_TONES[status]}>
              {STATUS_LABELS[status]}
              <ChevronDown size={11} className="mb-px ml-0.5 inline" aria-hidden />
            </Tag>
          </button>
        }
      >
        {nextStatuses(status).map((to) => (
          <MenuItem key={to} onSelect={() => move(to)} disabled={to === 'confirmed' && evidenceFor === 0}>
            {moveWords(status, to)}
          </MenuItem>
        ))}
        {status === 'supported' && (
          <p className="max-w-56 px-2 py-1.5 text-ink-3 text-xs">
            {evidenceFor === 0
              ? 'Confirming needs at least one pin that speaks for it, and a second person.'
              : 'Somebody other than the person who marked it as supported confirms it.'}
          </p>
        )}
      </Menu>
      {asking && (
        <ReasonDialog
          hypothesis={hypothesis}
          to={asking}
          onClose={() => setAsking(null)}
          onDecide={(reason) => void setStatus(hypothesis, asking, reason)}
        />
      )}
    </>
  )
}

function ReasonDialog({
  hypothesis,
  to,
  onClose,
  onDecide,
}: {
  hypothesis: HypothesisRow
  to: HypothesisStatus
  onClose(): void
  onDecide(reason: string): void
}) {
  const fieldId = useId()
  const [reason, setReason] = useState('')
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={to === 'parked' ? 'Park this hypothesis' : 'Rule this hypothesis out'}
      description={hypothesis.title}
    >
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          onDecide(reason.trim())
          onClose()
        }}
      >
        <div className="grid gap-1">
          <label htmlFor={fieldId} className="font-[550] text-ink-2 text-sm">
            {to === 'parked' ? 'What is it waiting for?' : 'What speaks against it?'}
          </label>
          <TextArea
            id={fieldId}
            autoFocus
            rows={3}
            maxLength={2000}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            placeholder={
              to === 'parked'
                ? 'Needs a Valgrind run on the staging machine.'
                : '48,912 callbacks in all three captures: they do not grow.'
            }
          />
        </div>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={reason.trim() === ''}>
            {STATUS_LABELS[to]}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

/**
 * Changes a status by compare and set. Somebody was faster: the toast names the winner and what it is now, and, where
 * the way is open, offers to reopen it.
 */
export function useSetStatus(): (
  hypothesis: HypothesisRow,
  to: HypothesisStatus,
  reason: string,
) => Promise<void> {
  const command = useRawCommand()
  return async (hypothesis, to, reason) => {
    try {
      await command('hypothesis:set-status', { id: hypothesis.id, version: hypothesis.version, to, reason })
    } catch (refused) {
      if (!(refused instanceof CommandError)) throw refused
      const now = winningRow(refused)
      const reopened = now && nextStatuses(now.status).includes('testing') && now.status !== 'testing'
      say.problem(
        refused.message,
        reopened && refused.code === 'row/conflict'
          ? {
              label: 'Reopen',
              run: () =>
                void command('hypothesis:set-status', {
                  id: now.id,
                  version: now.version,
                  to: 'testing',
                  reason: '',
                }).catch((again: Error) => say.problem(again.message)),
            }
          : undefined,
      )
    }
  }
}

/** The row that won, which a conflict carries. */
export function winningRow(refused: CommandError): HypothesisRow | undefined {
  const { detail } = refused
  if (typeof detail !== 'object' || detail === null || !('row' in detail)) return undefined
  const row = HypothesisRow.safeParse(detail.row)
  return row.success ? row.data : undefined
}
