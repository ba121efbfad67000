'use client' // Follows the experiment.

import { useRoomState } from '#components/room/room-context'
import type { EvidenceRef } from '#lib/investigation/rows'

/** Below a pinned experiment that says something else by now: what. Nothing while the words stand. */
export function StaleExperiment({ quote }: { quote: Extract<EvidenceRef, { kind: 'experiment' }> }) {
  const now = useRoomState(
    (state) => state.experiments.find(({ id }) => id === quote.experimentId)?.conclusion?.words,
  )
  // A pin keeps the first 500 characters.
  if (quote.reading === '' || now === undefined || now.slice(0, 500) === quote.reading) return null
  return <p className="mt-0.5 text-warm text-xs">The experiment says something else by now: {now}</p>
}
