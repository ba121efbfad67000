'use client' // A form.

import { format } from 'date-fns'
import { BookCheck } from 'lucide-react'
import { type FormEvent, useId, useState } from 'react'
import { useRawCommand, useRoom } from '#components/room/room-context'
import { Button } from '#components/ui/button'
import { Dialog } from '#components/ui/dialog'
import { Input, Select, TextArea } from '#components/ui/field'
import { say } from '#components/ui/toasts'
import type { LedgerVerdict } from '#lib/investigation/rows'
import { formatCount } from '#lib/units/format'
import { sentenceOf } from './answer.tsx'
import { readRequests } from './capture-form.tsx'
import { visible } from './raw-text.tsx'
import { type LedgerLine, useLedger } from './use-ledger.tsx'

/** What somebody is about to judge. */
export interface LedgerSubject {
  readonly fingerprint: string
  /** In words for people. */
  readonly title: string
  /** Objects in the newest capture: what a bound is measured against; null when not known. */
  readonly objects: number | null
  /** What the machine would say, where it proposes something. */
  readonly proposal?: { readonly reason: string; readonly bound: number | null }
}

/** Opens the form. */
export function MarkExpectedButton({ subject }: { subject: LedgerSubject }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        <BookCheck size={13} aria-hidden /> Mark as expected
      </Button>
      {isOpen && <MarkExpected subject={subject} onClose={() => setOpen(false)} />}
    </>
  )
}

const LASTS = {
  always: 'until somebody takes it back',
  month: 'for a month',
  quarter: 'for three months',
  year: 'for a year',
} as const
type Lasts = keyof typeof LASTS
const MONTHS: Record<Exclude<Lasts, 'always'>, number> = { month: 1, quarter: 3, year: 12 }

/**
 * Says for the whole team that a group is expected (or that it is not), with the reason. It is matched by names in every
 * capture and room of the team. What others said stays theirs: a different verdict is shown beside it.
 */
export function MarkExpected({ subject, onClose }: { subject: LedgerSubject; onClose(): void }) {
  const { me } = useRoom()
  const { ledger } = useLedger()
  const said = ledger.entries.filter(({ fingerprint }) => fingerprint === subject.fingerprint)
  const mine = said.find((entry) => entry.createdBy === me.userId)
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title="Mark as expected"
      description={
        <>
          <bdi>{visible(subject.title)}</bdi>. It is folded away in every capture and room of the team.
        </>
      }
    >
      <Said entries={said.filter((entry) => entry !== mine)} names={ledger.names} />
      <Form key={mine?.id} subject={subject} mine={mine} onClose={onClose} />
    </Dialog>
  )
}

/** What others have said about it: a verdict that differs is a conversation, nothing to overwrite. */
function Said({
  entries,
  names,
}: {
  entries: readonly LedgerLine[]
  names: Readonly<Record<string, string>>
}) {
  if (entries.length === 0) return null
  return (
    <ul className="mb-3.5 grid gap-1.5 rounded-md bg-sunken px-3 py-2 text-sm">
      {entries.map((entry) => (
        <li key={entry.id}>
          <b className="font-semibold">
            {Object.hasOwn(names, entry.createdBy) ? names[entry.createdBy] : 'Somebody'}
          </b>{' '}
          says {entry.verdict === 'expected' ? 'it is expected' : 'it is not expected'}
          {entry.expired && ' (ran out)'}: <bdi>{entry.reason}</bdi>
        </li>
      ))}
    </ul>
  )
}

interface FormProps {
  readonly subject: LedgerSubject
  readonly mine: LedgerLine | undefined
  readonly onClose: () => void
}

function Form({ subject, mine, onClose }: FormProps) {
  const ids = { reason: useId(), lasts: useId(), bound: useId(), about: useId() }
  const command = useRawCommand()
  const { refresh } = useLedger()
  const [verdict, setVerdict] = useState<LedgerVerdict>(mine?.verdict ?? 'expected')
  const [reason, setReason] = useState(mine?.reason ?? subject.proposal?.reason ?? '')
  const [lasts, setLasts] = useState<Lasts>('always')
  const [bound, setBound] = useState(String(mine?.bound ?? subject.proposal?.bound ?? ''))
  const [problem, setProblem] = useState<string | null>(null)
  const [isSaving, setSaving] = useState(false)
  const most = readRequests(bound)
  const isReady = reason.trim() !== '' && most !== undefined && !isSaving

  const save = async (event: FormEvent) => {
    event.preventDefault()
    if (!isReady) return
    setSaving(true)
    try {
      await command('ledger:mark', {
        fingerprint: subject.fingerprint,
        title: subject.title.slice(0, 200),
        verdict,
        reason: reason.trim(),
        expiresAt: lasts === 'always' ? null : inMonths(MONTHS[lasts]),
        bound: verdict === 'expected' ? most : null,
        ...(mine && { version: mine.version }),
      })
      refresh()
      onClose()
      say.done(
        verdict === 'expected' ? 'Marked as expected, for the whole team.' : 'Noted, for the whole team.',
      )
    } catch (refused) {
      setProblem(sentenceOf(refused))
    } finally {
      setSaving(false)
    }
  }

  return (
    <form className="grid gap-3.5" onSubmit={save}>
      <fieldset className="flex flex-wrap gap-x-5 gap-y-1">
        <legend className="mb-1 font-[550] text-ink-2 text-sm">What do you say?</legend>
        <Verdict
          name="It is expected"
          isOn={verdict === 'expected'}
          onChoose={() => setVerdict('expected')}
        />
        <Verdict
          name="It is not expected"
          isOn={verdict === 'not-expected'}
          onChoose={() => setVerdict('not-expected')}
        />
      </fieldset>
      <div className="grid gap-1">
        <label htmlFor={ids.reason} className="font-[550] text-ink-2 text-sm">
          Because
        </label>
        <TextArea
          id={ids.reason}
          autoFocus
          required
          rows={3}
          maxLength={2000}
          value={reason}
          placeholder="What it is, and why it may live: what a colleague needs to agree in half a year."
          onChange={(event) => setReason(event.target.value)}
        />
      </div>
      <div className="grid gap-3.5 sm:grid-cols-2">
        <div className="grid min-w-0 content-start gap-1">
          <label htmlFor={ids.lasts} className="font-[550] text-ink-2 text-sm">
            It holds
          </label>
          <Select
            id={ids.lasts}
            value={lasts}
            onChange={(event) => setLasts(isLasts(event.target.value) ? event.target.value : 'always')}
            className="h-[34px]! w-full min-w-0"
          >
            {Object.entries(LASTS).map(([key, words]) => (
              <option key={key} value={key}>
                {words}
              </option>
            ))}
          </Select>
          {mine?.expiresAt != null && (
            <p className="text-ink-3 text-xs">Until now: to {format(mine.expiresAt, 'd MMM yyyy')}.</p>
          )}
        </div>
        {verdict === 'expected' && (
          <div className="grid content-start gap-1">
            <label htmlFor={ids.bound} className="font-[550] text-ink-2 text-sm">
              Up to how many <span className="font-normal text-ink-3">(optional)</span>
            </label>
            <Input
              id={ids.bound}
              inputMode="numeric"
              placeholder="any number"
              value={bound}
              aria-describedby={ids.about}
              aria-invalid={most === undefined || undefined}
              onChange={(event) => setBound(event.target.value)}
            />
            <p id={ids.about} className="text-ink-3 text-xs">
              {most === undefined
                ? 'A whole number, please.'
                : subject.objects === null
                  ? 'More of them are shown again.'
                  : `More are shown again. There are ${formatCount(subject.objects)} now.`}
            </p>
          </div>
        )}
      </div>
      {problem !== null && (
        <p role="alert" className="text-growth">
          {problem}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" type="submit" disabled={!isReady}>
          {mine ? 'Change' : 'Mark'}
        </Button>
      </div>
    </form>
  )
}

function Verdict({ name, isOn, onChoose }: { name: string; isOn: boolean; onChoose(): void }) {
  return (
    <label className="flex items-center gap-2">
      <input type="radio" name="verdict" checked={isOn} onChange={onChoose} className="accent-accent" />
      {name}
    </label>
  )
}

const isLasts = (text: string): text is Lasts => text in LASTS

function inMonths(months: number): number {
  const at = new Date()
  at.setMonth(at.getMonth() + months)
  return at.getTime()
}
