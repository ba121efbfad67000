import { ALLOCATION_TRACER } from '#lib/heap/class-names'
import { type BirthSpread, birthSpreads } from './birth-spread.ts'
import { confidence } from './confidence.ts'
import { fingerprint } from './fingerprint.ts'
import type { GrowthCapture, GrowthReport, GrowthRow, Holder } from './growth-model.ts'
import { HOLDERS_PER_ROW } from './growth-model.ts'
import { change, type RowPart, rowParts, wholeGroup } from './growth-parts.ts'
import { growthShape, type ShapeReading } from './growth-shape.ts'
import { adviceFor, growthSummary, limits } from './growth-words.ts'
import { holderAt, namedEnd } from './holders.ts'
import { type IdentityComparison, identityComparison } from './identity-evidence.ts'
import { largerReading } from './larger-objects.ts'
import { type Lives, livesOf } from './lives.ts'
import { type MergedGroups, mergedGroups } from './merged-groups.ts'
import { type MergedOwners, mergedOwners } from './merged-owners.ts'
import { proposals } from './proposals.ts'
import { isRowPairSuspect, rowShape } from './row-shape.ts'
import { isInternal, isRuntimeNoise, mayHoldData } from './runtime-objects.ts'
import { type Elapsed, MOSTLY_HELD, mergedSuspects, unexplained } from './suspects.ts'

/** More rows than this are of no use on a screen. */
export const MAX_GROWTH_ROWS = 2000

export interface GrowthOptions {
  /** MAX_GROWTH_ROWS when absent. */
  readonly maxRows?: number | undefined
  /** Groups without any change are rows too, for those who want all of them. */
  readonly withUnchanged?: boolean | undefined
}

/**
 * Compares captures: what grew, in which shape, and who keeps it. Groups are matched by type, class and site, owners by
 * the names on the path from the root; addresses are used only to follow single objects within one process. The rules
 * and their numbers are in docs/spec/heap.md. O(groups + paths + objects of all captures).
 */
export function growth(captures: readonly GrowthCapture[], options: GrowthOptions = {}): GrowthReport {
  const { maxRows = MAX_GROWTH_ROWS, withUnchanged = false } = options
  const context = contextOf(captures)
  const { merged, elapsed } = context
  const changed = changedGroups(merged)
  const parts = changed.flatMap((group) =>
    rowParts(
      merged,
      context.owners,
      group,
      merged.describe(group).site !== undefined,
      (counts) => growthShape(counts, context.requests).isSuspect,
    ),
  )
  const tracerBytes = grownBytesOf(parts.filter(({ group }) => isTracer(merged, group)))
  const grownBytes = grownBytesOf(parts) - tracerBytes
  const holders = new Holders(context.owners)
  const judged = parts.map((part) => growthRow(context, part, grownBytes)).sort(bySuspicion)
  const unchanged = withUnchanged ? unchangedParts(merged, changed) : []
  judged.push(...unchanged.map((part) => growthRow(context, part, grownBytes)))
  const rows = judged.slice(0, maxRows).map(({ row, part }) => finished(context, row, part, holders))
  const suspects = mergedSuspects(rows, holders.list, elapsed, captures.at(-1)?.siteKind)
  const explainedShare = suspects.reduce((sum, suspect) => sum + suspect.shareOfGrowth, 0)
  const facts = { captures: captures.length, grownBytes, changedGroups: changed.length, explainedShare }
  return {
    ...facts,
    objects: merged.counts.map(sum),
    bytes: merged.bytes.map(sum),
    unchangedGroups: merged.groups - changed.length,
    rows: withSuspects(rows, suspects),
    holders: holders.list,
    suspects,
    unexplained: unexplained(
      suspects,
      grownBytes,
      captures.map(({ rssBytes }) => rssBytes),
    ),
    isOneProcess: context.lives.isOneProcess,
    proposals: proposals(rows),
    summary: growthSummary(facts, suspects, rows),
    remarks: limits(captures, context.requests, context.comparison, context.lives, tracerBytes),
    advice: adviceFor(captures),
  }
}

/** What all rows of a comparison are judged by. */
interface Context {
  readonly merged: MergedGroups
  readonly owners: MergedOwners | undefined
  readonly lives: Lives
  readonly requests: readonly number[] | undefined
  readonly elapsed: Elapsed
  readonly comparison: IdentityComparison | undefined
  readonly births: ReturnType<typeof birthSpreads>
  /** Shallow bytes of the first capture. */
  readonly firstBytes: number
  /** Bytes between two samples, per capture; undefined where everything was recorded. */
  readonly sampledEvery: readonly (number | undefined)[]
}

function contextOf(captures: readonly GrowthCapture[]): Context {
  const merged = mergedGroups(captures.map(({ groups }) => groups))
  const trees = captures.flatMap(({ owners }) => owners ?? [])
  const tables = captures.flatMap(({ identities }) => identities ?? [])
  const lives = livesOf(captures, merged)
  const canFollow = tables.length === captures.length && captures.length > 1 && lives.isOneProcess
  const requests = rising(captures.map((capture) => capture.requests))
  const times = rising(captures.map(({ takenAtMs }) => takenAtMs))
  return {
    merged,
    owners:
      trees.length === captures.length && trees.length > 0
        ? mergedOwners(trees, merged, lives.isOneProcess)
        : undefined,
    lives,
    requests,
    elapsed: {
      requests: requests && change(requests) > 0 ? change(requests) : undefined,
      hours: times && change(times) > 0 ? change(times) / 3_600_000 : undefined,
    },
    comparison: canFollow
      ? identityComparison(merged, tables, (row) => merged.describe(row).site !== undefined)
      : undefined,
    births: canFollow ? birthSpreads(merged, tables[0]!, tables.at(-1)!) : undefined,
    firstBytes: merged.bytes[0] ? sum(merged.bytes[0]) : 0,
    sampledEvery: captures.map((capture) => capture.sampledEvery),
  }
}

/** A row without what needs its objects to be followed and its holders named: that is done for the rows that are kept. */
type JudgedRow = Omit<
  GrowthRow,
  'evidence' | 'confidence' | 'suspect' | 'owner' | 'heldBy' | 'moreHolders' | 'fingerprint'
>

function growthRow(context: Context, part: RowPart, grownBytes: number): { row: JudgedRow; part: RowPart } {
  const { merged, requests, elapsed } = context
  const { counts, bytes } = part
  const [countChange, bytesChange] = [change(counts), change(bytes)]
  const group = merged.describe(part.group)
  const shaped = { type: group.type, counts, bytes, sampledEvery: context.sampledEvery }
  const reading = sizeReading(context, part, keptReading(context, part, rowShape(shaped, requests)))
  const births = part.container === undefined ? birthsOf(context, part, countChange) : undefined
  const shareOfGrowth =
    grownBytes === 0 || isTracer(merged, part.group) ? 0 : Math.max(0, bytesChange) / grownBytes
  const isExcused =
    isTracer(merged, part.group) || part.isMoved || isRuntimeNoise(group, counts, shareOfGrowth)
  const isPair =
    counts.length === 2 &&
    // Code is loaded and caches of calls fill as a process warms up: these must be known to come all along.
    (births?.spread === 'steady' || (births?.spread !== 'in bursts' && !isInternal(group))) &&
    isRowPairSuspect({ ...shaped, bytesChange, shareOfGrowth, heapBytes: context.firstBytes })
  const perUnit = (units: number | undefined) =>
    units === undefined ? undefined : { objects: countChange / units, bytes: bytesChange / units }
  const row = {
    ...group,
    counts,
    bytes,
    countChange,
    bytesChange,
    retained: part.retained,
    shape: reading.shape,
    reason: rowReason(reading, part),
    isSuspect: (reading.isSuspect || isPair) && !isExcused,
    shareOfGrowth,
    perRequest: perUnit(elapsed.requests),
    perHour: perUnit(elapsed.hours),
    births,
  }
  return { row, part }
}

/** Of the growth up to the last capture but one, at least this part must still be there, where objects are followed. */
const STILL_THERE = 0.1

/**
 * A number that rises by chance (requests in flight, more at each capture) has the shape of growth. Where single objects
 * are followed, it is known again: what made the number rise is gone in the last capture.
 */
function keptReading({ comparison }: Context, part: RowPart, reading: ShapeReading): ShapeReading {
  if (!reading.isSuspect || part.isRest) return reading
  const evidence = comparison?.of(part.group)
  const grown = change(part.counts.slice(0, -1))
  if (!evidence?.isExact || grown <= 0 || evidence.keptOfThose >= STILL_THERE * grown) return reading
  // Only where what came in between can be what made the number rise: not what changed hands, nor what has no lasting id.
  if (evidence.appearedBetween < grown) return reading
  return {
    shape: 'cannot tell',
    reason: `${reading.reason} But of the objects that came in between, none or hardly any are still there (${evidence.keptOfThose} of ${evidence.appearedBetween}): they are replaced. Work in flight looks like this, and so does a store that is made anew each time, larger: later captures decide.`,
    isSuspect: false,
  }
}

/** Objects that stay as many may become larger and larger: an array of numbers, a text, a buffer. */
function sizeReading(context: Context, part: RowPart, reading: ShapeReading): ShapeReading {
  const { merged, comparison, requests, sampledEvery } = context
  const isCounted =
    part.counts.some((count) => count > 0) && sampledEvery.every((period) => period === undefined)
  if (reading.shape !== 'flat' || !isCounted || part.counts.length < 2) return reading
  const group = merged.describe(part.group)
  if (!mayHoldData(group) || isTracer(merged, part.group)) return reading
  const evidence = comparison?.of(part.group)
  const larger = largerReading(
    {
      counts: part.counts,
      bytes: part.bytes,
      references: part.references,
      isOnePlace:
        context.owners !== undefined &&
        !part.isRest &&
        (part.container !== undefined || group.site !== undefined),
      isKept: evidence?.isExact ? evidence.appearedBetween === 0 || evidence.keptOfThose > 0 : undefined,
    },
    requests,
  )
  return larger ?? reading
}

function rowReason(reading: ShapeReading, part: RowPart): string {
  if (!part.isMoved || change(part.counts) <= 0) return reading.reason
  return `${reading.reason} Other owners of such objects lost about as many: these may have changed hands, not come new.`
}

/** Births are dated by group: what one owner keeps of a group is not told apart. */
function birthsOf({ births, merged }: Context, part: RowPart, grownBy: number): BirthSpread | undefined {
  return births?.(
    part.group,
    Math.max(0, grownBy, change(merged.counts.map((column) => column[part.group]!))),
  )
}

function ownerWords(part: RowPart, holders: Holders): string | undefined {
  if (part.isRest) return 'all other owners'
  if (part.container === undefined) return undefined
  return holders.list[holders.of(part.container)]!.words
}

function finished(context: Context, row: JudgedRow, part: RowPart, holders: Holders): GrowthRow {
  const { comparison, lives } = context
  const isWhole = part.container === undefined && !part.isRest
  const evidence = isWhole ? comparison?.of(part.group) : undefined
  const facts = {
    captures: row.counts.length,
    shape: row.shape,
    isOneProcess: lives.isOneProcess,
    isTraced: row.site !== undefined,
    births: row.births,
    evidence,
  }
  const heldBy = part.held.slice(0, HOLDERS_PER_ROW).map(({ container, share }) => ({
    holder: holders.of(container),
    share,
  }))
  const main = heldBy[0]
  // Of many holders, which one comes first may change with every capture.
  const path = main && main.share >= MOSTLY_HELD ? namedEnd(holders.list[main.holder]!.path) : []
  return {
    ...row,
    owner: ownerWords(part, holders),
    heldBy,
    moreHolders: part.held.length - heldBy.length,
    evidence,
    suspect: undefined,
    confidence: confidence(facts),
    fingerprint: fingerprint({ type: row.type, className: row.className, site: row.site, path }),
  }
}

function withSuspects(rows: readonly GrowthRow[], suspects: GrowthReport['suspects']): GrowthRow[] {
  const suspectOf = new Map(suspects.flatMap(({ rows: list }, suspect) => list.map((row) => [row, suspect])))
  return rows.map((row, index) => ({ ...row, suspect: suspectOf.get(index) }))
}

const bySuspicion = (a: { row: JudgedRow }, b: { row: JudgedRow }): number =>
  Number(b.row.isSuspect) - Number(a.row.isSuspect) || b.row.bytesChange - a.row.bytesChange

/** Containers that rows name, each made into a holder once. */
class Holders {
  readonly list: Holder[] = []
  private readonly owners: MergedOwners | undefined
  private readonly byContainer = new Map<number, number>()

  constructor(owners: MergedOwners | undefined) {
    this.owners = owners
  }

  /** Index in `list`. */
  of(container: number): number {
    const known = this.byContainer.get(container)
    if (known !== undefined) return known
    if (!this.owners) throw new Error('a container without owners')
    this.byContainer.set(container, this.list.length)
    return this.list.push(holderAt(this.owners, container)) - 1
  }
}

/** Numbers that are known for all captures and rise; else they say nothing about intervals. */
function rising(numbers: readonly (number | undefined)[]): number[] | undefined {
  const known: number[] = []
  for (const number of numbers) {
    if (number === undefined || (known.length > 0 && number <= known.at(-1)!)) return undefined
    known.push(number)
  }
  return known
}

/** Merged groups whose count or bytes are not the same in all captures. */
function changedGroups(merged: MergedGroups): number[] {
  const groups: number[] = []
  for (let group = 0; group < merged.groups; group++) {
    const isChanged = merged.counts.some(
      (column, capture) =>
        column[group] !== merged.counts[0]![group] ||
        merged.bytes[capture]![group] !== merged.bytes[0]![group],
    )
    if (isChanged) groups.push(group)
  }
  return groups
}

/** All other groups, as rows of their own. */
function unchangedParts(merged: MergedGroups, changed: readonly number[]): RowPart[] {
  const isChanged = new Set(changed)
  const groups = Array.from({ length: merged.groups }, (_, group) => group)
  return groups.filter((group) => !isChanged.has(group)).map((group) => wholeGroup(merged, group))
}

const isTracer = (merged: MergedGroups, group: number): boolean =>
  merged.describe(group).className === ALLOCATION_TRACER

const grownBytesOf = (parts: readonly RowPart[]): number =>
  parts.reduce((total, { bytes }) => total + Math.max(0, change(bytes)), 0)

function sum(column: Float64Array): number {
  let total = 0
  for (const value of column) total += value
  return total
}
