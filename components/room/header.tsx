'use client' // Menus and live words.

import { Command } from 'lucide-react'
import { Button, IconButton } from '#components/ui/button'
import { Mark } from '#components/ui/mark'
import { ThemeToggle } from '#components/ui/theme-toggle'
import { ExportMenu } from './export-menu.tsx'
import { PeopleHere } from './people-here.tsx'
import { useRoom } from './room-context.tsx'
import { RoomStatus, RoomTitle } from './room-title.tsx'
import { SaveState } from './save-words.tsx'
import { useView } from './view.tsx'

/** Title, status, who is here, how everything is saved, share and export. On a phone it takes two lines. */
export function RoomHeader() {
  const { setDialog } = useView()
  const { canWrite, teamName } = useRoom()
  return (
    <header className="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1 border-line border-b bg-panel px-4 max-md:px-3 max-md:py-1.5">
      {/* A phone shows the ring only; its name stays for screen readers. */}
      <span className="max-md:text-[0px]">
        <Mark />
      </span>
      <RoomTitle teamName={teamName} />
      <RoomStatus />
      <span className="flex-1" />
      <SaveState />
      <PeopleHere />
      <span className="max-md:hidden">
        <ExportMenu />
      </span>
      {canWrite && (
        <Button look="primary" onClick={() => setDialog('share')}>
          Share
        </Button>
      )}
      <button
        type="button"
        onClick={() => setDialog('palette')}
        aria-label="Commands (⌘K or Ctrl K)"
        aria-keyshortcuts="Meta+K Control+K"
        className="rounded max-md:hidden"
      >
        <kbd>⌘K</kbd>
      </button>
      <span className="md:hidden">
        <IconButton label="Commands" onClick={() => setDialog('palette')}>
          <Command size={15} aria-hidden />
        </IconButton>
      </span>
      <span className="max-md:hidden">
        <ThemeToggle />
      </span>
    </header>
  )
}
