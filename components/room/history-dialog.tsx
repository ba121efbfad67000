'use client' // Calls server actions.

import { useCallback, useEffect, useState } from 'react'
import { Button } from '#components/ui/button'
import { Dialog } from '#components/ui/dialog'
import { TextField } from '#components/ui/field'
import { say } from '#components/ui/toasts'
import type { RoomActions, TextVersion } from './actions.tsx'
import { ClockTime } from './clock-time.tsx'
import { useRoom, useRoomState } from './room-context.tsx'
import { told } from './told.tsx'

/** Restore points of the shared text. Restoring is an edit forward that keeps what stood there, so it can be undone. */
export function HistoryDialog({ actions, onClose }: { actions: RoomActions; onClose(): void }) {
  const { canWrite } = useRoom()
  const members = useRoomState((state) => state.members)
  const [versions, setVersions] = useState<readonly TextVersion[] | null>(null)
  const [label, setLabel] = useState('')
  const load = useCallback(async () => setVersions((await told(actions.listVersions())) ?? []), [actions])
  useEffect(() => void load(), [load])
  const keep = async () => {
    const kept = await told(actions.keepVersion(label.trim() || 'Kept by hand'))
    if (kept === undefined) return
    say.done(kept ? 'The text is kept as it stands.' : 'This very text is kept already.')
    setLabel('')
    await load()
  }
  const restore = async ({ epoch, seq, label: name }: TextVersion) => {
    if ((await told(actions.restoreVersion(epoch, seq))) === undefined) return
    say.done(`The text reads as at “${name}” again. What stood there before is kept here as well.`)
    onClose()
  }
  const nameOf = (id: string | null) => members.find((member) => member.userId === id)?.name
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title="History of the text"
      description="Notes, rationales and next steps together. Restoring keeps what stands there now."
    >
      {canWrite && (
        <form
          className="mb-3 flex items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault()
            void keep()
          }}
        >
          <div className="min-w-0 flex-1">
            <TextField
              label="Keep the text as it stands now"
              placeholder="Before the rewrite"
              maxLength={80}
              value={label}
              onChange={(event) => setLabel(event.target.value)}
            />
          </div>
          <Button type="submit">Keep</Button>
        </form>
      )}
      {versions === null ? (
        <p className="text-ink-3">Loading the versions…</p>
      ) : versions.length === 0 ? (
        <p className="text-ink-3">
          Nothing is kept yet. Versions are kept by hand, every quarter of an hour of writing, with every
          verdict, and when the last person leaves.
        </p>
      ) : (
        <ul className="divide-y divide-line">
          {versions.map((version) => (
            <li key={`${version.epoch}:${version.seq}`} className="flex items-center gap-2 py-2">
              <span className="min-w-0 flex-1">
                <bdi className="block truncate font-[550]">{version.label}</bdi>
                <span className="text-ink-3 text-sm">
                  <ClockTime at={version.at} />
                  {nameOf(version.authorId) && ` by ${nameOf(version.authorId)}`}
                </span>
              </span>
              {canWrite && (
                <Button size="small" onClick={() => void restore(version)}>
                  Restore
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  )
}
