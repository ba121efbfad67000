'use client' // A menu.

import { Button } from '#components/ui/button'
import { copyText } from '#components/ui/copy-button'
import { Menu, MenuItem, MenuLink } from '#components/ui/menu'
import { say } from '#components/ui/toasts'
import { useRoom } from './room-context.tsx'

/** Where the report of a room is downloaded. */
export const exportPath = (investigationId: string): string => `/api/investigations/${investigationId}/export`

/** The link to this view goes on the clipboard. */
export async function copyRoomLink(): Promise<void> {
  const address = window.location.href
  await copyText(address).then(
    () => say.done('The link to this view is on the clipboard. It opens for members of the team.'),
    () => say.problem(address),
  )
}

/** Takes the investigation out of the room: as Markdown, or as a link to this view. */
export function ExportMenu() {
  const { investigationId } = useRoom()
  return (
    <Menu trigger={<Button>Export</Button>}>
      <MenuLink>
        <a href={exportPath(investigationId)} download>
          Download as Markdown
        </a>
      </MenuLink>
      <MenuItem onSelect={() => void copyRoomLink()}>Copy the link to this view</MenuItem>
    </Menu>
  )
}
