/**
 * A path of our own to go back to after signing in, or "/" for anything else: a link must not be able to send people who
 * have just signed in to another site ("//evil.example", "/\evil.example", "https:…").
 */
export function ownPath(given: string | string[] | undefined): string {
  if (typeof given !== 'string' || !given.startsWith('/')) return '/'
  const base = 'http://own.invalid'
  if (!URL.canParse(given, base)) return '/'
  const { origin, pathname, search, hash } = new URL(given, base)
  // "/.//evil.example" is ours to the parser, and its path is not when it stands alone.
  if (origin !== base || pathname.startsWith('//')) return '/'
  return pathname + search + hash
}
