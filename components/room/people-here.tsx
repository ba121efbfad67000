'use client' // Follows presence.

import { Avatar, AvatarStack } from '#components/ui/avatar'
import { Popover } from '#components/ui/popover'
import { useConnections, usePresence, useRoom } from './room-context.tsx'

const PANEL_WORDS: Record<string, string> = {
  graph: 'at the graph',
  growth: 'in Growth',
  snapshots: 'in Snapshots',
  notes: 'in Notes',
  timeline: 'in the timeline',
  hypotheses: 'at the hypotheses',
  discussion: 'in the discussion',
  capture: 'in a capture',
}

/** Where a person is, in words. A panel that this page does not know is no reason to stay silent. */
export const placeWords = (panel: string): string => PANEL_WORDS[panel] ?? 'in the room'

/** Who is here and in which panel: avatars, and a list on a click. */
export function PeopleHere() {
  const others = usePresence()
  const mine = useConnections()
  const { me } = useRoom()
  const myTabs = mine.filter((connection) => connection.userId === me.userId).length
  const everybody = [{ userId: me.userId, name: me.name, color: me.color }, ...others]
  const words = `Here now: ${everybody.map((person) => person.name).join(', ')}`
  return (
    <Popover
      align="end"
      trigger={
        <button type="button" aria-label={words} className="rounded-full" data-testid="people-here">
          <AvatarStack people={everybody} size={26} />
        </button>
      }
    >
      <h2 className="mb-2 font-[650]">Here now</h2>
      <ul className="grid gap-2">
        <li className="flex items-center gap-2">
          <Avatar name={me.name} color={me.color} />
          <span>
            <bdi>{me.name}</bdi> <span className="text-ink-3">(you{myTabs > 1 && `, ${myTabs} tabs`})</span>
          </span>
        </li>
        {others.map((person) => (
          <li key={person.userId} className="flex items-center gap-2">
            <Avatar name={person.name} color={person.color} />
            <bdi className="min-w-0 flex-1 truncate">{person.name}</bdi>
            <span className="shrink-0 text-ink-3 text-xs">
              {person.typing ? 'is typing' : placeWords(person.panel)}
            </span>
          </li>
        ))}
      </ul>
    </Popover>
  )
}
