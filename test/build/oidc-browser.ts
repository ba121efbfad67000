import { isValidElement, type ReactNode } from 'react'
import { expect } from 'vitest'
import { answerAuth } from '#lib/auth/handler'
import { cookieHeaders } from './people.ts'

/** Where Leakroom stands in the tests of single sign-on. Behind https, as it is used: its cookies then have other names. */
export const APP = 'https://room.test'

/** A browser: its cookies of our address, and where it stands. */
export class Browser {
  readonly #cookies = new Map<string, string>()

  /** Presses the button: the provider's page that it is sent to. */
  async press(to = '/'): Promise<URL> {
    const answer = await this.#ask('/api/auth/sign-in/social', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: APP },
      body: JSON.stringify({ provider: 'oidc', callbackURL: to }),
    })
    expect(answer.status).toBe(200)
    const { url }: { url: string } = await answer.json()
    return new URL(url)
  }

  /** The provider's page sends back at once: the address of ours that it names. */
  async seeProvider(page: URL): Promise<URL> {
    const answer = await fetch(page, { redirect: 'manual' })
    return new URL(answer.headers.get('location') ?? 'the provider did not send back')
  }

  /** Comes back; where the browser stands afterwards. */
  async comeBack(to: URL): Promise<string> {
    const answer = await this.#ask(to.pathname + to.search)
    expect(answer.status).toBe(302)
    const { pathname, search, origin } = new URL(answer.headers.get('location') ?? '', APP)
    expect(origin).toBe(APP)
    return pathname + search
  }

  async signIn(to = '/'): Promise<string> {
    return this.comeBack(await this.seeProvider(await this.press(to)))
  }

  get headers(): Headers {
    return cookieHeaders([...this.#cookies].map(([name, value]) => `${name}=${value}`))
  }

  async #ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set('host', 'room.test')
    headers.set('cookie', this.headers.get('cookie') ?? '')
    const answer = await answerAuth(new Request(APP + path, { ...init, headers }))
    for (const cookie of answer.headers.getSetCookie()) {
      expect(cookie).toMatch(/HttpOnly/i)
      expect(cookie).toMatch(/Secure/i)
      const [, name = '', value = ''] = cookie.match(/^([^=]+)=([^;]*)/) ?? []
      if (value === '' || /Max-Age=0/i.test(cookie)) this.#cookies.delete(name)
      else this.#cookies.set(name, value)
    }
    return answer
  }
}

/** Every text in what a page would draw. */
export function textOf(node: ReactNode): string {
  if (typeof node === 'string') return node
  if (Array.isArray(node)) return node.map(textOf).join(' ')
  // reason: what a page's elements hold is in their children.
  return isValidElement(node) ? textOf((node.props as { children?: ReactNode }).children) : ''
}
