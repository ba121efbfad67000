import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { FrontDoor } from '#components/account/front-door'
import { SignInForm } from '#components/account/sign-in-form'
import { currentUser } from '#lib/auth/gate'
import { ownPath } from '#lib/auth/paths'
import { oidcName, signInProblem } from '#lib/auth/single-sign-on'
import { countPeople } from '#lib/db/people'

export const metadata: Metadata = { title: 'Sign in' }

/** `error` is there when somebody comes back from the single sign-on provider without a session. */
interface Query {
  readonly to?: string | string[]
  readonly error?: string | string[]
}

export default async function SignIn({ searchParams }: { searchParams: Promise<Query> }) {
  const query = await searchParams
  const to = ownPath(query.to)
  if (await currentUser()) redirect(to)
  const singleSignOn = oidcName()
  const problem = singleSignOn && query.error ? signInProblem(String(query.error), singleSignOn) : null
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
      {problem && (
        <p role="alert" className="mb-4 text-growth text-sm">
          {problem}
        </p>
      )}
      <SignInForm to={to} singleSignOn={singleSignOn} />
    </FrontDoor>
  )
}
