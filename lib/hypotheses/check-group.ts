import { growthShape, type ShapeReading } from '#lib/findings/growth-shape'
import { amountPath, rowShape } from '#lib/findings/row-shape'
import { formatCount } from '#lib/units/format'
import { finding, untested } from './check-bounds.ts'
import { amount, groupName } from './check-sentence.ts'
import { CHECK_LIMITS, type CheckFinding, type PredicateOf } from './checks.ts'

/** A group in one capture. */
export interface CountedGroup {
  readonly captureId: string
  /** Requests that the process had served; null when nobody said. */
  readonly requests: number | null
  /** Bytes between two samples; undefined where everything was recorded. */
  readonly sampledEvery: number | undefined
  readonly count: number
  readonly bytes: number
}

/** A group over the captures of one process, in the room's order. */
export interface GroupFacts {
  readonly captures: readonly CountedGroup[]
  /** Whose captures they are: a process's name, or null when they have none. */
  readonly process: string | null
  /** What the groups are called in the captures: of profiles, "allocated" is what was ever allocated. */
  readonly type: string
  /** Versions of what counted. */
  readonly methods: readonly string[]
}

/** "Count of AuditTrail::Entry grows every time". Pure. */
export function checkGroup(predicate: PredicateOf<'group'>, facts: GroupFacts): CheckFinding {
  const { group, measure, claim } = predicate
  const { captures, methods, process } = facts
  // Nobody said whose captures: then it has to be said whose they are.
  const whose = predicate.process === null && process ? ` Captures of ${process}.` : ''
  const last = captures.at(-1)
  if (!last) return untested('There is no capture to look into.', captureMissing(predicate))
  const search =
    group.by === 'class'
      ? group.className
      : group.by === 'site'
        ? group.file
        : (group.title.split(' · ')[0] ?? '')
  const evidence = [
    {
      kind: 'captures' as const,
      captureIds: captures.map(({ captureId }) => captureId),
      search: search.slice(0, CHECK_LIMITS.name),
    },
  ]
  const rest = { methods, evidence }
  if (captures.every(({ count, bytes }) => count === 0 && bytes === 0)) {
    return untested(
      `${captures.length === 1 ? 'The capture has' : `None of ${captures.length} captures has`} ${groupName(group)}.`,
      'A capture in which it occurs. Look up how it is called there.',
      rest,
    )
  }
  if (claim.is === 'over' || claim.is === 'under') {
    if (last.sampledEvery !== undefined)
      return untested(
        'The last capture is sampled: its numbers are estimates.',
        'A capture of everything.',
        rest,
      )
    const value = measure === 'count' ? last.count : last.bytes
    const holds = claim.is === 'over' ? value > claim.amount : value < claim.amount
    const words = `${sizeOf(value, measure)} in the last capture.${whose}`
    return finding(holds ? 'supported' : 'contradicted', words, rest)
  }
  const reading = shapeOf(predicate, facts)
  const values = captures.map((one) => (measure === 'count' ? one.count : one.bytes))
  const { state, missing } =
    claim.is === 'does-not-grow' ? notGrowing(reading, values) : growing(reading, values)
  return finding(state, `${reading.reason}${whose}`, { ...rest, missing })
}

const KIB = 1024

/** By the rules of the growth table; bytes are judged in KiB. */
function shapeOf({ measure }: PredicateOf<'group'>, { captures, type }: GroupFacts): ShapeReading {
  const counts = captures.map(({ count }) => count)
  const bytes = captures.map((one) => one.bytes)
  const sampledEvery = captures.map((one) => one.sampledEvery)
  const requests = rising(captures.map((one) => one.requests))
  const isPlain = type !== 'allocated' && sampledEvery.every((period) => period === undefined)
  if (measure === 'count' || !isPlain) return rowShape({ type, counts, bytes, sampledEvery }, requests)
  const { shape, isSuspect } = growthShape(
    bytes.map((size) => size / KIB),
    requests,
  )
  return { shape, isSuspect, reason: `${SHAPE_WORDS[shape]} (${amountPath({ counts: [], bytes })}).` }
}

const SHAPE_WORDS: Record<ShapeReading['shape'], string> = {
  flat: 'The bytes stay about the same',
  'grew once': 'The bytes grew in one interval and stayed there',
  saturating: 'The bytes grew at first and then much less',
  'growing every time': 'The bytes grew in every interval',
  shrinking: 'The bytes fall',
  'cannot tell': 'The bytes rose in some intervals: later captures decide',
}

/** As many as served something in every interval; else intervals count alike. */
function rising(requests: readonly (number | null)[]): readonly number[] | undefined {
  const known = requests.filter((count) => count !== null)
  const rises = known.every((count, i) => i === 0 || count > known[i - 1]!)
  return known.length === requests.length && rises ? known : undefined
}

type Told = Pick<CheckFinding, 'state' | 'missing'>
const ENOUGH_CAPTURES = 3
const ANOTHER: Told = { state: 'untested', missing: 'Another capture of the process, later.' }
const more = (captures: number): Told =>
  captures >= ENOUGH_CAPTURES
    ? ANOTHER
    : {
        state: 'untested',
        missing: captures === 1 ? 'A second capture of the process.' : 'A third capture of the process.',
      }

function growing({ shape }: ShapeReading, values: readonly number[]): Told {
  switch (shape) {
    case 'growing every time':
      return { state: 'supported', missing: null }
    case 'cannot tell':
      return more(values.length)
    case 'saturating':
      // Slower is not stopped.
      return hasStopped(values) ? { state: 'contradicted', missing: null } : ANOTHER
    case 'flat':
    case 'shrinking':
    case 'grew once':
      return { state: 'contradicted', missing: null }
  }
}

function notGrowing({ shape }: ShapeReading, values: readonly number[]): Told {
  switch (shape) {
    case 'flat':
    case 'shrinking':
      // One interval without growth is little to call something flat.
      return values.length >= ENOUGH_CAPTURES ? { state: 'supported', missing: null } : more(values.length)
    case 'growing every time':
      return { state: 'contradicted', missing: null }
    case 'saturating':
      return hasStopped(values) ? ANOTHER : { state: 'contradicted', missing: null }
    case 'grew once':
    case 'cannot tell':
      return more(values.length)
  }
}

/** No growth from the last capture but one to the last. */
const hasStopped = (values: readonly number[]): boolean => {
  const { shape } = growthShape(values.slice(-2))
  return shape === 'flat' || shape === 'shrinking'
}

const sizeOf = (value: number, measure: 'count' | 'bytes'): string =>
  measure === 'count' ? formatCount(value) : amount(value)

const captureMissing = ({ process }: PredicateOf<'group'>): string =>
  process === null ? 'A capture of the process.' : `A capture of ${process}.`
