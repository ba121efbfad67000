'use client' // Chooses.

import { Select } from '#components/ui/field'
import type { LetteredCapture } from './growth-choice.tsx'
import { visible } from './raw-text.tsx'

/** Which other capture this one is compared with, in every table and in the treemap's colours. */
export function SinceChoice({
  others,
  since,
  onChoose,
}: {
  others: readonly LetteredCapture[]
  since: LetteredCapture | undefined
  onChoose(captureId: string | null): void
}) {
  if (others.length === 0) return null
  return (
    <Select
      aria-label="Compare with another capture"
      value={since?.capture.id ?? ''}
      onChange={(event) => onChoose(event.target.value || null)}
      className="h-7! max-w-44 text-xs!"
    >
      <option value="">Compare with…</option>
      {others.map(({ letter, capture }) => (
        <option key={capture.id} value={capture.id}>
          Since {letter}, {visible(capture.label).slice(0, 40)}
        </option>
      ))}
    </Select>
  )
}
