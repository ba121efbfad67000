'use client' // A click goes to what the pin points at.

import { clsx } from 'clsx'
import { useRoom, useRoomState } from '#components/room/room-context'
import { pinPath, useView } from '#components/room/view'
import type { EvidenceRow, Stance } from '#lib/investigation/rows'

export const STANCE_SIGNS: Record<Stance, string> = { for: '▲', against: '▼', neutral: '•' }
export const STANCE_WORDS: Record<Stance, string> = {
  for: 'speaks for it',
  against: 'speaks against it',
  neutral: 'neutral',
}
const SIGN_COLORS: Record<Stance, string> = {
  for: 'text-steady',
  against: 'text-growth',
  neutral: 'text-ink-3',
}

/** A pin on a hypothesis: its stance as a sign and a word, its title; a click brings the reader there. */
export function EvidenceChip({
  evidence,
  stance,
  note,
}: {
  evidence: EvidenceRow
  stance: Stance
  note: string
}) {
  const { show } = useView()
  return (
    <button
      type="button"
      onClick={() => show(evidence.ref)}
      title={[evidence.title, STANCE_WORDS[stance], note].filter(Boolean).join(' · ')}
      className="flex max-w-full items-baseline gap-1 rounded-[5px] bg-sunken px-[7px] py-0.5 text-left text-ink-2 text-xs hover:bg-accent-soft hover:text-accent max-md:items-center max-md:py-1.5"
    >
      <span className={clsx('shrink-0 text-[9px]', SIGN_COLORS[stance])} aria-hidden>
        {STANCE_SIGNS[stance]}
      </span>
      <bdi className="line-clamp-2 break-words">{evidence.title}</bdi>
      <span className="sr-only">, {STANCE_WORDS[stance]}</span>
    </button>
  )
}

/** A pin inside a message's text: a real link, so that it wraps, can be copied and opens in another tab. */
export function PinMention({ evidenceId }: { evidenceId: string }) {
  const { show } = useView()
  const { investigationId } = useRoom()
  const evidence = useRoomState((state) => state.evidence.find((row) => row.id === evidenceId))
  if (!evidence) return <span className="text-ink-3">(a pin that is not here any more)</span>
  return (
    <a
      href={pinPath(investigationId, evidenceId)}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return
        event.preventDefault()
        show(evidence.ref)
      }}
      className="box-decoration-clone rounded bg-accent-soft px-[5px] font-[550] text-accent hover:underline"
    >
      <bdi>{evidence.title}</bdi>
    </a>
  )
}
