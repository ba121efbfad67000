import { describe, expect, it } from 'vitest'
import { ownPath } from '#lib/auth/paths'

describe('where somebody goes after signing in', () => {
  it.each(['/', '/i/5?tab=growth#message-3', '/share/abc', '/settings'])(
    'is the path she came from: %s',
    (path) => {
      expect(ownPath(path)).toBe(path)
    },
  )

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/.//evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    'settings',
    '',
    undefined,
    ['/a', '/b'],
  ])('is never another site, nor a script: %j', (given) => {
    expect(ownPath(given)).toBe('/')
  })
})
