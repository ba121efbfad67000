import type { Metadata } from 'next'
import Link from 'next/link'
import { redirect } from 'next/navigation'
import { CredentialsForm } from '#components/account/credentials-form'
import { FrontDoor } from '#components/account/front-door'
import { NameForm } from '#components/account/name-form'
import { MIN_PASSWORD } from '#lib/auth/auth'
import { oidcName } from '#lib/auth/single-sign-on'
import { countPeople } from '#lib/db/people'
import { env } from '#lib/env'
import { enter, enterWithAccount } from './actions.ts'

export const metadata: Metadata = { title: 'Welcome' }
// Depends on whether anybody has an account yet.
export const dynamic = 'force-dynamic'

/** Greets the first visitor of a fresh installation. */
export default async function Welcome() {
  if ((await countPeople()) > 0) redirect('/sign-in')
  const open = env().OPEN_FIRST_VISIT
  const singleSignOn = oidcName()
  return (
    <FrontDoor
      title="Welcome to Leakroom"
      intro={
        <p>
          A room in which your team hunts a memory leak together. You are the first one here: you will own the
          first team, and a demo investigation waits inside.
        </p>
      }
    >
      {open ? (
        <NameForm action={enter} button="Come in" />
      ) : (
        <CredentialsForm
          action={enterWithAccount}
          button="Make the first account"
          withName
          minPassword={MIN_PASSWORD}
        />
      )}
      {singleSignOn && (
        <p className="mt-4 text-ink-2">
          Or{' '}
          <Link href="/sign-in" className="text-accent underline">
            come in with {singleSignOn}
          </Link>
          .
        </p>
      )}
    </FrontDoor>
  )
}
