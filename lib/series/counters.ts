import { counterFalls } from './restarts.ts'
import type { Samples } from './samples.ts'

/** Names of what is counted since the process began, and what one of it is called. Page faults follow memory, so they are none. */
const COUNTERS: readonly (readonly [RegExp, string])[] = [
  [/^requests$/, 'request'],
  [/^failures$/, 'failure'],
  [/^gc-count$/, 'GC run'],
  [/(^|-)(jobs|reconnects|connections|retries|timeouts|messages|events|queries|reads|writes)(-total)?$/, ''],
  [/(^|-)(requests|failures|errors)(-total)?$/, ''],
]

/** What one of a counter is called; '' when only its label tells; undefined when the name is of no counter that we know. */
export const oneOf = (name: string): string | undefined =>
  COUNTERS.find(([pattern]) => pattern.test(name))?.[1]

/** Counts that only ever rise while a process lives. "connections" and the like may be how many there are now. */
const ONLY_RISES = /^(requests|failures|gc-count)$|(^|-)(requests|failures|errors)$|-total$/

/** Does a counter of this name begin anew exactly when its process does? */
export const tellsRestarts = (name: string): boolean => ONLY_RISES.test(name)

/** What work is counted by, the likeliest first: growth is given per thousand of it. */
const WORK = [/^requests$/, /(^|-)requests(-total)?$/, /(^|-)(jobs|messages|events|queries)(-total)?$/]

/** The name that counts the process's work; undefined when none of them does. */
export function workCounter(names: readonly string[]): string | undefined {
  for (const pattern of WORK) {
    const found = names.find((name) => pattern.test(name))
    if (found !== undefined) return found
  }
  return undefined
}

/** What begins anew has at most this share of what it had. */
const BEGINS_ANEW = 0.5

/**
 * When the process of these counters began anew, epoch milliseconds, in order. A counter that now and then falls by a little
 * counts for several processes, or counts no work, and says nothing. O(samples).
 */
export function restartsOf(counters: readonly Samples[]): number[] {
  const found = counters.flatMap((counter) => (fallsByALittle(counter) ? [] : counterFalls(counter)))
  return [...new Set(found)].sort((a, b) => a - b)
}

const fallsByALittle = ({ v }: Samples): boolean =>
  v.some((now, i) => i > 0 && now < v[i - 1]! && now > BEGINS_ANEW * v[i - 1]!)
