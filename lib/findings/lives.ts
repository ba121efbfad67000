import { formatCount, formatShare } from '#lib/units/format'
import type { GrowthCapture } from './growth-model.ts'
import type { IdentityTable } from './identity-table.ts'

/** Of the first capture's pages, fewer than this in the second: another process laid its heap out elsewhere. */
const SHARED_PAGES = 0.05
/** Heaps with fewer pages than this say nothing by their pages. */
const FEWEST_PAGES = 8

/** Are the captures of one process? */
export interface Lives {
  readonly isOneProcess: boolean
  /** What was seen, when it is not one. */
  readonly remark: string | undefined
}

/**
 * Whether the captures are of one process: their names agree, and their heaps stand at the same addresses. A restart
 * between two captures makes addresses and ids meaningless; groups can still be compared. O(pages).
 */
export function livesOf(captures: readonly GrowthCapture[]): Lives {
  const names = new Set(captures.flatMap(({ process }) => (process === undefined ? [] : [process])))
  if (names.size > 1) return apart(`These captures are of ${names.size} processes`)
  for (let at = 1; at < captures.length; at++) {
    const [before, after] = [captures[at - 1]!.identities, captures[at]!.identities]
    if (!before || !after || before.keyKind === 'id' || before.pageKey.length < FEWEST_PAGES) continue
    const shared = sharedPages(before, after)
    if (shared >= SHARED_PAGES * before.pageKey.length) continue
    return apart(
      `Captures ${at} and ${at + 1} share ${formatShare(shared / before.pageKey.length)} of ${formatCount(before.pageKey.length)} memory pages, so the process was restarted in between`,
    )
  }
  return { isOneProcess: true, remark: undefined }
}

const apart = (why: string): Lives => ({
  isOneProcess: false,
  remark: `${why}: single objects cannot be followed, groups are compared by their names. A difference between two processes need not be growth over time.`,
})

function sharedPages(before: IdentityTable, after: IdentityTable): number {
  let shared = 0
  let at = 0
  for (const key of before.pageKey) {
    while (at < after.pageKey.length && after.pageKey[at]! < key) at++
    if (after.pageKey[at] === key) shared++
  }
  return shared
}
