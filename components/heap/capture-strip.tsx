'use client' // Chips that are pressed.

import clsx from 'clsx'
import { useProgress } from '#components/room/room-context'
import { formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { CaptureMeter } from './capture-progress.tsx'
import { stateWords } from './capture-words.tsx'
import type { LetteredCapture } from './growth-choice.tsx'
import { visible } from './raw-text.tsx'

interface CaptureStripProps {
  readonly all: readonly LetteredCapture[]
  readonly chosen: readonly LetteredCapture[]
  readonly onChoose: (ids: readonly string[]) => void
}

/** The room's captures as chips: pressed ones are compared, those on their way in show how far they are. */
export function CaptureStrip({ all, chosen, onChoose }: CaptureStripProps) {
  const ids = new Set<string>(chosen.map(({ capture }) => capture.id))
  const toggle = (id: string) => {
    const wanted = (other: string) => (other === id ? !ids.has(id) : ids.has(other))
    onChoose(all.filter(({ capture }) => wanted(capture.id)).map(({ capture }) => capture.id))
  }
  return (
    <fieldset className="flex min-w-0 shrink-0 items-stretch gap-2 overflow-x-auto px-4 pt-2.5 pb-2">
      <legend className="sr-only">Captures to compare</legend>
      {all.map((one) =>
        one.capture.state === 'ready' ? (
          <ReadyChip
            key={one.capture.id}
            {...one}
            isChosen={ids.has(one.capture.id)}
            onPress={() => toggle(one.capture.id)}
          />
        ) : (
          <WaitingChip key={one.capture.id} {...one} />
        ),
      )}
    </fieldset>
  )
}

const CHIP = 'w-[190px] shrink-0 rounded-lg border bg-panel px-2.5 py-1.5 text-left'

function ReadyChip({
  letter,
  capture,
  isChosen,
  onPress,
}: LetteredCapture & { isChosen: boolean; onPress(): void }) {
  const name = visible(capture.label)
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      onClick={onPress}
      title={isChosen ? `${name}: press to leave it out` : `${name}: press to compare it too`}
      className={clsx(
        CHIP,
        isChosen ? 'border-accent ring-1 ring-accent' : 'border-line-strong text-ink-2 hover:border-ink-3',
      )}
    >
      <span className="flex gap-1.5">
        <b className="font-semibold text-ink">{letter}</b>
        <bdi className="truncate">{name}</bdi>
      </span>
      <span className="num block truncate text-ink-3">
        {capture.totals &&
          `${formatBytes(bytes(capture.totals.shallowBytes))} · ${formatCount(capture.totals.objects)}`}
      </span>
    </button>
  )
}

function WaitingChip({ letter, capture }: LetteredCapture) {
  const progress = useProgress().get(capture.id)
  const name = visible(capture.label)
  const isOver = capture.state === 'failed' || capture.state === 'cancelled'
  return (
    <div className={clsx(CHIP, 'border-line')} title={isOver ? stateWords(capture) : name}>
      <span className="flex gap-1.5">
        <b className="font-semibold">{letter}</b>
        <bdi className="truncate text-ink-2">{name}</bdi>
      </span>
      {isOver ? (
        <span className="block truncate text-growth text-xs">{stateWords(capture)}</span>
      ) : (
        <div className="max-h-9 overflow-hidden">
          <CaptureMeter capture={capture} progress={progress} />
        </div>
      )}
    </div>
  )
}
