import { z } from 'zod'
import { CaptureTable } from './rows.ts'

// What is asked of an opened heap: single objects, what holds them, what they hold. One route answers all of it.

const Count = z.number().nonnegative()
const Offset = z.coerce.number().int().min(0).max(100_000_000).default(0)
const Limit = z.coerce.number().int().min(1).max(500).default(50)
/** Index of an object within its capture: stable for a stored file. */
const ObjectIndex = z.coerce.number().int().min(0).max(0xffffffff)

/** One object on one line. */
export const ObjectLine = z.object({
  object: Count,
  /** "0x7f3c1a40" or "@12345". */
  key: z.string().nullable(),
  type: z.string(),
  className: z.string(),
  /** What to call it: a class's own name, a constructor, "Array of 10,500". Never a value. */
  label: z.string(),
  site: z.string().nullable(),
  generation: z.number().nullable(),
  shallowBytes: Count,
  /** Null when no root reaches it. */
  retainedBytes: Count.nullable(),
  retainedObjects: Count.nullable(),
  /** References that it holds. */
  references: Count,
  /** The reference between this object and the one that was asked about; null where a dump does not name them. */
  edge: z.object({ kind: z.string(), name: z.string(), isWeak: z.boolean() }).nullable(),
})
export type ObjectLine = z.infer<typeof ObjectLine>

/** A step of a path from the root: a root category, an object, or the middle of a very long path, left out. */
export const PathStep = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('root'), name: z.string() }),
  z.object({ kind: z.literal('object'), line: ObjectLine, isDominator: z.boolean() }),
  z.object({ kind: z.literal('gap'), steps: Count }),
])
export type PathStep = z.infer<typeof PathStep>

export const GraphQuery = z.discriminatedUnion('ask', [
  /** Everything about one object, with its shortest path from a root and its dominators. */
  z.object({ ask: z.literal('object'), object: ObjectIndex }),
  /** By address ("0x7f…") or id ("@123"). */
  z.object({ ask: z.literal('find'), key: z.string().max(40) }),
  z.object({ ask: z.literal('referrers'), object: ObjectIndex, offset: Offset, limit: Limit }),
  z.object({ ask: z.literal('references'), object: ObjectIndex, offset: Offset, limit: Limit }),
  /** Children in the dominator tree, largest retained first; without `object`, those of the root. */
  z.object({ ask: z.literal('dominated'), object: ObjectIndex.optional(), offset: Offset, limit: Limit }),
  /** The objects that retain most, wherever they are. */
  z.object({ ask: z.literal('largest'), offset: Offset, limit: Limit }),
  /** The objects of one row of the tables, largest retained first; `group` is the key of a row of `table`. */
  z.object({
    ask: z.literal('members'),
    table: CaptureTable.default('groups'),
    group: z.string().max(2000),
    offset: Offset,
    limit: Limit,
  }),
  /** What would be freed with all objects of a row together. */
  z.object({
    ask: z.literal('retained-set'),
    table: CaptureTable.default('groups'),
    group: z.string().max(2000),
  }),
  /**
   * The owner tree below a path, for the treemap; 0 is the root. With `since`, another capture of the room: what each
   * path retained there, matched by the names from the root.
   */
  z.object({
    ask: z.literal('owners'),
    path: z.coerce.number().int().min(0).default(0),
    since: z.uuid().optional(),
  }),
  z.object({ ask: z.literal('duplicates'), offset: Offset, limit: Limit }),
])
export type GraphQuery = z.infer<typeof GraphQuery>

export const ObjectDetails = z.object({
  line: ObjectLine,
  /** Share of the heap that it retains, 0 to 1; null when no root reaches it. */
  retainedShare: z.number().nullable(),
  /** Further facts as the format tells them: flags, length, detachedness. */
  facts: z.array(z.object({ name: z.string(), value: z.string() })),
  /** Shortest path from a root, root first, the object last; empty when no root reaches it. */
  path: z.array(PathStep),
  /** Objects that it holds, by group: the largest first, at most 50. */
  holds: z.array(
    z.object({
      type: z.string(),
      className: z.string(),
      site: z.string().nullable(),
      count: Count,
      bytes: Count,
    }),
  ),
  referrers: Count,
  dominated: Count,
  /** Can its value be read from the stored file? */
  hasValue: z.boolean(),
  /** By what the ledger knows objects like this one (lib/findings/fingerprint.ts); null where only a comparison can tell. */
  fingerprint: z.string().nullish(),
})
export type ObjectDetails = z.infer<typeof ObjectDetails>

export const ObjectPage = z.object({ total: Count, offset: Count, lines: z.array(ObjectLine) })
export type ObjectPage = z.infer<typeof ObjectPage>

/** One tile of the treemap and one row of the table below it. */
export const OwnerLine = z.object({
  path: Count,
  name: z.string(),
  edge: z.string().nullable(),
  count: Count,
  shallowBytes: Count,
  retainedBytes: Count,
  retainedObjects: Count,
  hasChildren: z.boolean(),
  /** An object to open in the inspector. */
  example: Count.nullable(),
  /** The same path in the capture that was asked `since`; null when it has no such path. Absent: not asked. */
  since: z.object({ count: Count, retainedBytes: Count }).nullish(),
})
export type OwnerLine = z.infer<typeof OwnerLine>
export const OwnerLevel = z.object({
  /** From the root to the asked path, the asked one last. */
  crumbs: z.array(OwnerLine),
  /** Largest first, at most 200; the rest is summed. */
  children: z.array(OwnerLine),
  rest: z.object({ paths: Count, retainedBytes: Count, retainedObjects: Count }),
  /** What allocation tracing itself takes of this heap; it is in no line and no sum. */
  tracingBytes: Count,
})
export type OwnerLevel = z.infer<typeof OwnerLevel>

export const DuplicateString = z.object({
  /** An object that has the value: it is revealed on demand like any other value. */
  example: Count,
  count: Count,
  /** Bytes of one copy and of all. */
  bytesEach: Count,
  bytes: Count,
  /** What one shared copy would save. */
  wastedBytes: Count,
  /** Where most copies were allocated. */
  site: z.string().nullable(),
  className: z.string(),
})
export type DuplicateString = z.infer<typeof DuplicateString>
export const DuplicatesPage = z.object({
  total: Count,
  offset: Count,
  wastedBytes: Count,
  /** Why there are none, when there are none to be had. */
  remark: z.string().nullable(),
  rows: z.array(DuplicateString),
})
export type DuplicatesPage = z.infer<typeof DuplicatesPage>

/** Which answer belongs to which question. */
export interface GraphAnswers {
  object: ObjectDetails
  find: { readonly object: number | null }
  referrers: ObjectPage
  references: ObjectPage
  dominated: ObjectPage
  largest: ObjectPage
  members: ObjectPage
  'retained-set': {
    readonly objects: number
    readonly retainedBytes: number
    readonly retainedObjects: number
  }
  owners: OwnerLevel
  duplicates: DuplicatesPage
}

/** A single value, read from the stored file. Asking for it is written to the room's log. */
export const RevealedValue = z.object({
  /** The object's line or fields as the file has them, at most 64 KiB; hostile text. */
  text: z.string(),
  isCut: z.boolean(),
})
export type RevealedValue = z.infer<typeof RevealedValue>
