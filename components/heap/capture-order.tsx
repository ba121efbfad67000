'use client' // Dragging.

import {
  KeyboardSensor,
  PointerSensor,
  type SensorDescriptor,
  type SensorOptions,
  useSensor,
  useSensors,
} from '@dnd-kit/core'
import { arrayMove, sortableKeyboardCoordinates } from '@dnd-kit/sortable'
import { useCallback, useMemo, useState } from 'react'
import { useCommand } from '#components/room/room-context'
import type { CaptureRow } from '#lib/investigation/rows'

/** The mouse drags after 4 pixels, so that a click stays a click; space and the arrow keys do the same. */
export function useDragSensors(): SensorDescriptor<SensorOptions>[] {
  return useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  )
}

/**
 * The captures in the room's order, and moving one of them. The new order is shown at once; the server's answer (the
 * row, with its new rank) replaces it, and a refusal brings the old order back.
 */
export function useCaptureOrder(captures: readonly CaptureRow[]): {
  readonly ordered: readonly CaptureRow[]
  readonly move: (from: number, to: number) => void
} {
  const command = useCommand()
  const [moving, setMoving] = useState<readonly string[] | null>(null)
  const ordered = useMemo(() => {
    if (!moving) return captures
    const place = new Map(moving.map((id, at) => [id, at]))
    const last = captures.length
    return captures.toSorted((a, b) => (place.get(a.id) ?? last) - (place.get(b.id) ?? last))
  }, [captures, moving])

  const move = useCallback(
    async (from: number, to: number) => {
      const next = arrayMove([...ordered], from, to)
      const moved = next[to]
      if (!moved || from === to) return
      setMoving(next.map((capture) => capture.id))
      await command('capture:move', {
        id: moved.id,
        after: next[to - 1]?.id ?? null,
        before: next[to + 1]?.id ?? null,
      })
      setMoving(null)
    },
    [ordered, command],
  )
  return { ordered, move: (from, to) => void move(from, to) }
}
