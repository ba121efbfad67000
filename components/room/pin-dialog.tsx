'use client' // A form.

import { clsx } from 'clsx'
import { type ReactNode, useId, useState } from 'react'
import { StanceChoice } from '#components/investigation/stance-choice'
import { STATUS_LABELS, STATUS_TONES } from '#components/investigation/status-words'
import { Button } from '#components/ui/button'
import { Dialog } from '#components/ui/dialog'
import { Input, TextArea } from '#components/ui/field'
import { Tag } from '#components/ui/pill'
import { say } from '#components/ui/toasts'
import { EvidenceId, HypothesisId } from '#lib/investigation/ids'
import type { EvidenceRef, EvidenceRow, HypothesisRow, Stance } from '#lib/investigation/rows'
import { useCommand, useRoomState } from './room-context.tsx'

/** What somebody is about to pin: where it points, and what the chip will say. */
export interface PendingPin {
  readonly ref: EvidenceRef
  readonly title: string
  /** The hypothesis that is chosen when the dialog opens. */
  readonly hypothesisId?: string
}

/** Instead of a hypothesis: a new one, or none. */
const NEW = 'new'
const NONE = 'none'

/** Asks for the hypothesis, the stance and a note, then pins. Works offline: the commands wait in order. */
export function PinDialog({ pending, onClose }: { pending: PendingPin; onClose(): void }) {
  const hypotheses = useRoomState((state) => state.hypotheses)
  const pin = usePinCommands()
  const ids = { title: useId(), note: useId() }
  const [title, setTitle] = useState(pending.title)
  const [chosen, setChosen] = useState(pending.hypothesisId ?? firstOpen(hypotheses) ?? NEW)
  const [hunch, setHunch] = useState('')
  const [stance, setStance] = useState<Stance>('for')
  const [note, setNote] = useState('')
  const isReady = title.trim() !== '' && (chosen !== NEW || hunch.trim() !== '')
  const submit = () => {
    if (!isReady) return
    pin({
      ref: pending.ref,
      title: title.trim(),
      hypothesisId: chosen === NEW || chosen === NONE ? null : chosen,
      hunch: chosen === NEW ? hunch.trim() : null,
      stance,
      note: note.trim(),
    })
    onClose()
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title="Pin as evidence"
      description={readingOf(pending.ref)}
    >
      <form
        className="grid gap-3.5"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <div className="grid gap-1">
          <label htmlFor={ids.title} className="font-[550] text-ink-2 text-sm">
            What it shows
          </label>
          <Input
            id={ids.title}
            autoFocus
            value={title}
            maxLength={200}
            onChange={(event) => setTitle(event.target.value)}
          />
        </div>
        <fieldset className="grid gap-1">
          <legend className="mb-1 font-[550] text-ink-2 text-sm">On which hypothesis?</legend>
          <div className="grid max-h-52 gap-1 overflow-y-auto">
            {hypotheses.map((row) => (
              <Choice key={row.id} checked={chosen === row.id} onChoose={() => setChosen(row.id)}>
                <Tag tone={STATUS_TONES[row.status]}>{STATUS_LABELS[row.status]}</Tag>
                <bdi className="min-w-0 flex-1 truncate">{row.title}</bdi>
              </Choice>
            ))}
            <Choice checked={chosen === NEW} onChoose={() => setChosen(NEW)}>
              A new hunch
            </Choice>
            <Choice checked={chosen === NONE} onChoose={() => setChosen(NONE)}>
              None yet: keep it in the room
            </Choice>
          </div>
          {chosen === NEW && (
            <Input
              autoFocus
              aria-label="The new hunch"
              placeholder="What could it be?"
              maxLength={200}
              value={hunch}
              onChange={(event) => setHunch(event.target.value)}
            />
          )}
        </fieldset>
        {chosen !== NONE && (
          <>
            <div className="flex items-center gap-3">
              <span className="font-[550] text-ink-2 text-sm">It speaks</span>
              <StanceChoice value={stance} onChange={setStance} />
            </div>
            <div className="grid gap-1">
              <label htmlFor={ids.note} className="font-[550] text-ink-2 text-sm">
                Note <span className="font-normal text-ink-3">(optional)</span>
              </label>
              <TextArea
                id={ids.note}
                rows={2}
                maxLength={2000}
                value={note}
                onChange={(event) => setNote(event.target.value)}
              />
            </div>
          </>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={!isReady}>
            Pin
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function Choice({
  checked,
  onChoose,
  children,
}: {
  checked: boolean
  onChoose(): void
  children: ReactNode
}) {
  return (
    <label
      className={clsx(
        'flex min-w-0 items-center gap-2 rounded-md border px-2 py-1.5 max-md:py-2.5',
        checked ? 'border-accent bg-accent-soft' : 'border-line hover:bg-sunken',
      )}
    >
      <input type="radio" name="hypothesis" checked={checked} onChange={onChoose} className="accent-accent" />
      {children}
    </label>
  )
}

const firstOpen = (rows: readonly HypothesisRow[]): string | undefined =>
  rows.find((row) => row.status === 'testing' || row.status === 'hunch' || row.status === 'supported')?.id

const readingOf = (ref: EvidenceRef): string | undefined =>
  'reading' in ref && ref.reading !== '' ? ref.reading : undefined

/** Does a pin of this very thing exist already? Then a second hypothesis links the same pin. */
export const samePin = (rows: readonly EvidenceRow[], ref: EvidenceRef): EvidenceRow | undefined => {
  const wanted = JSON.stringify(ref)
  return rows.find((row) => JSON.stringify(row.ref) === wanted)
}

interface PinWish {
  readonly ref: EvidenceRef
  readonly title: string
  readonly hypothesisId: string | null
  readonly hunch: string | null
  readonly stance: Stance
  readonly note: string
}

/** Sends what a pin takes, in order, without waiting in between: offline the queue keeps the order. */
function usePinCommands(): (wish: PinWish) => void {
  const run = useCommand()
  const evidence = useRoomState((state) => state.evidence)
  return (wish) => {
    const known = samePin(evidence, wish.ref)
    const evidenceId = known?.id ?? EvidenceId.parse(crypto.randomUUID())
    const hypothesisId =
      wish.hunch !== null
        ? HypothesisId.parse(crypto.randomUUID())
        : wish.hypothesisId === null
          ? null
          : HypothesisId.parse(wish.hypothesisId)
    const steps: Promise<unknown>[] = []
    if (hypothesisId && wish.hunch !== null)
      steps.push(run('hypothesis:add', { id: hypothesisId, title: wish.hunch }))
    if (!known) steps.push(run('evidence:pin', { id: evidenceId, title: wish.title, ref: wish.ref }))
    if (hypothesisId)
      steps.push(run('evidence:link', { evidenceId, hypothesisId, stance: wish.stance, note: wish.note }))
    void Promise.all(steps).then((replies) => {
      if (replies.every((reply) => reply !== undefined))
        say.done('Pinned. The pin brings anyone to this view.')
    })
  }
}
