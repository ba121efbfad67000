'use client' // Shared editors.

import { Ellipsis } from 'lucide-react'
import { useEffect, useState } from 'react'
import { ExperimentsOf } from '#components/experiments/experiments-of'
import { RichEditor } from '#components/notes/lazy'
import { useCommand, useDoc, useRoom, useSaveStatus, useSetPresence } from '#components/room/room-context'
import { IconButton } from '#components/ui/button'
import { Confirm } from '#components/ui/confirm'
import { copyText } from '#components/ui/copy-button'
import { Menu, MenuItem } from '#components/ui/menu'
import { say } from '#components/ui/toasts'
import type { HypothesisRow } from '#lib/investigation/rows'
import { FRAGMENTS } from '#lib/realtime/protocol'
import { Checks } from './checks.tsx'
import { EvidenceList, type Linked } from './evidence-list.tsx'

/** The opened part of a card: why we think so, what to do next, and the evidence. */
export function HypothesisDetails({
  hypothesis,
  linked,
}: {
  hypothesis: HypothesisRow
  linked: readonly Linked[]
}) {
  const setPresence = useSetPresence()
  const { canWrite } = useRoom()
  useEffect(() => {
    if (!canWrite) return
    setPresence({ editing: hypothesis.id })
    return () => setPresence({ editing: null })
  }, [hypothesis.id, canWrite, setPresence])
  return (
    <div className="mt-2 grid gap-3 border-line border-t border-dashed pt-2">
      <SharedField
        title="Why we think so"
        field={FRAGMENTS.rationale(hypothesis.id)}
        placeholder="What points at it?"
      />
      <SharedField
        title="Next"
        field={FRAGMENTS.nextStep(hypothesis.id)}
        placeholder="What would decide it?"
      />
      <Checks hypothesis={hypothesis} />
      <ExperimentsOf hypothesisId={hypothesis.id} />
      <section aria-label="Evidence">
        <h4 className="mb-1 font-[620] text-ink-2 text-xs">Evidence</h4>
        <EvidenceList linked={linked} />
      </section>
      <MoreMenu hypothesis={hypothesis} />
    </div>
  )
}

function SharedField({ title, field, placeholder }: { title: string; field: string; placeholder: string }) {
  const provider = useDoc()
  const status = useSaveStatus()
  return (
    <section aria-label={title}>
      <h4 className="mb-1 font-[620] text-ink-2 text-xs">{title}</h4>
      {status.state === 'needs-attention' ? (
        <p className="text-growth text-sm">The shared text needs attention: see Notes.</p>
      ) : provider ? (
        <div className="rounded-md border border-line-strong bg-panel px-2 py-1.5 focus-within:border-accent focus-within:ring-1 focus-within:ring-accent">
          <RichEditor compact field={field} label={title} placeholder={placeholder} provider={provider} />
        </div>
      ) : (
        <p className="text-ink-3 text-sm">Opening the text…</p>
      )}
    </section>
  )
}

function MoreMenu({ hypothesis }: { hypothesis: HypothesisRow }) {
  const { canWrite, investigationId } = useRoom()
  const run = useCommand()
  const [asking, setAsking] = useState(false)
  const copyLink = async () => {
    const address = `${window.location.origin}/i/${investigationId}#hypothesis-${hypothesis.id}`
    await copyText(address).then(
      () => say.done('The link to this hypothesis is on the clipboard.'),
      () => say.problem(address),
    )
  }
  return (
    <div className="-mt-1 flex justify-end">
      <Menu
        trigger={
          <IconButton label="More about this hypothesis">
            <Ellipsis size={14} aria-hidden />
          </IconButton>
        }
      >
        <MenuItem onSelect={() => void copyLink()}>Copy the link</MenuItem>
        {canWrite && (
          <MenuItem danger onSelect={() => setAsking(true)}>
            Remove…
          </MenuItem>
        )}
      </Menu>
      <Confirm
        title="Remove this hypothesis?"
        action="Remove"
        open={asking}
        onOpenChange={setAsking}
        onConfirm={() => run('hypothesis:remove', { id: hypothesis.id, version: hypothesis.version })}
      >
        Its votes and its links to evidence go with it; the pins themselves stay in the room. To keep it for
        later, rule it out or park it instead.
      </Confirm>
    </div>
  )
}
