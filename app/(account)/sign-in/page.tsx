import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { FrontDoor } from '#components/account/front-door'
import { SignInForm } from '#components/account/sign-in-form'
import { oidcName } from '#lib/auth/auth'
import { currentUser } from '#lib/auth/gate'
import { ownPath } from '#lib/auth/paths'
import { countPeople } from '#lib/db/people'

export const metadata: Metadata = { title: 'Sign in' }

export default async function SignIn({ searchParams }: { searchParams: Promise<{ to?: string }> }) {
  const to = ownPath((await searchParams).to)
  if (await currentUser()) redirect(to)
  const singleSignOn = oidcName()
  if ((await countPeople()) === 0 && !singleSignOn) redirect('/welcome')
  return (
    <FrontDoor
      title="Sign in"
      intro={
        <p>
          {singleSignOn
            ? 'Use your organization’s account, or the e-mail and password that you chose here.'
            : 'With the e-mail and password that you chose. New here? Ask a member for a team link or a room’s link.'}
        </p>
      }
    >
      <SignInForm to={to} singleSignOn={singleSignOn} />
    </FrontDoor>
  )
}
