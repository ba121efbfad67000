import { type HeapSnapshot, shallowBytesOf } from './snapshot.ts'

/**
 * Strings that say the same, kept several times. Entry `i` of each column is one text that occurs at least twice, those
 * that waste most first.
 *
 * Two objects count as the same text when type, shallow size and 31 bits of a hash of all bytes are equal. Different
 * texts can meet by chance: `expectedFalseCopies` says how many copies that may be in the whole capture, on average. So
 * a count in the thousands is right, and two copies of one text may be two texts: whoever shows one looks at both.
 */
export interface Duplicates {
  readonly texts: number
  /** The first object of the dump with that text. */
  readonly example: Uint32Array
  readonly count: Uint32Array
  /** Bytes of one copy. */
  readonly bytesEach: Float64Array
  /** What one shared copy would save: all but one. Over all texts. */
  readonly wastedBytes: number
  /** Objects that have a text, repeated or not. */
  readonly strings: number
  readonly expectedFalseCopies: number
}

/** All texts that occur more than once; undefined when the dump does not tell what strings say. O(objects). */
export function duplicates(snapshot: HeapSnapshot): Duplicates | undefined {
  const { objects, valueHash } = snapshot
  if (valueHash === undefined) return undefined
  let strings = 0
  for (let object = 0; object < objects; object++) if (valueHash[object] !== 0) strings++
  let size = 1024
  while (size < strings * 2) size *= 2
  /** Open addressing; holds text + 1. */
  const buckets = new Uint32Array(size)
  const first = new Uint32Array(strings)
  const copies = new Uint32Array(strings)
  let texts = 0
  for (let object = 0; object < objects; object++) {
    if (valueHash[object] === 0) continue
    const bucket = bucketOf(snapshot, valueHash, buckets, first, object)
    if (buckets[bucket] === 0) {
      first[texts] = object
      buckets[bucket] = ++texts
    }
    copies[buckets[bucket]! - 1]!++
  }
  return repeated(snapshot, { first, copies, texts, strings })
}

/** Where the text of an object stands in the table, or belongs. */
function bucketOf(
  snapshot: HeapSnapshot,
  valueHash: Uint32Array,
  buckets: Uint32Array,
  first: Uint32Array,
  object: number,
): number {
  const { shallowBytes, type } = snapshot
  const mask = buckets.length - 1
  const hash = valueHash[object]!
  let bucket = mixed(hash, shallowBytes[object]!) & mask
  while (buckets[bucket] !== 0) {
    const other = first[buckets[bucket]! - 1]!
    if (
      valueHash[other] === hash &&
      shallowBytes[other] === shallowBytes[object] &&
      type[other] === type[object]
    )
      break
    bucket = (bucket + 1) & mask
  }
  return bucket
}

interface Counted {
  readonly first: Uint32Array
  readonly copies: Uint32Array
  readonly texts: number
  readonly strings: number
}

function repeated(snapshot: HeapSnapshot, { first, copies, texts, strings }: Counted): Duplicates {
  const rows: { readonly example: number; readonly count: number; readonly each: number }[] = []
  let wastedBytes = 0
  for (let text = 0; text < texts; text++) {
    const count = copies[text]!
    if (count < 2) continue
    const each = shallowBytesOf(snapshot, first[text]!)
    rows.push({ example: first[text]!, count, each })
    wastedBytes += (count - 1) * each
  }
  rows.sort((a, b) => (b.count - 1) * b.each - (a.count - 1) * a.each || a.example - b.example)
  return {
    texts: rows.length,
    example: Uint32Array.from(rows, (row) => row.example),
    count: Uint32Array.from(rows, (row) => row.count),
    bytesEach: Float64Array.from(rows, (row) => row.each),
    wastedBytes,
    strings,
    // Different texts that fall together, if all were of one size: pairs / 2³¹. Sizes differ, so it is less.
    expectedFalseCopies: (texts * (texts - 1)) / 2 / 2 ** 31,
  }
}

/**
 * Where most copies of some texts were allocated: the site by text, 0 where none was traced. `examples` are entries of
 * `Duplicates.example`. One pass over all objects for a whole page of them.
 */
export function sitesOfDuplicates(snapshot: HeapSnapshot, examples: readonly number[]): number[] {
  const { objects, valueHash, shallowBytes, type, site } = snapshot
  if (valueHash === undefined) return examples.map(() => 0)
  const textsByHash = new Map<number, number[]>()
  examples.forEach((example, text) => {
    const hash = valueHash[example]!
    textsByHash.set(hash, [...(textsByHash.get(hash) ?? []), text])
  })
  const tallies = examples.map(() => new Map<number, number>())
  for (let object = 0; object < objects; object++) {
    if (valueHash[object] === 0 || site[object] === 0) continue
    for (const text of textsByHash.get(valueHash[object]!) ?? []) {
      const example = examples[text]!
      if (shallowBytes[example] !== shallowBytes[object] || type[example] !== type[object]) continue
      const tally = tallies[text]!
      tally.set(site[object]!, (tally.get(site[object]!) ?? 0) + 1)
    }
  }
  return tallies.map((tally) => {
    let best = 0
    for (const [at, count] of tally) if (count > (tally.get(best) ?? 0)) best = at
    return best
  })
}

function mixed(hash: number, size: number): number {
  const both = Math.imul(hash ^ Math.imul(size, 0x9e3779b1), 0x85ebca6b)
  return (both ^ (both >>> 15)) >>> 0
}
