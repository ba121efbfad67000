/**
 * The same plain value with everything in its strings replaced (by U+FFFD) that PostgreSQL cannot hold: NUL in a text, half
 * a surrogate pair in JSON. Both come with names out of other people's dumps, and would otherwise fail a whole change.
 * Returns `value` itself when there is nothing to replace. O(its size).
 */
export function storable<T>(value: T): T {
  // reason: replaced() keeps the shape; strings stay strings.
  return isStorable(value) ? value : (replaced(value) as T)
}

// A lone half is matched only as long as the pattern is read by code point.
const UNSTORABLE = /[\0\p{Surrogate}]/u
const EVERY_UNSTORABLE = new RegExp(UNSTORABLE, 'gu')

function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return !UNSTORABLE.test(value)
  if (typeof value !== 'object' || value === null || value instanceof Date) return true
  return Object.entries(value).every(([key, inner]) => !UNSTORABLE.test(key) && isStorable(inner))
}

function replaced(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(EVERY_UNSTORABLE, '\uFFFD')
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (Array.isArray(value)) return value.map(replaced)
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.replace(EVERY_UNSTORABLE, '\uFFFD'), replaced(inner)]),
  )
}
