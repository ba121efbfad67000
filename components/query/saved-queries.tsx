'use client' // Forms.

import { Trash2 } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { visible } from '#components/heap/raw-text'
import { useCommand, usePersonName, useRoom, useRoomState } from '#components/room/room-context'
import { Button, IconButton } from '#components/ui/button'
import { Confirm } from '#components/ui/confirm'
import { Dialog } from '#components/ui/dialog'
import { TextField } from '#components/ui/field'
import { SavedQueryId } from '#lib/investigation/ids'
import type { SavedQueryRow } from '#lib/investigation/rows'

interface SavedQueriesProps {
  /** Id of the one that is open. */
  readonly open: string | null
  readonly onOpen: (query: SavedQueryRow) => void
}

/** The room's queries: whoever saves one saves it for everybody. */
export function SavedQueries({ open, onOpen }: SavedQueriesProps) {
  const queries = useRoomState((state) => state.queries)
  const { canWrite } = useRoom()
  if (queries.length === 0) return <p className="px-2 py-1 text-ink-3 text-xs">None yet in this room.</p>
  return (
    <ul className="grid">
      {queries.map((query) => (
        <li key={query.id} className="flex items-center gap-1">
          <button
            type="button"
            aria-pressed={query.id === open}
            onClick={() => onOpen(query)}
            className="min-w-0 flex-1 truncate rounded-md px-2 py-1 text-left text-sm hover:bg-sunken aria-pressed:bg-accent-soft"
          >
            <bdi>{visible(query.title)}</bdi>
          </button>
          {canWrite && <RemoveQuery query={query} />}
        </li>
      ))}
    </ul>
  )
}

function RemoveQuery({ query }: { query: SavedQueryRow }) {
  const command = useCommand()
  const author = usePersonName(query.createdBy)
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <IconButton label={`Remove “${visible(query.title)}”`} onClick={() => setOpen(true)}>
        <Trash2 size={13} aria-hidden />
      </IconButton>
      <Confirm
        open={isOpen}
        onOpenChange={setOpen}
        title="Remove this query?"
        action="Remove"
        onConfirm={() => command('query:remove', { id: query.id })}
      >
        “<bdi>{visible(query.title)}</bdi>”, saved by {author ?? 'somebody'}, goes from the list for everybody
        in the room.
      </Confirm>
    </>
  )
}

interface SaveQueryProps {
  readonly sql: string
  /** The saved query that was opened: its words can be changed, or a new one made. */
  readonly opened: SavedQueryRow | undefined
  readonly onSaved: (query: SavedQueryRow) => void
}

/** "Save": a title, and for an opened query the choice between changing it and a new one. */
export function SaveQuery({ sql, opened, onSaved }: SaveQueryProps) {
  const command = useCommand()
  const [isOpen, setOpen] = useState(false)
  const [title, setTitle] = useState('')
  const [isSaving, setSaving] = useState(false)

  const save = async (version: number | undefined) => {
    setSaving(true)
    const id = version === undefined || !opened ? SavedQueryId.parse(crypto.randomUUID()) : opened.id
    const saved = await command('query:save', { id, title: title.trim(), sql, version })
    setSaving(false)
    if (!saved) return
    setOpen(false)
    onSaved(saved)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void save(opened?.version)
  }
  return (
    <Dialog
      open={isOpen}
      onOpenChange={(open) => {
        setOpen(open)
        if (open) setTitle(opened?.title ?? '')
      }}
      trigger={
        <Button size="small" disabled={sql.trim() === ''}>
          Save
        </Button>
      }
      title="Save for the room"
      description="Everybody in the room sees it in the list, and its link stays short."
    >
      <form onSubmit={submit} className="grid gap-3">
        <TextField
          label="What it asks"
          value={title}
          onChange={(event) => setTitle(event.target.value)}
          maxLength={200}
          required
          autoFocus
        />
        <div className="flex justify-end gap-2">
          {opened && (
            <Button onClick={() => void save(undefined)} disabled={isSaving || title.trim() === ''}>
              Save as new
            </Button>
          )}
          <Button type="submit" look="primary" disabled={isSaving || title.trim() === ''}>
            {opened ? 'Save changes' : 'Save'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
