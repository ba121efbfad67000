'use client' // A form.

import { useId, useState } from 'react'
import { Button } from '#components/ui/button'
import { CopyButton } from '#components/ui/copy-button'
import { Input, Select } from '#components/ui/field'
import { Tag } from '#components/ui/pill'
import type { MemberRow } from '#lib/investigation/rows'
import type { RoomActions, ShareLink } from './actions.tsx'
import { ClockTime } from './clock-time.tsx'
import { useRoom } from './room-context.tsx'
import { told } from './told.tsx'

const LIVES = [
  { words: 'for a day', hours: 24 },
  { words: 'for a week', hours: 24 * 7 },
  { words: 'for 30 days', hours: 24 * 30 },
  { words: 'until it is revoked', hours: null },
] as const

/** Links that let people into this one room, with a role and an end. */
export function ShareLinks({
  links,
  members,
  actions,
  onChanged,
}: {
  links: readonly ShareLink[] | null
  members: readonly MemberRow[]
  actions: RoomActions
  onChanged(): Promise<void>
}) {
  const { me, role: myRole } = useRoom()
  const ids = { role: useId(), life: useId() }
  const [role, setRole] = useState<'viewer' | 'editor'>('editor')
  const [life, setLife] = useState(1)
  const [made, setMade] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const create = async () => {
    setBusy(true)
    const created = await told(actions.createLink(role, LIVES[life]?.hours ?? null))
    setBusy(false)
    if (!created) return
    setMade(window.location.origin + created.path)
    await onChanged()
  }
  const revoke = async (id: string) => {
    if ((await told(actions.revokeLink(id))) !== undefined) await onChanged()
  }
  const nameOf = (userId: string) => members.find((member) => member.userId === userId)?.name ?? 'somebody'
  return (
    <div className="grid gap-4">
      <form
        className="flex flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          void create()
        }}
      >
        <label htmlFor={ids.role} className="grid gap-1 text-ink-2 text-sm">
          Whoever has the link can
          <Select
            id={ids.role}
            value={role}
            onChange={(event) => setRole(event.target.value === 'viewer' ? 'viewer' : 'editor')}
          >
            <option value="editor">work here (editor)</option>
            <option value="viewer">look (viewer)</option>
          </Select>
        </label>
        <label htmlFor={ids.life} className="grid gap-1 text-ink-2 text-sm">
          It lives
          <Select id={ids.life} value={life} onChange={(event) => setLife(Number(event.target.value))}>
            {LIVES.map(({ words }, at) => (
              <option key={words} value={at}>
                {words}
              </option>
            ))}
          </Select>
        </label>
        <Button look="primary" type="submit" disabled={busy}>
          Make a link
        </Button>
      </form>
      {made && (
        <div className="rounded-md border border-accent bg-accent-soft p-2.5">
          <p className="mb-1.5 text-sm">
            Send this to the people who should come. It is shown once: nobody can read it from here again.
          </p>
          <div className="flex gap-2">
            <Input
              readOnly
              value={made}
              aria-label="The link"
              data-testid="share-link"
              onFocus={(event) => event.target.select()}
              className="num"
            />
            <CopyButton text={made} />
          </div>
        </div>
      )}
      <section aria-label="Links of this room">
        {links === null ? (
          <p className="text-ink-3">Loading the links…</p>
        ) : links.length === 0 ? (
          <p className="text-ink-3">No link is open. Members of the team come in without one.</p>
        ) : (
          <ul className="divide-y divide-line">
            {links.map((link) => (
              <li key={link.id} className="flex flex-wrap items-center gap-2 py-2">
                <Tag tone={link.role === 'editor' ? 'accent' : 'neutral'}>{link.role}</Tag>
                <span className="min-w-0 flex-1 text-ink-2 text-sm">
                  by <bdi>{nameOf(link.createdBy)}</bdi>,{' '}
                  {link.expired ? (
                    <span className="text-growth">has ended</span>
                  ) : link.expiresAt === null ? (
                    'until it is revoked'
                  ) : (
                    <>
                      until <ClockTime at={link.expiresAt} />
                    </>
                  )}
                  {link.people > 0 && ` · ${link.people === 1 ? '1 person' : `${link.people} people`} by it`}
                </span>
                {(myRole === 'owner' || link.createdBy === me.userId) && (
                  <Button look="danger" size="small" onClick={() => void revoke(link.id)}>
                    Revoke
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
        <p className="mt-2 text-ink-3 text-sm">
          Revoking a link ends the access of everybody who came by it, at once. Members of the team (
          {members.length} people here) stay; they are managed in the settings.
        </p>
      </section>
    </div>
  )
}
