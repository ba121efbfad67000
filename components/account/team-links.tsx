'use client' // makes links and shows the secret this one time

import { formatDistanceToNowStrict } from 'date-fns'
import { useRouter } from 'next/navigation'
import { useState, useTransition } from 'react'
import { Button } from '#components/ui/button'
import { CopyButton } from '#components/ui/copy-button'
import { Input, Select } from '#components/ui/field'
import { say } from '#components/ui/toasts'
import type { Outcome } from '#lib/errors/outcome'
import type { Role } from '#lib/investigation/roles'

export interface TeamLinkView {
  readonly id: string
  readonly role: Role
  readonly createdAt: number
  readonly expiresAt: number
  readonly expired: boolean
}

export interface TeamLinkActions {
  makeTeamLink(
    teamId: string,
    wish: { role: string; days: number },
  ): Promise<Outcome<{ path: string; row: TeamLinkView }>>
  endTeamLink(teamId: string, linkId: string): Promise<Outcome<void>>
}

/** Links by which people join the team, for owners. */
export function TeamLinks({
  teamId,
  links,
  actions,
}: {
  teamId: string
  links: readonly TeamLinkView[]
  actions: TeamLinkActions
}) {
  const router = useRouter()
  const [role, setRole] = useState<Role>('editor')
  const [days, setDays] = useState(7)
  const [made, setMade] = useState<string | null>(null)
  const [busy, start] = useTransition()

  const make = () =>
    start(async () => {
      const outcome = await actions.makeTeamLink(teamId, { role, days })
      if (outcome.ok) setMade(window.location.origin + outcome.value.path)
      else say.problem(outcome.sentence)
      router.refresh()
    })
  const end = (id: string) =>
    start(async () => {
      const outcome = await actions.endTeamLink(teamId, id)
      if (outcome.ok) say.done('Nobody joins by this link any more.')
      else say.problem(outcome.sentence)
      setMade(null)
      router.refresh()
    })

  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <span className="flex items-center gap-2">
          <span className="whitespace-nowrap">Joins as</span>
          {/* reason: the options below are the roles. */}
          <Select
            aria-label="Role of the people who join"
            value={role}
            onChange={({ target }) => setRole(target.value as Role)}
          >
            <option value="editor">editor</option>
            <option value="viewer">viewer</option>
            <option value="owner">owner</option>
          </Select>
        </span>
        <span className="flex items-center gap-2">
          for
          <Select
            aria-label="How long the link lives"
            value={days}
            onChange={({ target }) => setDays(Number(target.value))}
          >
            <option value={1}>1 day</option>
            <option value={7}>7 days</option>
            <option value={30}>30 days</option>
          </Select>
        </span>
        <Button look="primary" onClick={make} disabled={busy}>
          Make a link
        </Button>
      </div>
      {made && (
        <div className="mt-3 rounded-md bg-accent-soft p-3">
          <p className="mb-2">Send this to your team. It is shown this one time.</p>
          <div className="flex gap-2">
            <Input
              readOnly
              value={made}
              aria-label="The new link"
              onFocus={({ target }) => target.select()}
            />
            <CopyButton text={made} />
          </div>
        </div>
      )}
      {links.length > 0 && (
        <ul className="mt-3">
          {links.map((link) => (
            <li key={link.id} className="flex items-center gap-3 border-line border-t py-2">
              <span className="flex-1">
                Joins as {link.role}
                <span className="block text-ink-3 text-sm" suppressHydrationWarning>
                  {link.expired ? 'has expired' : `for ${formatDistanceToNowStrict(link.expiresAt)} more`}
                </span>
              </span>
              <Button size="small" onClick={() => end(link.id)} disabled={busy}>
                Revoke
              </Button>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
