'use client' // posts to better-auth's own path, which sets the cookie and limits the tries

import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { Button } from '#components/ui/button'
import { TextField } from '#components/ui/field'
import { BUG_SENTENCE } from '#lib/errors/user-error'

/** Signs in and goes to `to`, a path of ours. */
export function SignInForm({ to, singleSignOn }: { to: string; singleSignOn: string | null }) {
  const router = useRouter()
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    setBusy(true)
    const answer = await post('/api/auth/sign-in/email', {
      email: String(form.get('email')).trim(),
      password: String(form.get('password')),
    })
    if (answer?.ok) {
      router.replace(to)
      router.refresh()
      return
    }
    setBusy(false)
    setProblem(refusal(answer))
  }
  const goToProvider = async () => {
    setBusy(true)
    const answer = await post('/api/auth/sign-in/social', { provider: 'oidc', callbackURL: to })
    const body: unknown = answer?.ok ? await answer.json() : null
    if (body && typeof body === 'object' && 'url' in body && typeof body.url === 'string') {
      window.location.assign(body.url)
      return
    }
    setBusy(false)
    setProblem(`${singleSignOn} does not answer at the moment. Try again, or sign in with your password.`)
  }

  return (
    <>
      {singleSignOn && (
        <>
          <Button className="h-9 w-full" onClick={goToProvider} disabled={busy}>
            {singleSignOn}
          </Button>
          <p className="my-4 text-center text-ink-3 text-sm">or with a password</p>
        </>
      )}
      <form onSubmit={submit} className="flex flex-col gap-3">
        <TextField label="E-mail" name="email" type="email" required autoComplete="username" />
        <TextField
          label="Password"
          name="password"
          type="password"
          required
          autoComplete="current-password"
          error={problem}
        />
        <Button type="submit" look="primary" disabled={busy} className="h-9">
          {busy ? 'One moment …' : 'Sign in'}
        </Button>
      </form>
    </>
  )
}

/** Null when the server could not be reached. */
const post = (path: string, body: unknown): Promise<Response | null> =>
  fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).catch(() => null)

function refusal(answer: Response | null): string {
  if (!answer) return 'The server cannot be reached. Check your connection and try again.'
  if (answer.status === 429) {
    return `Too many tries. Wait ${answer.headers.get('x-retry-after') ?? '10'} s and try again.`
  }
  if (answer.status < 500) return 'No account here has this e-mail and password together. Check both.'
  return BUG_SENTENCE
}
