'use client' // roles change and members go at once, with the server's answer

import { useRouter } from 'next/navigation'
import { useTransition } from 'react'
import { Avatar } from '#components/ui/avatar'
import { Button } from '#components/ui/button'
import { Confirm } from '#components/ui/confirm'
import { Select } from '#components/ui/field'
import { say } from '#components/ui/toasts'
import type { Outcome } from '#lib/errors/outcome'
import { colorOf } from '#lib/investigation/colors'
import type { Role } from '#lib/investigation/roles'

export interface MemberView {
  readonly userId: string
  readonly name: string
  readonly email: string | null
  readonly role: Role
}

export interface MemberActions {
  setMemberRole(teamId: string, userId: string, role: string): Promise<Outcome<void>>
  takeOut(teamId: string, userId: string): Promise<Outcome<void>>
  leave(teamId: string): Promise<Outcome<void>>
}

/** The people of a team. Owners change roles and take people out; everybody may leave. */
export function TeamMembers({
  teamId,
  members,
  me,
  isOwner,
  actions,
}: {
  teamId: string
  members: readonly MemberView[]
  me: string
  isOwner: boolean
  actions: MemberActions
}) {
  const router = useRouter()
  const [busy, start] = useTransition()
  const run = (work: () => Promise<Outcome<void>>, done: string) =>
    start(async () => {
      const outcome = await work()
      if (outcome.ok) say.done(done)
      else say.problem(outcome.sentence)
      router.refresh()
    })
  return (
    <ul className="-my-2">
      {members.map((member) => (
        <li
          key={member.userId}
          className="flex flex-wrap items-center gap-3 border-line border-t py-2 first:border-0"
        >
          <Avatar name={member.name} color={colorOf(member.userId)} size={26} />
          <span className="min-w-0 flex-1 basis-40">
            <span className="block truncate font-semibold">
              {member.name}
              {member.userId === me && <span className="font-normal text-ink-3"> (you)</span>}
            </span>
            <span className="block truncate text-ink-3 text-sm max-sm:whitespace-normal">
              {member.email ?? 'came by name, without an e-mail'}
            </span>
          </span>
          {isOwner ? (
            <Select
              aria-label={`Role of ${member.name}`}
              value={member.role}
              disabled={busy}
              onChange={({ target }) =>
                run(
                  () => actions.setMemberRole(teamId, member.userId, target.value),
                  `${member.name} is now ${target.value === 'viewer' ? 'a viewer' : `an ${target.value}`}.`,
                )
              }
            >
              <option value="owner">Owner</option>
              <option value="editor">Editor</option>
              <option value="viewer">Viewer</option>
            </Select>
          ) : (
            <span className="text-ink-2 text-sm capitalize">{member.role}</span>
          )}
          {member.userId === me ? (
            <Confirm
              trigger={<Button size="small">Leave</Button>}
              title="Leave this team?"
              action="Leave"
              onConfirm={async () => run(() => actions.leave(teamId), 'You have left the team.')}
            >
              You will not see its investigations any more. An owner can invite you again.
            </Confirm>
          ) : (
            isOwner && (
              <Confirm
                trigger={<Button size="small">Remove</Button>}
                title={`Remove ${member.name}?`}
                action="Remove"
                onConfirm={async () =>
                  run(
                    () => actions.takeOut(teamId, member.userId),
                    `${member.name} is no longer in the team.`,
                  )
                }
              >
                {member.name} leaves all rooms of this team at once. What {member.name} wrote stays.
              </Confirm>
            )
          )}
        </li>
      ))}
    </ul>
  )
}
