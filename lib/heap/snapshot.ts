import type { SiteTable } from './sites.ts'
import type { SlotTable } from './slots.ts'
import type { StringTable } from './strings.ts'

/** "No such object" in columns that hold object indexes. */
export const NO_INDEX = 0xffffffff
/** In `generation`: allocated before tracing was turned on. Not generation 0. */
export const NO_GENERATION = -1

/** Bits of the `flags` column. */
export const OBJECT_FLAGS = {
  old: 1,
  writeBarrierProtected: 2,
  marked: 4,
  uncollectible: 8,
  frozen: 16,
  shared: 32,
  embedded: 64,
  singleton: 128,
} as const

/** Bits of the `flags` column of a V8 snapshot: whether a native node of a page is still in the page's documents. */
export const DOM_FLAGS = { attached: 1, detached: 2 } as const

/**
 * The object graph of one heap capture, as columns: entry `i` of each describes object `i`, in the order of the
 * file. There is no JavaScript object per heap object. Columns may be longer than `objects`; the rest is unused.
 *
 * GC roots and free slots are not objects: roots have their own table. Sizes are in bytes.
 *
 * V8 numbers its objects instead of telling addresses: `slot` then holds id × 8, so that one table serves both.
 * `keyText` writes either for people.
 */
export interface HeapSnapshot {
  /** Who wrote it: the id of the format. */
  readonly producer: string
  readonly objects: number
  /** Names of the values in `type` ("STRING", "OBJECT" …). */
  readonly typeNames: readonly string[]
  readonly type: Uint8Array
  /** OBJECT_FLAGS, or-ed; of a V8 snapshot (`keyKind` 'id') DOM_FLAGS. */
  readonly flags: Uint8Array
  /** Shallow size, capped at 2³²−1: `hugeBytes` has the exact value of those beyond. Read with `shallowBytesOf`. */
  readonly shallowBytes: Uint32Array
  readonly hugeBytes: ReadonlyMap<number, number>
  /** Allocation generation (the GC count at allocation), or NO_GENERATION. */
  readonly generation: Int32Array
  /** Allocation site: index into `sites`; 0 is "not traced". */
  readonly site: Uint32Array
  readonly sites: SiteTable
  /**
   * What a site is. 'allocation' (when absent): the code that made the object. 'definition': where the closure's function
   * or the object's class is defined; V8 tells that without any recording.
   */
  readonly siteKind?: 'allocation' | 'definition' | undefined
  /** Every name in the dump once: class names, labels, files, methods. */
  readonly strings: StringTable
  /** Index of the object that is this object's class, or NO_INDEX. Not repeated in `references`. */
  readonly classIndex: Uint32Array
  /** Name of the class for people: string index. For a hidden object, its C struct or its internal kind. */
  readonly className: Uint32Array
  /** What the dump calls the object itself: a class's own name, DATA's C struct, IMEMO's kind. String index, 0 = nothing. */
  readonly label: Uint32Array
  /** Byte offset of the object's line in the plain (decompressed) file: single values are read from there on demand. */
  readonly lineOffset: Float64Array
  /** 32 bits of what the object says as text (a string's value), equal for equal texts; 0 where there is none. Absent: not known. */
  readonly valueHash?: Uint32Array | undefined
  /** Elements of an array, entries of a hash, where the dump tells; 0 where it does not. Read with `elementsOf`. */
  readonly elements?: Uint32Array | undefined
  /** Compressed sparse rows: object `i` refers to `references[referenceStart[i] … referenceStart[i + 1])`. */
  readonly referenceStart: Uint32Array
  /** Object indexes; NO_INDEX where the target is not in the dump. */
  readonly references: Uint32Array
  /** Kinds and names of the references; absent where a dump has neither (Ruby's). */
  readonly edges?: EdgeDetails | undefined
  readonly roots: RootTable
  /**
   * What becomes of objects that no root reaches. 'apart' (when absent): garbage that is not collected yet; it keeps
   * nobody alive. 'under-root': the super-root keeps them, as DevTools does for V8, whose dumps hold no garbage.
   */
  readonly orphans?: 'apart' | 'under-root' | undefined
  /** What identifies an object within its process: a memory address, or a number that the runtime gave it. */
  readonly keyKind: 'address' | 'id'
  /** Address of object `i` as a slot id; NO_SLOT when it has none. `slots` turns it into a number and back. */
  readonly slot: Uint32Array
  readonly slots: SlotTable
  readonly notes: ReadingNotes
}

/** Entry `k` of each column describes `references[k]`. */
export interface EdgeDetails {
  readonly kindNames: readonly string[]
  /** Index into `kindNames`; WEAK_EDGE is or-ed in when the reference does not keep its target alive. */
  readonly kind: Uint8Array
  /** A string index, or for kinds in `numberedKinds` the number itself (an array's element). */
  readonly name: Uint32Array
  readonly numberedKinds: ReadonlySet<number>
}
/** In `EdgeDetails.kind`: dominators, retained sizes and shortest paths leave this reference out. */
export const WEAK_EDGE = 0x80

/** GC roots by category. Root category `r` keeps `references[start[r] … start[r + 1])`; repeats are possible. */
export interface RootTable {
  readonly count: number
  /** String indexes ("vm", "machine_context" …). A name may recur. */
  readonly name: Uint32Array
  readonly start: Uint32Array
  readonly references: Uint32Array
  /**
   * 1 where a category is a stack that the collector reads conservatively (any word that looks like an address counts):
   * what it keeps may be a stale slot. Paths prefer other roots. Absent: none is.
   */
  readonly isConservative?: Uint8Array | undefined
}

/** What happened while reading: shown to people, never fatal. */
export interface ReadingNotes {
  /** Bytes of plain text that were read. */
  readonly bytesRead: number
  readonly lines: number
  readonly badLines: number
  /** Offsets of the first bad lines, at most BAD_LINES_KEPT. */
  readonly badLineOffsets: readonly number[]
  /** Where the last line starts, when the file stops in the middle of it. */
  readonly truncatedAt: number | undefined
  /** Unused slots that a `full: true` dump lists. */
  readonly freeSlots: number
  /** Ruby 3.2+: shapes are metadata, not objects. */
  readonly shapes: number
  readonly shapeBytes: number
  /** References to addresses that are not in the dump. */
  readonly danglingReferences: number
  /** Objects at an address that an earlier line already had; references go to the later one. */
  readonly repeatedAddresses: number
  /** Objects too many for the address table (more than 34 GB of heap): counted, but without references to them. */
  readonly unplacedObjects: number
  /** True when nothing says what keeps objects alive (a `since:` dump, or the roots are missing): no paths, no classes for some. */
  readonly isPartial: boolean
  /** What the shape of the lines tells about the program that wrote them, in words. */
  readonly producerHints: readonly string[]
  /** The format's own sentences about what its files cannot tell. Absent: none. */
  readonly remarks?: readonly string[] | undefined
}

/** How many offsets of bad lines are kept. */
export const BAD_LINES_KEPT = 20

/** Exact shallow size of one object, in bytes, also beyond 4 GiB. */
export function shallowBytesOf(
  snapshot: Pick<HeapSnapshot, 'shallowBytes' | 'hugeBytes'>,
  object: number,
): number {
  const size = snapshot.shallowBytes[object]!
  return size === 0xffffffff ? (snapshot.hugeBytes.get(object) ?? size) : size
}

/**
 * How many elements a collection has. Numbers and the like are no references, so the dump's own count comes first;
 * where there is none, the references that the object holds.
 */
export function elementsOf(
  snapshot: Pick<HeapSnapshot, 'elements' | 'referenceStart'>,
  object: number,
): number {
  const told = snapshot.elements?.[object] ?? 0
  return told > 0 ? told : snapshot.referenceStart[object + 1]! - snapshot.referenceStart[object]!
}

/** "0x7f3c1a40" or "@12345"; undefined for an object without either. */
export function keyText(
  snapshot: Pick<HeapSnapshot, 'slot' | 'slots' | 'keyKind'>,
  object: number,
): string | undefined {
  const slot = snapshot.slot[object]!
  if (slot === 0xffffffff) return undefined
  const address = snapshot.slots.address(slot)
  return snapshot.keyKind === 'id' ? `@${address / 8}` : `0x${address.toString(16)}`
}

/**
 * Is the object's key the same in every capture of its process? Ruby's addresses are, until the object moves. V8 numbers
 * the objects of JavaScript with odd ids for life; even ids are hashes that it makes up for native memory each time.
 */
export function hasLastingKey(snapshot: Pick<HeapSnapshot, 'slot' | 'keyKind'>, object: number): boolean {
  const slot = snapshot.slot[object]!
  return slot !== 0xffffffff && (snapshot.keyKind === 'address' || (slot & 1) === 1)
}
