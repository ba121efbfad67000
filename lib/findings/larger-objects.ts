import { formatBytes, formatCount } from '#lib/units/format'
import { bytes as asBytes } from '#lib/units/quantity'
import { growthShape, type ShapeReading } from './growth-shape.ts'

/** What a row's objects became larger by, when they did not become more. */
export interface LargerRow {
  readonly counts: readonly number[]
  readonly bytes: readonly number[]
  /** References of its objects, per capture (an estimate from above); undefined where it is not known. */
  readonly references: readonly number[] | undefined
  /** Is it one owner's part or of one site, not all objects of a class wherever they are? */
  readonly isOnePlace: boolean
  /** Are its objects known again, and do those that came in between remain (or did none come)? */
  readonly isKept: boolean | undefined
}

/** Objects that became larger by less than this are told by their number alone. */
const SMALLEST = 64 * 1024
/** … and so are those that became larger by less than this part of their size. */
const NOISE_SHARE = 0.001
/** Bytes are judged in these, so that the rule's smallest step is 20 KiB. */
const UNIT = 4096
/**
 * A collection that has another reference for at most this many bytes got larger with what it holds: those objects are
 * counted. (An entry of a hash takes some 50 bytes, and tables double twice before they are full or cleaned.)
 */
const BYTES_PER_REFERENCE = 256
/** From this many intervals on, growth in each of them is no chance and no jump of a bounded table. */
const ENOUGH_INTERVALS = 3
/** By what room for more grows: one array or table makes steps in these ratios, whatever is put into it in between. */
const JUMPS = [1.5, 2, 2.25, 4]
const JUMP_TOLERANCE = 0.01

/**
 * The shape of a row whose number of objects stays, but whose bytes grew: an array of numbers, a text that is appended to,
 * a buffer. `undefined` when they did not, or when the collections grew with objects that are rows of their own. Rule:
 * docs/spec/heap.md, GRW19–GRW24.
 */
export function largerReading(row: LargerRow, requests?: readonly number[]): ShapeReading | undefined {
  const { counts, bytes, references } = row
  const more = bytes.at(-1)! - bytes[0]!
  if (more < Math.max(SMALLEST, NOISE_SHARE * bytes[0]!)) return undefined
  if (references && references.at(-1)! - references[0]! >= more / BYTES_PER_REFERENCE) return undefined
  const path = bytes.map((size) => formatBytes(asBytes(size))).join(' → ')
  const facts = `No more objects (${counts.map(formatCount).join(' → ')}), but larger ones: ${path}`
  const undecided = (why: string): ShapeReading => ({
    shape: 'cannot tell',
    reason: `${facts}. ${why}`,
    isSuspect: false,
  })
  const inUnits = bytes.map((size) => size / UNIT)
  const { shape, isSuspect } = growthShape(inUnits, requests)
  if (shape === 'grew once' && staysLong(bytes)) return { shape, reason: `${facts}.`, isSuspect }
  if (shape !== 'growing every time')
    return undecided('A growing array, text or buffer takes room in jumps: later captures decide.')
  if (bytes.length > ENOUGH_INTERVALS) return grown(facts)
  if (row.isKept === undefined)
    return undecided('Whether these are the same objects is not known: later captures decide.')
  if (!row.isKept)
    return undecided(
      'They are others each time: work in flight looks like this, and so does a text that is copied to be longer. Later captures decide.',
    )
  if (isJump(bytes))
    return undecided('Room for more is made in such jumps, which may be the last: later captures decide.')
  if (!row.isOnePlace)
    return undecided('These are all objects of a class, wherever they are: later captures decide.')
  return grown(facts)
}

const grown = (facts: string): ShapeReading => ({
  shape: 'growing every time',
  reason: `${facts}, in every interval. An array of numbers, a text or a buffer that is appended to grows like this.`,
  isSuspect: true,
})

/** One table doubles less and less often: only when it stayed for as long as it took to get there, it has stopped. */
function staysLong(bytes: readonly number[]): boolean {
  const reached = bytes.findIndex((size) => size >= bytes.at(-1)! - UNIT)
  return bytes.length >= 2 * (reached + 1)
}

const isJump = (bytes: readonly number[]): boolean => {
  const steps = bytes.slice(1).map((size, at) => size - bytes[at]!)
  return steps.slice(1).every((step, at) => {
    const ratio = step / steps[at]!
    return JUMPS.some((jump) => Math.abs(ratio / jump - 1) <= JUMP_TOLERANCE)
  })
}
