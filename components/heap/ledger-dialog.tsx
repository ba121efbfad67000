'use client' // Fetches, takes entries back.

import { format } from 'date-fns'
import { Trash2 } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useCommand, useRoom } from '#components/room/room-context'
import { Button, IconButton } from '#components/ui/button'
import { Dialog } from '#components/ui/dialog'
import { EmptyState } from '#components/ui/empty-state'
import { Input } from '#components/ui/field'
import { Tag } from '#components/ui/pill'
import { formatCount } from '#lib/units/format'
import { sentenceOf } from './answer.tsx'
import { visible } from './raw-text.tsx'
import { ReadProblem } from './read-problem.tsx'
import { type LedgerLine, useLedger } from './use-ledger.tsx'

/** Everything that the team expects, with who said it and why. */
export function LedgerDialog({ onClose }: { onClose(): void }) {
  const { teamName } = useRoom()
  const { ledger, isHere, error, refresh } = useLedger()
  const [words, setWords] = useState('')
  const subjects = useMemo(() => bySubject(ledger.entries, words), [ledger.entries, words])
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      wide
      title="The ledger: what is expected"
      description={`Said by people of ${visible(teamName)}, and applied in every room of the team. Where they disagree, nothing is folded away.`}
    >
      {!isHere && error !== undefined && <ReadProblem sentence={sentenceOf(error)} onRetry={refresh} />}
      {!isHere && error === undefined && <p role="status">Fetching…</p>}
      {isHere && ledger.entries.length === 0 && (
        <EmptyState title="Nothing is marked yet">
          Select a row in Growth and mark it as expected, with the reason. It is then folded away in all later
          captures.
        </EmptyState>
      )}
      {ledger.entries.length > 8 && (
        <Input
          type="search"
          aria-label="Filter the ledger"
          placeholder="Title, reason or name"
          value={words}
          onChange={(event) => setWords(event.target.value)}
          className="mb-3"
        />
      )}
      <ul className="grid gap-2.5">
        {subjects.map(([fingerprint, entries]) => (
          <li key={fingerprint} className="rounded-lg border border-line-strong px-3 py-2.5">
            <h3 className="flex flex-wrap items-baseline gap-2 font-semibold [overflow-wrap:anywhere]">
              <bdi>{visible(entries.at(-1)?.title ?? '')}</bdi>
              {isDisputed(entries) && <Tag tone="warm">people disagree</Tag>}
            </h3>
            <ul>
              {entries.map((entry) => (
                <Entry key={entry.id} entry={entry} names={ledger.names} onRemoved={refresh} />
              ))}
            </ul>
          </li>
        ))}
      </ul>
      <div className="mt-4 flex justify-end">
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  )
}

function Entry({
  entry,
  names,
  onRemoved,
}: {
  entry: LedgerLine
  names: Readonly<Record<string, string>>
  onRemoved(): void
}) {
  const { me, role, canWrite } = useRoom()
  const command = useCommand()
  const author = Object.hasOwn(names, entry.createdBy) ? names[entry.createdBy] : undefined
  // The server decides; an owner's attempt at somebody else's entry may still be refused, with a sentence.
  const mayRemove = canWrite && (entry.createdBy === me.userId || role === 'owner')
  const remove = async () => {
    if (await command('ledger:remove', { id: entry.id })) onRemoved()
  }
  return (
    <li className="mt-1.5 flex items-start gap-2">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-2 text-ink-3 text-xs">
          <Tag tone={entry.expired ? 'neutral' : entry.verdict === 'expected' ? 'steady' : 'growth'}>
            {entry.expired ? 'ran out' : entry.verdict === 'expected' ? 'expected' : 'not expected'}
          </Tag>
          <bdi>{author ?? 'somebody who has left'}</bdi>
          <span>{format(entry.updatedAt, 'd MMM yyyy')}</span>
          {entry.bound !== null && <span>up to {formatCount(entry.bound)} objects</span>}
          {entry.expiresAt !== null && <span>until {format(entry.expiresAt, 'd MMM yyyy')}</span>}
        </p>
        <p className="text-ink-2 [overflow-wrap:anywhere]">
          <bdi>{entry.reason}</bdi>
        </p>
      </div>
      {mayRemove && (
        <IconButton label={`Take back: ${visible(entry.title)}`} onClick={() => void remove()}>
          <Trash2 size={13} aria-hidden />
        </IconButton>
      )}
    </li>
  )
}

/** Entries about the same group stand together, in the order in which the groups were first marked. */
function bySubject(entries: readonly LedgerLine[], words: string): [string, LedgerLine[]][] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  const groups = new Map<string, LedgerLine[]>()
  for (const entry of entries) {
    const group = groups.get(entry.fingerprint)
    if (group) group.push(entry)
    else groups.set(entry.fingerprint, [entry])
  }
  return [...groups].filter(([, said]) => {
    const text = said
      .map(({ title, reason }) => `${title} ${reason}`)
      .join(' ')
      .toLowerCase()
    return wanted.every((word) => text.includes(word))
  })
}

const isDisputed = (entries: readonly LedgerLine[]): boolean =>
  new Set(entries.filter(({ expired }) => !expired).map(({ verdict }) => verdict)).size > 1
