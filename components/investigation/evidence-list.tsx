'use client' // Edits links.

import { Link2, X } from 'lucide-react'
import { useState } from 'react'
import { useCommand, usePersonName, useRoom } from '#components/room/room-context'
import { pinPath, useView } from '#components/room/view'
import { IconButton } from '#components/ui/button'
import { copyText } from '#components/ui/copy-button'
import { say } from '#components/ui/toasts'
import type { EvidenceLinkRow, EvidenceRow, Stance } from '#lib/investigation/rows'
import { StaleExperiment } from './stale-experiment.tsx'
import { StaleReading } from './stale-reading.tsx'
import { StanceChoice } from './stance-choice.tsx'

export interface Linked {
  readonly link: EvidenceLinkRow
  readonly evidence: EvidenceRow
}

/** The evidence of an opened hypothesis: where it points, its stance, its note; editors change and remove it. */
export function EvidenceList({ linked }: { linked: readonly Linked[] }) {
  if (linked.length === 0)
    return (
      <p className="text-ink-3 text-sm">
        Nothing is pinned here yet. Drag over the graph, choose a growth row, a capture or a message, and
        press P.
      </p>
    )
  return (
    <ul className="grid gap-2">
      {linked.map((one) => (
        <EvidenceItem key={one.evidence.id} {...one} />
      ))}
    </ul>
  )
}

function EvidenceItem({ link, evidence }: Linked) {
  const { canWrite, investigationId } = useRoom()
  const { show } = useView()
  const run = useCommand()
  const author = usePersonName(link.createdBy) ?? 'somebody'
  const [editing, setEditing] = useState(false)
  const change = (patch: { stance?: Stance; note?: string }) =>
    void run('evidence:link', {
      evidenceId: evidence.id,
      hypothesisId: link.hypothesisId,
      stance: link.stance,
      note: link.note,
      version: link.version,
      ...patch,
    })
  const unlink = async () => {
    const gone = await run('evidence:unlink', { evidenceId: evidence.id, hypothesisId: link.hypothesisId })
    if (!gone) return
    say.done('The pin was taken off this hypothesis.', {
      label: 'Undo',
      run: () =>
        void run('evidence:link', {
          evidenceId: evidence.id,
          hypothesisId: link.hypothesisId,
          stance: link.stance,
          note: link.note,
        }),
    })
  }
  const copyLink = async () => {
    const address = window.location.origin + pinPath(investigationId, evidence.id)
    await copyText(address).then(
      () => say.done('The permanent link is on the clipboard.'),
      () => say.problem(address),
    )
  }
  return (
    <li className="rounded-md border border-line bg-bg px-2 py-1.5">
      <div className="flex items-start gap-1">
        <button
          type="button"
          onClick={() => show(evidence.ref)}
          className="min-w-0 flex-1 break-words text-left font-[550] text-accent text-sm hover:underline"
        >
          <bdi>{evidence.title}</bdi>
        </button>
        <IconButton label="Copy the permanent link" className="size-6!" onClick={copyLink}>
          <Link2 size={12} aria-hidden />
        </IconButton>
        {canWrite && (
          <IconButton label="Take this pin off" className="size-6!" onClick={unlink}>
            <X size={12} aria-hidden />
          </IconButton>
        )}
      </div>
      {'reading' in evidence.ref && evidence.ref.reading !== '' && (
        <p className="text-ink-2 text-xs">{evidence.ref.reading}</p>
      )}
      {evidence.ref.kind === 'series-range' && <StaleReading quote={evidence.ref} />}
      {evidence.ref.kind === 'experiment' && <StaleExperiment quote={evidence.ref} />}
      <div className="mt-1 flex flex-wrap items-center gap-2">
        <StanceChoice
          value={link.stance}
          disabled={!canWrite}
          onChange={(stance) => stance !== link.stance && change({ stance })}
        />
        <span className="text-2xs text-ink-3">
          by <bdi>{author}</bdi>
        </span>
      </div>
      {editing ? (
        <NoteField
          start={link.note}
          onDone={(note) => {
            setEditing(false)
            if (note !== link.note) change({ note })
          }}
        />
      ) : canWrite ? (
        <button
          type="button"
          onClick={() => setEditing(true)}
          className="mt-1 block w-full whitespace-pre-wrap break-words text-left text-ink-2 text-sm"
        >
          {link.note || <span className="text-ink-3">Add a note…</span>}
        </button>
      ) : (
        link.note && <p className="mt-1 whitespace-pre-wrap break-words text-ink-2 text-sm">{link.note}</p>
      )}
    </li>
  )
}

function NoteField({ start, onDone }: { start: string; onDone(note: string): void }) {
  const [note, setNote] = useState(start)
  return (
    <textarea
      // biome-ignore lint/a11y/noAutofocus: it stands here because somebody asked to edit.
      autoFocus
      rows={2}
      maxLength={2000}
      value={note}
      aria-label="Note on this evidence"
      onChange={(event) => setNote(event.target.value)}
      onBlur={() => onDone(note.trim())}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onDone(start)
        if (event.key === 'Enter' && !event.shiftKey) onDone(note.trim())
      }}
      className="mt-1 w-full rounded border border-line-strong bg-panel px-1.5 py-1 text-sm max-md:text-[16px]"
    />
  )
}
