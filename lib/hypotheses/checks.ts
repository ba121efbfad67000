import { z } from 'zod'

// A hypothesis can carry predicates that the server evaluates again on every new capture, series or run. Ids are plain
// UUIDs here: what they name is checked where rows are known (lib/db/commands/checks.ts).

/** Bump when a check's rules or words change: every check is then evaluated again. */
export const CHECK_VERSION = 1

const EpochMs = z.number().min(-8.64e15).max(8.64e15)
const Side = z.enum(['over', 'under'])
export type Side = z.infer<typeof Side>

/** A part of the graph, epoch milliseconds; null: all of it, as far as it goes by then. */
const CheckedRange = z
  .object({ from: EpochMs, to: EpochMs })
  .refine(({ from, to }) => from < to, 'The end has to be after the start.')
  .nullable()
export type CheckedRange = z.infer<typeof CheckedRange>

/** Longest names in a predicate, in characters. */
export const CHECK_LIMITS = { name: 500, fingerprint: 4000, process: 200, words: 900 } as const
/** Most bytes that a predicate may ask for. */
const MOST_BYTES = 2 ** 60
const Name = z.string().trim().min(1, 'Say which one.').max(CHECK_LIMITS.name)
const Bytes = z.number('Write a number.').min(0, 'Write 0 or more.').max(MOST_BYTES)

/** Which objects are meant. */
export const CheckedGroup = z.discriminatedUnion('by', [
  z.object({ by: z.literal('class'), className: Name }),
  /** Where they were allocated: the end of the file's path, so that a deploy into another folder is the same site. */
  z.object({ by: z.literal('site'), file: Name, line: z.int().nonnegative().nullable() }),
  /** A row of the growth table, known again by its fingerprint (lib/findings/fingerprint.ts). */
  z.object({
    by: z.literal('fingerprint'),
    fingerprint: z.string().min(1).max(CHECK_LIMITS.fingerprint),
    title: Name,
  }),
])
export type CheckedGroup = z.infer<typeof CheckedGroup>

export const GroupClaim = z.discriminatedUnion('is', [
  z.object({ is: z.literal('grows-every-time') }),
  z.object({ is: z.literal('does-not-grow') }),
  /** In the last capture. Objects or bytes, as the measure says. */
  z.object({ is: z.literal('over'), amount: Bytes }),
  z.object({ is: z.literal('under'), amount: Bytes }),
])
export type GroupClaim = z.infer<typeof GroupClaim>

export const CheckedPart = z.enum(['native', 'managed', 'fragmentation', 'file-backed'])
export type CheckedPart = z.infer<typeof CheckedPart>

/** What a check claims. Made by a form, shown as a sentence (check-sentence.ts). */
export const CheckPredicate = z.discriminatedUnion('kind', [
  /** How much of the room's growth lies in one part of memory. */
  z.object({
    kind: z.literal('place'),
    part: CheckedPart,
    side: Side,
    percent: z.number('Write a percentage.').min(0, 'At least 0 %.').max(100, 'At most 100 %.'),
    range: CheckedRange,
  }),
  /** Of captures of one process; without a name the newest ones that belong together, as the Growth tab takes them. */
  z.object({
    kind: z.literal('group'),
    group: CheckedGroup,
    process: z.string().max(CHECK_LIMITS.process).nullable(),
    measure: z.enum(['count', 'bytes']),
    claim: GroupClaim,
  }),
  z.object({
    kind: z.literal('rate'),
    seriesId: z.uuid('Choose a memory graph.'),
    side: Side,
    bytesPerHour: Bytes,
    range: CheckedRange,
  }),
  /** What 1,000 of what a counter counts cost. */
  z.object({
    kind: z.literal('per-thousand'),
    seriesId: z.uuid('Choose a memory graph.'),
    counterId: z.uuid('Choose a counter.'),
    side: Side,
    bytes: Bytes,
    range: CheckedRange,
  }),
  /** Growth in one condition of an experiment, in the mean of its runs. */
  z.object({
    kind: z.literal('experiment-rate'),
    experimentId: z.uuid('Choose an experiment.'),
    condition: z.enum(['A', 'B']),
    metric: z.enum(['per-iteration', 'per-hour']),
    side: Side,
    bytes: Bytes,
  }),
  /** It grows with A and not with B. */
  z.object({ kind: z.literal('experiment-reproduced'), experimentId: z.uuid('Choose an experiment.') }),
  /** It grows faster inside of the marked outages than outside. */
  z.object({ kind: z.literal('outages'), range: CheckedRange }),
])
export type CheckPredicate = z.infer<typeof CheckPredicate>
export type CheckKind = CheckPredicate['kind']
export type PredicateOf<K extends CheckKind> = Extract<CheckPredicate, { kind: K }>

export const CheckState = z.enum(['supported', 'contradicted', 'untested'])
export type CheckState = z.infer<typeof CheckState>

/** What an outcome rests on: enough to bring anyone there. */
export const CheckEvidence = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('captures'),
    captureIds: z.array(z.uuid()).min(1).max(50),
    /** Words by which the growth table is searched. */
    search: z.string().max(CHECK_LIMITS.name),
  }),
  z.object({
    kind: z.literal('range'),
    seriesIds: z.array(z.uuid()).min(1).max(20),
    from: EpochMs,
    to: EpochMs,
  }),
  z.object({ kind: z.literal('experiment'), experimentId: z.uuid() }),
])
export type CheckEvidence = z.infer<typeof CheckEvidence>

/** What a predicate comes to, by the readings that there are. */
export interface CheckFinding {
  readonly state: CheckState
  /** The numbers, rounded so that live samples do not change them all the time. */
  readonly words: string
  /** Of untested ones: which measurement is missing. */
  readonly missing: string | null
  /** Of untested ones: when more can be said if it goes on as it does, epoch milliseconds. */
  readonly decidableAt: number | null
  readonly evidence: readonly CheckEvidence[]
  /** Of the methods behind it: "reading 3". */
  readonly methods: readonly string[]
}

/** A finding as it is stored. */
export const CheckOutcome = z.object({
  version: z.int().positive(),
  state: CheckState,
  words: z.string().max(CHECK_LIMITS.words),
  missing: z.string().max(CHECK_LIMITS.words).nullable(),
  decidableAt: EpochMs.nullable(),
  evidence: z.array(CheckEvidence).max(4),
  methods: z.array(z.string().max(60)).max(8),
  at: EpochMs,
})
export type CheckOutcome = z.infer<typeof CheckOutcome>
