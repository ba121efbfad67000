import { NO_GENERATION } from '#lib/heap/snapshot'
import { formatCount, formatShare } from '#lib/units/format'
import type { IdentityTable } from './identity-table.ts'
import type { MergedGroups } from './merged-groups.ts'

/**
 * What became of a group's objects, told object by object. A cohort is what was first seen in one capture.
 * Exact where the objects were traced: address + type + class + site + allocation generation is then unique.
 */
export interface IdentityEvidence {
  /** `false`: known by an address only, so an object there may be another one of the same kind. Ids are never used again. */
  readonly isExact: boolean
  /** Objects of the last capture that were in the first one already. */
  readonly survived: number
  /** Objects of the last capture that were not in the first one. */
  readonly appeared: number
  /** Of those, how many stand where the first sight's predecessor capture had another object. */
  readonly inReusedSlots: number
  /** First seen in a capture between the first and the last one … */
  readonly appearedBetween: number
  /** … and still there in the last. A thing that is kept has all of them, a buffer that is replaced has none. */
  readonly keptOfThose: number
  /** What this can and cannot tell, in one or two sentences. */
  readonly words: string
}

/** Evidence by merged row, and what holds for the captures as a whole. */
export interface IdentityComparison {
  of(row: number): IdentityEvidence | undefined
  /** Objects that were allocated before a capture, but stand elsewhere in it: moved by compaction. */
  readonly movedObjects: number
  /** A sentence when so many moved that addresses say nothing. */
  readonly compactionHint: string | undefined
}

/** A larger share of moved objects than this is compaction, not noise of the tracer. */
const COMPACTION_SHARE = 0.05
const SAME = 1
const REUSED = 2

/**
 * Follows every object through captures of one process, in the order of time. One merge over sorted addresses per
 * pair: O(objects of all captures); 2 bytes an object.
 */
export function identityComparison(
  merged: MergedGroups,
  tables: readonly IdentityTable[],
  isTraced: (row: number) => boolean,
): IdentityComparison {
  const captures = tables.length
  const { groups } = merged
  const hasIds = tables.every(({ keyKind }) => keyKind === 'id')
  // cohorts[k][row]: first seen in capture k; kept[k][row]: of those, still there in the last.
  const cohorts = tables.map(() => new Float64Array(groups))
  const kept = tables.map(() => new Float64Array(groups))
  const reusedInLast = new Float64Array(groups)
  let movedObjects = 0
  let tracedObjects = 0
  let born: Uint16Array = new Uint16Array(tables[0]?.objects ?? 0)
  let reused: Uint8Array = new Uint8Array(born.length)
  for (let capture = 0; capture < captures; capture++) {
    const table = tables[capture]!
    const rows = merged.rowOf[capture]!
    if (capture > 0) {
      const before = tables[capture - 1]!
      const match = matchedIdentities(before, table, merged.rowOf[capture - 1]!, rows)
      const nextBorn = new Uint16Array(table.objects)
      const nextReused = new Uint8Array(table.objects)
      for (let object = 0; object < table.objects; object++) {
        const isSame = match.state[object] === SAME
        nextBorn[object] = isSame ? born[match.partner[object]!]! : capture
        nextReused[object] = isSame ? reused[match.partner[object]!]! : match.state[object] === REUSED ? 1 : 0
        const generation = table.generation[object]!
        // Older than anything the capture before could have missed, yet not there: it was moved.
        if (!isSame && generation !== NO_GENERATION && generation < before.latestGeneration) movedObjects++
        if (generation !== NO_GENERATION && generation < before.latestGeneration) tracedObjects++
      }
      born = nextBorn
      reused = nextReused
    }
    const isLast = capture === captures - 1
    for (let object = 0; object < table.objects; object++) {
      const row = rows[table.group[object]!]!
      const since = born[object]!
      if (since === capture) cohorts[capture]![row]!++
      if (!isLast) continue
      kept[since]![row]!++
      if (since > 0 && reused[object] === 1) reusedInLast[row]!++
    }
  }
  const hasMoved = movedObjects > COMPACTION_SHARE * tracedObjects && movedObjects > 100
  return {
    movedObjects,
    compactionHint: hasMoved
      ? `${formatCount(movedObjects)} of ${formatCount(tracedObjects)} older objects stand at another address than before: the heap was compacted between captures, so single objects cannot be followed. Counts are not affected.`
      : undefined,
    of: (row) => (hasMoved ? undefined : evidence(row, cohorts, kept, reusedInLast, hasIds || isTraced(row))),
  }
}

function evidence(
  row: number,
  cohorts: readonly Float64Array[],
  kept: readonly Float64Array[],
  reusedInLast: Float64Array,
  isExact: boolean,
): IdentityEvidence {
  const last = cohorts.length - 1
  const survived = kept[0]![row]!
  let appeared = 0
  let appearedBetween = 0
  let keptOfThose = 0
  for (let capture = 1; capture <= last; capture++) {
    appeared += kept[capture]![row]!
    if (capture === last) continue
    appearedBetween += cohorts[capture]![row]!
    keptOfThose += kept[capture]![row]!
  }
  const facts = { survived, appeared, inReusedSlots: reusedInLast[row]!, appearedBetween, keptOfThose }
  return { isExact, ...facts, words: isExact ? exactWords(facts) : addressWords(facts) }
}

type Facts = Omit<IdentityEvidence, 'isExact' | 'words'>

function exactWords(facts: Facts): string {
  const { survived, appeared, inReusedSlots, appearedBetween, keptOfThose } = facts
  const reuse = inReusedSlots > 0 ? ` (${formatCount(inReusedSlots)} of them in reused slots)` : ''
  const now = `In the last capture ${formatCount(survived)} objects are from the first one, ${formatCount(appeared)} came later${reuse}.`
  if (appearedBetween === 0) return now
  return `${now} Of ${formatCount(appearedBetween)} that came in between, ${formatCount(keptOfThose)} are still there (${formatShare(keptOfThose / appearedBetween)}).`
}

function addressWords({ survived, appeared }: Facts): string {
  return `These objects were not traced. ${formatCount(survived)} addresses hold an object of this kind in every capture and ${formatCount(appeared)} only later, but a freed slot may have been used again: the counts are exact, which objects are new is not.`
}

interface IdentityMatch {
  /** Per object of `after`: 0 nothing stood there before, SAME, or REUSED. */
  readonly state: Uint8Array
  /** Its index in `before`; only meaningful for SAME. */
  readonly partner: Uint32Array
}

/** Merges two captures by address. O(objects of both). */
function matchedIdentities(
  before: IdentityTable,
  after: IdentityTable,
  rowsBefore: Uint32Array,
  rowsAfter: Uint32Array,
): IdentityMatch {
  const state = new Uint8Array(after.objects)
  const partner = new Uint32Array(after.objects)
  let b = 0
  for (let a = 0; a < after.pageKey.length; a++) {
    const key = after.pageKey[a]!
    while (b < before.pageKey.length && before.pageKey[b]! < key) b++
    if (before.pageKey[b] !== key) continue
    let old = before.pageStart[b]!
    const oldEnd = before.pageStart[b + 1]!
    const end = after.pageStart[a + 1]!
    for (let object = after.pageStart[a]!; object < end; object++) {
      const step = after.step[object]!
      while (old < oldEnd && before.step[old]! < step) old++
      if (old === oldEnd) break
      if (before.step[old] !== step) continue
      const isSame =
        before.generation[old] === after.generation[object] &&
        rowsBefore[before.group[old]!] === rowsAfter[after.group[object]!]
      state[object] = isSame ? SAME : REUSED
      partner[object] = old
    }
  }
  return { state, partner }
}
