'use client' // Notices when nothing moves any more.

import { useEffect, useState } from 'react'
import type { CaptureRow } from '#lib/investigation/rows'
import type { CaptureProgress } from '#lib/realtime/protocol'
import { formatShare } from '#lib/units/format'
import { progressWords, stateWords } from './capture-words.tsx'

/** No news for this long, in milliseconds, and the card stops pretending. */
const QUIET_AFTER = 20_000

/** How far a capture is on its way in: stage, bytes, speed, percentage; the same for everybody in the room. */
export function CaptureMeter({
  capture,
  progress,
}: {
  capture: CaptureRow
  progress: CaptureProgress | undefined
}) {
  const isQuiet = useIsQuiet(`${progress?.stage} ${progress?.bytesDone} ${progress?.ratio}`)
  const isUnderWay =
    capture.state === 'uploading' || capture.state === 'queued' || capture.state === 'reading'
  if (!isUnderWay) return null
  if (!progress || (capture.state === 'uploading' && isQuiet)) {
    return <p className="text-ink-2 text-xs">{stateWords(capture)}</p>
  }
  const { ratio } = progress
  const words = progressWords(progress)
  return (
    <div>
      <p className="num flex justify-between gap-3 text-ink-2">
        <span className="min-w-0 truncate" title={words}>
          {words}
        </span>
        {ratio !== null && <span className="shrink-0">{formatShare(ratio)}</span>}
      </p>
      <progress
        aria-label={`${capture.label}: ${progress.stage}`}
        max={1}
        {...(ratio === null ? {} : { value: ratio })}
        className="mt-1.5 block h-[3px] w-full overflow-hidden rounded-sm [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-sunken [&::-webkit-progress-value]:bg-accent"
      />
    </div>
  )
}

/** True once `value` has stayed the same for QUIET_AFTER. */
function useIsQuiet(value: string): boolean {
  const [quiet, setQuiet] = useState<string | null>(null)
  useEffect(() => {
    const timer = setTimeout(() => setQuiet(value), QUIET_AFTER)
    return () => clearTimeout(timer)
  }, [value])
  return quiet === value
}
