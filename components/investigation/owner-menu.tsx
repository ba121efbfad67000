'use client' // A menu.

import { useCommand, usePersonName, useRoom, useRoomState } from '#components/room/room-context'
import { Menu, MenuItem, MenuSeparator } from '#components/ui/menu'
import type { HypothesisRow } from '#lib/investigation/rows'

/** Who takes care of it. Editors choose a member, or nobody. */
export function OwnerMenu({ hypothesis }: { hypothesis: HypothesisRow }) {
  const { canWrite, me } = useRoom()
  const members = useRoomState((state) => state.members)
  const run = useCommand()
  const owner = usePersonName(hypothesis.ownerId)
  const author = usePersonName(hypothesis.createdBy)
  if (!canWrite) return <bdi className="truncate">{owner ?? author ?? ''}</bdi>
  const give = (ownerId: HypothesisRow['ownerId']) =>
    void run('hypothesis:change', { id: hypothesis.id, version: hypothesis.version, ownerId })
  const others = members.filter((member) => member.userId !== me.userId && member.role !== 'viewer')
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          className="truncate rounded hover:text-ink"
          aria-label={owner ? `Owner: ${owner}. Change` : 'Nobody owns it. Choose an owner'}
        >
          <bdi>{owner ?? (author ? `by ${author}` : 'no owner')}</bdi>
        </button>
      }
    >
      <MenuItem checked={hypothesis.ownerId === me.userId} onSelect={() => give(me.userId)}>
        I take it
      </MenuItem>
      {others.map((member) => (
        <MenuItem
          key={member.userId}
          checked={hypothesis.ownerId === member.userId}
          onSelect={() => give(member.userId)}
        >
          {member.name}
        </MenuItem>
      ))}
      {hypothesis.ownerId !== null && (
        <>
          <MenuSeparator />
          <MenuItem onSelect={() => give(null)}>Nobody</MenuItem>
        </>
      )}
    </Menu>
  )
}
