import type { Metadata } from 'next'
import { FrontDoor } from '#components/account/front-door'
import { JoinForm } from '#components/account/join-form'
import { LinkEnded } from '#components/account/link-ended'
import { NameForm } from '#components/account/name-form'
import { currentUser, requestHeaders } from '#lib/auth/gate'
import { boundGuesses } from '#lib/auth/limits'
import { findTeamLink } from '#lib/db/teams'
import { outcomeOf } from '#lib/errors/outcome'
import { joinTeamByLink } from './actions.ts'

export const metadata: Metadata = { title: 'Join a team' }

/** A team's link: lets people in by one click or one name. */
export default async function Join({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params
  const looked = await outcomeOf(async () => boundGuesses(await requestHeaders(), () => findTeamLink(token)))
  if (!looked.ok) return <FrontDoor title="One moment">{looked.sentence}</FrontDoor>
  const link = looked.value
  if (!link) return <LinkEnded />
  const user = await currentUser()
  const join = joinTeamByLink.bind(null, token)
  return (
    <FrontDoor
      title={`Join ${link.teamName}`}
      intro={<p>You will see all investigations of this team, as {ROLE_WORDS[link.role]}.</p>}
    >
      {user ? (
        <JoinForm action={join} button={`Join as ${user.name}`} />
      ) : (
        <NameForm action={join} button="Join" signInFirst={`/join/${token}`} />
      )}
    </FrontDoor>
  )
}

const ROLE_WORDS = {
  viewer: 'a viewer: you can look but not change anything',
  editor: 'an editor',
  owner: 'an owner',
} as const
