import { type HeldPart, heldParts, seriesOf } from './containers.ts'
import type { MergedGroups } from './merged-groups.ts'
import type { MergedOwners } from './merged-owners.ts'

/** A row of growth before it is judged: a group, or what one owner keeps of a group that was not traced. */
export interface RowPart {
  /** Merged group. */
  readonly group: number
  /** Container (merged path) by which the row is told apart from the rest of its group; absent for whole groups. */
  readonly container: number | undefined
  /** `true` for the row that sums the owners that have no row of their own. */
  readonly isRest: boolean
  /** Other owners of the group lost so many objects that these may have come from them: not made, but owned anew. */
  readonly isMoved: boolean
  readonly counts: readonly number[]
  readonly bytes: readonly number[]
  readonly retained: readonly number[] | undefined
  /** References that its objects hold, per capture: of the largest of each path, as if all there had as many. */
  readonly references: readonly number[] | undefined
  /** Who keeps what grew, the largest share first. */
  readonly held: readonly { readonly container: number; readonly share: number }[]
}

/** Owners of one group that get a row of their own; the others are summed. */
const OWNERS_PER_GROUP = 200
/** A group of which one owner has this part of the change is not split. */
const ONE_OWNER = 0.98

/** The owners' rows must tell at least this part of what the group as a whole tells, and hardly more; else it stays whole. */
const TOLD_BY_OWNERS = [0.8, 1.05] as const

/**
 * The rows that a changed group makes. Where its objects were traced, the site says what they are: one row. Where they
 * were not ("String, anywhere"), one row for each owner whose part changed.
 *
 * Owners are paths of dominators, and a reference that exists for the moment of one capture moves what it points at. So a
 * group that grows as a whole stays whole unless its owners' rows tell the same: `isGrowing` says of counts whether they
 * grow steadily. O(cells of the group × depth).
 */
export function rowParts(
  merged: MergedGroups,
  owners: MergedOwners | undefined,
  group: number,
  isTraced: boolean,
  isGrowing: (counts: readonly number[]) => boolean,
): RowPart[] {
  const whole = wholeGroup(merged, group)
  const { counts, bytes } = whole
  if (!owners) return [whole]
  const parts = heldParts(owners, group).filter(hasChanged)
  const row = { ...whole, held: shares(parts, counts, bytes), references: references(parts) }
  const largest = parts.reduce((most, part) => Math.max(most, weight(part)), 0)
  const all = parts.reduce((sum, part) => sum + weight(part), 0)
  if (isTraced || parts.length === 0) return [row]
  if (largest >= ONE_OWNER * all) {
    const [only] = parts.filter((part) => weight(part) === largest)
    return [{ ...row, container: only!.container }]
  }
  if (isGrowing(counts)) {
    const told = parts.filter((part) => isGrowing(part.counts))
    const toldGrowth = told.reduce((sum, part) => sum + change(part.counts), 0)
    const whole = change(counts)
    if (toldGrowth < TOLD_BY_OWNERS[0] * whole || toldGrowth > TOLD_BY_OWNERS[1] * whole) return [row]
  }
  const sorted = parts.sort((a, b) => weight(b) - weight(a))
  const lost = parts.reduce((sum, part) => sum + Math.max(0, -change(part.counts)), 0)
  const rows = sorted.slice(0, OWNERS_PER_GROUP).map((part) => ownRow(group, part, lost))
  const rest = sorted.slice(OWNERS_PER_GROUP)
  return rest.length === 0 ? rows : [...rows, restRow(group, rest)]
}

/** A group as one row, whoever keeps it. */
export const wholeGroup = (merged: MergedGroups, group: number): RowPart => ({
  group,
  container: undefined,
  isRest: false,
  isMoved: false,
  counts: seriesOf(merged.counts, group),
  bytes: seriesOf(merged.bytes, group),
  retained: merged.retained && seriesOf(merged.retained, group),
  references: undefined,
  held: [],
})

/** Of what an owner got, this part lost by others makes it doubtful. */
const MOVED = 0.5

const ownRow = (group: number, part: HeldPart, lost: number): RowPart => ({
  group,
  container: part.container,
  isRest: false,
  isMoved: lost > 0 && lost >= MOVED * change(part.counts),
  counts: part.counts,
  bytes: part.bytes,
  retained: part.retained,
  references: part.references,
  held: growth(part) > 0 ? [{ container: part.container, share: 1 }] : [],
})

function restRow(group: number, parts: readonly HeldPart[]): RowPart {
  const sum = (of: (part: HeldPart) => readonly number[]): number[] =>
    of(parts[0]!).map((_, capture) => parts.reduce((total, part) => total + of(part)[capture]!, 0))
  const counts = sum((part) => part.counts)
  const bytes = sum((part) => part.bytes)
  return {
    group,
    container: undefined,
    isRest: true,
    isMoved: false,
    counts,
    bytes,
    retained: undefined,
    references: references(parts),
    held: shares(parts, counts, bytes),
  }
}

/** Parts that did not change are none of `parts`: what they refer to did not change either. */
const references = (parts: readonly HeldPart[]): number[] | undefined =>
  parts[0]?.references.map((_, capture) => parts.reduce((sum, part) => sum + part.references[capture]!, 0))

/**
 * Each growing part's share of all growing parts: of objects, or of bytes where the number did not grow. What grows in
 * every interval keeps what grows; a part that jumped once (code was compiled, a reference came and moved what it points
 * at) has a share only where no part is steady.
 */
function shares(
  parts: readonly HeldPart[],
  counts: readonly number[],
  bytes: readonly number[],
): RowPart['held'] {
  const byCount = change(counts) > 0
  if (!byCount && change(bytes) <= 0) return []
  const grownBy = (measure: (series: readonly number[]) => number) =>
    parts
      .map((part) => ({ container: part.container, by: measure(byCount ? part.counts : part.bytes) }))
      .filter(({ by }) => by > 0)
      .sort((a, b) => b.by - a.by)
  const steady = grownBy(steadyChange)
  const grown = steady.length > 0 ? steady : grownBy(change)
  const total = grown.reduce((sum, { by }) => sum + by, 0)
  return grown.map(({ container, by }) => ({ container, share: by / total }))
}

const hasChanged = ({ counts, bytes }: HeldPart): boolean =>
  counts.some((count) => count !== counts[0]) || bytes.some((size) => size !== bytes[0])

const growth = ({ counts, bytes }: HeldPart): number => change(counts) || change(bytes)

/** How much of a group's change is here: bytes that came or went. */
const weight = ({ counts, bytes }: HeldPart): number => Math.abs(change(bytes)) + Math.abs(change(counts))

/** What the change would be if every interval were the (lower) middle one. */
function steadyChange(series: readonly number[]): number {
  const steps = series.slice(1).map((value, at) => value - series[at]!)
  return steps.sort((a, b) => a - b)[(steps.length - 1) >> 1]! * steps.length
}

/** Last minus first. */
export const change = (series: readonly number[]): number => series.at(-1)! - series[0]!
