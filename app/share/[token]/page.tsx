import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { FrontDoor } from '#components/account/front-door'
import { JoinForm } from '#components/account/join-form'
import { LinkEnded } from '#components/account/link-ended'
import { NameForm } from '#components/account/name-form'
import { accessOf, currentUser, requestHeaders } from '#lib/auth/gate'
import { boundGuesses } from '#lib/auth/limits'
import { findShareLink } from '#lib/db/links'
import { outcomeOf } from '#lib/errors/outcome'
import { atLeast } from '#lib/investigation/roles'
import { joinRoomByLink } from './actions.ts'

export const metadata: Metadata = { title: 'Join a room' }

/** A room's share link: says what it opens, and lets people in by one click or one name. */
export default async function Share({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params
  const looked = await outcomeOf(async () => boundGuesses(await requestHeaders(), () => findShareLink(token)))
  if (!looked.ok) return <FrontDoor title="One moment">{looked.sentence}</FrontDoor>
  const link = looked.value
  if (!link) return <LinkEnded />
  const user = await currentUser()
  const access = user && (await accessOf(user, link.investigationId))
  if (access && atLeast(access.role, link.role)) redirect(`/i/${link.investigationId}`)

  const join = joinRoomByLink.bind(null, token)
  const may = link.role === 'editor' ? 'look and work with the others' : 'look at everything'
  return (
    <FrontDoor
      title={link.title}
      intro={<p>Somebody has shared this investigation with you. With this link you can {may}.</p>}
    >
      {user ? (
        <JoinForm action={join} button={`Go in as ${user.name}`} />
      ) : (
        <NameForm action={join} button="Go in" signInFirst={`/share/${token}`} />
      )}
    </FrontDoor>
  )
}
