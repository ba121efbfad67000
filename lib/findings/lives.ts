import { formatCount, formatShare } from '#lib/units/format'
import type { GrowthCapture } from './growth-model.ts'
import type { IdentityTable } from './identity-table.ts'
import type { MergedGroups } from './merged-groups.ts'

/** Of the first capture's pages, fewer than this in the second: another process laid its heap out elsewhere. */
const SHARED_PAGES = 0.05
/** Heaps with fewer pages than this say nothing by their pages. */
const FEWEST_PAGES = 8

/**
 * Of the ids that two captures share, more than this part belongs to another kind of object: ids were given anew. Within
 * one session no object of V8's gets another kind (none of 400,000 measured); in another one, or another process, 22 to
 * 65 % have one.
 */
const OTHER_KINDS = 0.05
/** Fewer shared ids than this say nothing. */
const FEWEST_IDS = 200

/** Are the captures of one process? */
export interface Lives {
  readonly isOneProcess: boolean
  /** What was seen, when it is not one. */
  readonly remark: string | undefined
}

/**
 * Whether the captures are of one process: their names agree, and their heaps stand at the same addresses, or have the
 * same kinds of objects at the same ids. A restart between two captures makes addresses and ids meaningless, and a
 * debugger that comes again counts ids anew; groups can still be compared. O(pages), with ids O(objects).
 */
export function livesOf(captures: readonly GrowthCapture[], { rowOf }: Pick<MergedGroups, 'rowOf'>): Lives {
  const names = new Set(captures.flatMap(({ process }) => (process === undefined ? [] : [process])))
  if (names.size > 1) return apart(`These captures are of ${names.size} processes`)
  for (let at = 1; at < captures.length; at++) {
    const [before, after] = [captures[at - 1]!.identities, captures[at]!.identities]
    if (!before || !after || before.keyKind !== after.keyKind) continue
    const why =
      before.keyKind === 'id'
        ? countedAnew(before, after, rowOf[at - 1]!, rowOf[at]!)
        : placedAnew(before, after)
    if (why !== undefined) return apart(`Captures ${at} and ${at + 1} share ${why}`)
  }
  return { isOneProcess: true, remark: undefined }
}

const apart = (why: string): Lives => ({
  isOneProcess: false,
  remark: `${why}: single objects cannot be followed, groups are compared by their names. A difference between two processes need not be growth over time.`,
})

function placedAnew(before: IdentityTable, after: IdentityTable): string | undefined {
  const pages = before.pageKey.length
  const shared = sharedPages(before, after)
  if (pages < FEWEST_PAGES || shared >= SHARED_PAGES * pages) return undefined
  return `${formatShare(shared / pages)} of ${formatCount(pages)} memory pages, so the process was restarted in between`
}

function countedAnew(
  before: IdentityTable,
  after: IdentityTable,
  rowsBefore: Uint32Array,
  rowsAfter: Uint32Array,
): string | undefined {
  const { shared, otherKind } = sharedIds(before, after, rowsBefore, rowsAfter)
  if (shared < FEWEST_IDS || otherKind <= OTHER_KINDS * shared) return undefined
  return `${formatCount(shared)} object ids, but ${formatShare(otherKind / shared)} of them stand for other kinds of objects: ids were counted anew, because the process was restarted or the debugger came again`
}

/** One merge over ascending ids. */
function sharedIds(
  before: IdentityTable,
  after: IdentityTable,
  rowsBefore: Uint32Array,
  rowsAfter: Uint32Array,
): { shared: number; otherKind: number } {
  let [shared, otherKind, old] = [0, 0, 0]
  let b = 0
  for (let a = 0; a < after.pageKey.length; a++) {
    while (b < before.pageKey.length && before.pageKey[b]! < after.pageKey[a]!) b++
    if (before.pageKey[b] !== after.pageKey[a]) continue
    old = before.pageStart[b]!
    for (let object = after.pageStart[a]!; object < after.pageStart[a + 1]!; object++) {
      while (old < before.pageStart[b + 1]! && before.step[old]! < after.step[object]!) old++
      if (old === before.pageStart[b + 1]!) break
      if (before.step[old] !== after.step[object]) continue
      shared++
      if (rowsBefore[before.group[old]!] !== rowsAfter[after.group[object]!]) otherKind++
    }
  }
  return { shared, otherKind }
}

function sharedPages(before: IdentityTable, after: IdentityTable): number {
  let shared = 0
  let at = 0
  for (const key of before.pageKey) {
    while (at < after.pageKey.length && after.pageKey[at]! < key) at++
    if (after.pageKey[at] === key) shared++
  }
  return shared
}
