'use client' // Edits in place; a menu.

import { ChevronDown } from 'lucide-react'
import { useState } from 'react'
import { TitleField } from '#components/investigation/hypothesis-title'
import { Menu, MenuItem } from '#components/ui/menu'
import { Pill, type Tone } from '#components/ui/pill'
import { InvestigationStatus } from '#lib/investigation/rows'
import { INVESTIGATION_WORDS } from '#lib/investigation/timeline'
import { useCommand, useRoom, useRoomState } from './room-context.tsx'

const TONES: Record<InvestigationStatus, Tone> = {
  investigating: 'warm',
  'cause-found': 'steady',
  'no-growth': 'managed',
  parked: 'neutral',
}
const label = (status: InvestigationStatus): string => {
  const words = INVESTIGATION_WORDS[status]
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** Team and title; a click on the title renames the investigation. */
export function RoomTitle({ teamName }: { teamName: string }) {
  const { canWrite } = useRoom()
  const { title, version } = useRoomState((state) => state.investigation)
  const run = useCommand()
  const [editing, setEditing] = useState(false)
  return (
    <div className="flex min-w-0 items-center text-ink-3 max-md:basis-[calc(100%-48px)]">
      <bdi className="max-w-40 truncate max-lg:hidden">{teamName}</bdi>
      <span className="mx-2 max-lg:hidden" aria-hidden>
        /
      </span>
      {editing ? (
        <TitleField
          start={title}
          label="Title of the investigation"
          className="w-[min(46ch,60vw)] rounded border border-line-strong bg-panel px-1.5 py-0.5 font-semibold text-ink max-md:text-[16px]"
          onDone={(next) => {
            setEditing(false)
            if (next && next !== title) void run('investigation:change', { version, title: next })
          }}
        />
      ) : (
        <h1 className="min-w-0 font-semibold text-ink">
          {canWrite ? (
            <button
              type="button"
              onClick={() => setEditing(true)}
              title="Rename"
              className="block max-w-full truncate rounded px-1 hover:bg-sunken"
            >
              <bdi>{title}</bdi>
            </button>
          ) : (
            <bdi className="block truncate">{title}</bdi>
          )}
        </h1>
      )}
    </div>
  )
}

/** How the investigation stands; editors change it. */
export function RoomStatus() {
  const { canWrite } = useRoom()
  const { status, version } = useRoomState((state) => state.investigation)
  const run = useCommand()
  if (!canWrite) return <Pill tone={TONES[status]}>{label(status)}</Pill>
  return (
    <Menu
      align="start"
      trigger={
        <button type="button" className="rounded-full" aria-label={`Status: ${label(status)}. Change it`}>
          <Pill tone={TONES[status]}>
            {label(status)}
            <ChevronDown size={11} aria-hidden />
          </Pill>
        </button>
      }
    >
      {InvestigationStatus.options.map((option) => (
        <MenuItem
          key={option}
          checked={option === status}
          onSelect={() => option !== status && void run('investigation:change', { version, status: option })}
        >
          {label(option)}
        </MenuItem>
      ))}
    </Menu>
  )
}
