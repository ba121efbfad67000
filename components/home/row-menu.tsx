'use client' // renames and deletes from the list

import { Ellipsis } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { Button, IconButton } from '#components/ui/button'
import { Confirm } from '#components/ui/confirm'
import { Dialog } from '#components/ui/dialog'
import { TextField } from '#components/ui/field'
import { Menu, MenuItem, MenuSeparator } from '#components/ui/menu'
import { say } from '#components/ui/toasts'
import type { Outcome } from '#lib/errors/outcome'

export interface RowActions {
  rename(id: string, title: string): Promise<Outcome<void>>
  /** Absent for editors: only owners delete. */
  remove?: (id: string) => Promise<Outcome<void>>
}

export function RowMenu({
  id,
  title,
  demo,
  actions,
}: {
  id: string
  title: string
  demo: boolean
  actions: RowActions
}) {
  const router = useRouter()
  const [asking, setAsking] = useState<'rename' | 'delete' | null>(null)
  const { rename, remove } = actions

  const finish = (outcome: Outcome<void>, done: string) => {
    if (outcome.ok) say.done(done)
    else say.problem(outcome.sentence)
    router.refresh()
  }
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const next = String(new FormData(event.currentTarget).get('title'))
    setAsking(null)
    finish(await rename(id, next), 'Renamed.')
  }
  return (
    <>
      <Menu
        trigger={
          <IconButton label={`More about ${title}`}>
            <Ellipsis size={15} aria-hidden="true" />
          </IconButton>
        }
      >
        <MenuItem onSelect={() => setAsking('rename')}>Rename …</MenuItem>
        {remove && (
          <>
            <MenuSeparator />
            <MenuItem danger onSelect={() => setAsking('delete')}>
              Delete …
            </MenuItem>
          </>
        )}
      </Menu>
      <Dialog
        open={asking === 'rename'}
        onOpenChange={(open) => setAsking(open ? 'rename' : null)}
        title="Rename the investigation"
      >
        <form onSubmit={submit} className="flex flex-col gap-3">
          <TextField label="Title" name="title" defaultValue={title} required maxLength={200} />
          <Button type="submit" look="primary" className="self-end">
            Rename
          </Button>
        </form>
      </Dialog>
      {remove && (
        <Confirm
          open={asking === 'delete'}
          onOpenChange={(open) => setAsking(open ? 'delete' : null)}
          title={`Delete “${title}”?`}
          action="Delete"
          onConfirm={async () => finish(await remove(id), 'Deleted.')}
        >
          {demo
            ? 'The demo can be put back from the home page.'
            : 'Its graphs, captures, notes, hypotheses and discussion are removed for everybody. This cannot be taken back.'}
        </Confirm>
      )}
    </>
  )
}
