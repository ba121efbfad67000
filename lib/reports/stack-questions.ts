import { z } from 'zod'
import { CaptureId } from '#lib/investigation/ids'
import { StackKindName, StackMeasureName } from './stack-report.ts'

// What a page may ask of a capture of allocation stacks, and what it gets. Names, files and libraries are hostile text.

const Offset = z.coerce.number().int().min(0).max(10_000_000).default(0)
const Limit = z.coerce.number().int().min(1).max(500).default(100)

export const StackGroupingName = z.enum(['function', 'library', 'site'])
export const StackOrder = z.enum(['own', 'total', 'change', 'name'])
export type StackOrder = z.infer<typeof StackOrder>

const Choice = {
  /** Absent: the profile's first measure. */
  measure: StackMeasureName.optional(),
  /** `all`: every kind that may be summed. */
  kind: z.enum(['all', ...StackKindName.options]).default('all'),
  /** Another capture of the room, which is taken for the earlier one. */
  since: CaptureId.optional(),
}

export const StackQuery = z.discriminatedUnion('ask', [
  z.object({ ask: z.literal('flame'), ...Choice }),
  z.object({
    ask: z.literal('table'),
    ...Choice,
    by: StackGroupingName.default('function'),
    /** Words that must all occur in name, place or library; case does not matter. */
    q: z.string().max(200).default(''),
    sort: StackOrder.optional(),
    dir: z.enum(['asc', 'desc']).default('desc'),
    offset: Offset,
    limit: Limit,
  }),
  z.object({
    ask: z.literal('calls'),
    ...Choice,
    node: z.coerce
      .number()
      .int()
      .min(0)
      .max(2 ** 31)
      .default(0),
  }),
])
export type StackQuery = z.infer<typeof StackQuery>

const Frame = z.object({ name: z.string(), file: z.string(), line: z.number(), library: z.string() })

/** What every answer says of itself. */
const Shown = {
  measure: StackMeasureName,
  /** "bytes in use". */
  words: z.string(),
  isBytes: z.boolean(),
  /** Everything that is shown, and of the earlier capture. */
  sum: z.number(),
  earlierSum: z.number().nullable(),
  /** What limits a comparison, one sentence each. */
  remarks: z.array(z.string()),
}

export const FlameAnswer = z.object({
  ...Shown,
  /** Parents before children; the first one is the root above all stacks. */
  boxes: z.array(
    z.object({
      node: z.number(),
      parent: z.number(),
      frame: Frame,
      isPlatform: z.boolean(),
      value: z.number(),
      earlier: z.number().nullable(),
      smaller: z.object({ count: z.number(), value: z.number() }),
    }),
  ),
  /** Libraries by what they and their callees allocated, largest first: the order of the colors. */
  libraries: z.array(z.object({ name: z.string(), value: z.number() })),
})
export type FlameAnswer = z.infer<typeof FlameAnswer>

export const StackTableRow = z.object({
  key: z.string(),
  name: z.string(),
  place: z.string(),
  library: z.string(),
  own: z.number(),
  total: z.number(),
  earlier: z.number().nullable(),
})
export type StackTableRow = z.infer<typeof StackTableRow>
export const StackTablePage = z.object({
  ...Shown,
  by: StackGroupingName,
  /** Rows of the table, matching or not. */
  all: z.number(),
  offset: z.number(),
  /** Rows that match. */
  total: z.number(),
  rows: z.array(StackTableRow),
})
export type StackTablePage = z.infer<typeof StackTablePage>

export const CallLineRow = z.object({
  node: z.number(),
  frame: Frame,
  isPlatform: z.boolean(),
  self: z.number(),
  total: z.number(),
  earlier: z.number().nullable(),
  hasChildren: z.boolean(),
})
export type CallLineRow = z.infer<typeof CallLineRow>
export const CallsAnswer = z.object({
  ...Shown,
  path: z.array(CallLineRow),
  lines: z.array(CallLineRow),
  rest: z.object({ count: z.number(), total: z.number() }),
})
export type CallsAnswer = z.infer<typeof CallsAnswer>

/** Which answer belongs to which question. */
export interface StackAnswers {
  flame: FlameAnswer
  table: StackTablePage
  calls: CallsAnswer
}
