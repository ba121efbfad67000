'use client' // Copies, pins.

import { ChevronLeft, ChevronRight, Download, Pin } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { usePin } from '#components/room/pin'
import { useRoomState } from '#components/room/room-context'
import { Button, ButtonLink, buttonClass } from '#components/ui/button'
import { CopyButton } from '#components/ui/copy-button'
import type { LetteredCapture } from './growth-choice.tsx'
import { visible } from './raw-text.tsx'

interface CaptureHeaderProps {
  readonly here: LetteredCapture
  readonly before: LetteredCapture | undefined
  readonly after: LetteredCapture | undefined
  /** What the growth button compares it with. */
  readonly counterpart: LetteredCapture | undefined
  /** Chooses what this page compares with. */
  readonly choice?: ReactNode
  readonly investigationId: string
  /** The query of the view that is open, with its question mark. */
  readonly view: string
  /** What the pin is called: the selected row, or the capture alone. */
  readonly pinTitle: string
  readonly href: string
}

/** Where we are, the neighbours, and what can be done with this view. */
export function CaptureHeader(props: CaptureHeaderProps) {
  const { here, before, after, investigationId } = props
  const title = useRoomState((state) => state.investigation.title)
  const valuesHidden = useRoomState((state) => state.investigation.valuesHidden)
  const { canPin, openPin } = usePin()
  const room = `/i/${investigationId}`
  const isReady = here.capture.state === 'ready'
  return (
    <header className="flex min-h-12 shrink-0 flex-wrap items-center gap-x-3 lg:flex-nowrap gap-y-2 border-line border-b bg-panel px-4 py-2">
      <nav aria-label="Where this is" className="flex min-w-0 items-baseline gap-2 text-ink-3">
        {/* Where it does not all fit, the capture keeps its name, and the room gives way. */}
        <Link href={room} className="min-w-0 truncate hover:text-ink hover:underline" title={visible(title)}>
          <bdi>{visible(title)}</bdi>
        </Link>
        <span aria-hidden>/</span>
        <Link href={`${room}?tab=snapshots`} className="shrink-0 hover:text-ink hover:underline">
          Snapshots
        </Link>
        <span aria-hidden>/</span>
        <h1
          className="max-w-[55%] shrink-0 truncate font-semibold text-ink"
          title={visible(here.capture.label)}
        >
          {here.letter}, <bdi>{visible(here.capture.label)}</bdi>
        </h1>
      </nav>
      <Neighbour capture={before} room={room} direction="Previous" />
      <Neighbour capture={after} room={room} direction="Next" />
      <span className="flex-1 max-lg:hidden" />
      {isReady && props.choice}
      {isReady && <GrowthLink here={here} other={props.counterpart} room={room} />}
      <CopyButton text={props.href} label="Copy link" />
      {/* The file holds every value. */}
      {here.capture.sha256 !== null && !valuesHidden && (
        <a
          href={`/api/investigations/${investigationId}/captures/${here.capture.id}/file`}
          download
          aria-label="Download the file"
          title="Download the file"
          className={buttonClass('plain', 'small', 'px-2!')}
        >
          <Download size={13} aria-hidden />
        </a>
      )}
      {isReady && canPin && (
        <Button
          look="primary"
          size="small"
          onClick={() =>
            openPin({ kind: 'capture', captureId: here.capture.id, view: props.view }, props.pinTitle)
          }
        >
          <Pin size={13} aria-hidden /> Pin as evidence
        </Button>
      )}
    </header>
  )
}

/** The comparison of both in the room, with its suspects. */
function GrowthLink({
  here,
  other,
  room,
}: {
  here: LetteredCapture
  other: LetteredCapture | undefined
  room: string
}) {
  if (!other) return null
  const captures = `${other.capture.id},${here.capture.id}`
  return (
    <ButtonLink size="small" href={`${room}?tab=growth&captures=${captures}`}>
      Growth since {other.letter}
    </ButtonLink>
  )
}

function Neighbour({
  capture,
  room,
  direction,
}: {
  capture: LetteredCapture | undefined
  room: string
  direction: 'Previous' | 'Next'
}) {
  if (!capture) return null
  const Icon = direction === 'Previous' ? ChevronLeft : ChevronRight
  const name = `${direction} capture: ${capture.letter}, ${visible(capture.capture.label)}`
  return (
    <Link
      href={`${room}/captures/${capture.capture.id}`}
      aria-label={name}
      title={name}
      className={buttonClass('quiet', 'small', 'gap-0.5! px-1.5!')}
    >
      {direction === 'Previous' && <Icon size={14} aria-hidden />}
      {capture.letter}
      {direction === 'Next' && <Icon size={14} aria-hidden />}
    </Link>
  )
}
