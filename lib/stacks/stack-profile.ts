/** What one number of a stack counts. */
export type StackMeasure = 'in-use-bytes' | 'in-use-blocks' | 'allocated-bytes' | 'allocated-blocks'

/** All measures, in the order in which they are stored and shown. Never reorder. */
export const STACK_MEASURES: readonly StackMeasure[] = [
  'in-use-bytes',
  'in-use-blocks',
  'allocated-bytes',
  'allocated-blocks',
]

/**
 * What a leak checker knows of a block, where it knows: memcheck's kinds. `live` is "in use, nothing more is known".
 * Definitely lost bytes include the indirectly lost ones behind them, so the two are never summed.
 */
export type StackKind =
  | 'live'
  | 'definitely-lost'
  | 'possibly-lost'
  | 'still-reachable'
  /** Shown apart, in no sum: these bytes are in the definitely lost ones already. */
  | 'indirectly-lost'

/** All kinds; a node holds an index into this. Never reorder. */
export const STACK_KINDS: readonly StackKind[] = [
  'live',
  'definitely-lost',
  'possibly-lost',
  'still-reachable',
  'indirectly-lost',
]

/**
 * One allocation profile as columns: a tree of frames, root (outermost caller) first, and the numbers at its nodes.
 * Node 0 is the root above all stacks. Allocator functions at the end of a stack are folded into their caller. Bytes
 * and blocks are exact or unsampled as `sampling` says.
 */
export interface StackProfile {
  readonly producer: string
  /** String 0 is empty: "unknown". Hostile text, cut to MAX_STACK_TEXT characters. */
  readonly strings: readonly string[]
  readonly frames: FrameTable
  readonly nodes: NodeTable
  /** The measures that the file has; columns of others are empty. */
  readonly measures: readonly StackMeasure[]
  /** What a block is here, in the plural: "blocks", "objects", "goroutines". */
  readonly blockWord: string
  /** How the numbers came about. */
  readonly sampling: StackSampling
  /** Totals over the time of the run, where the file has them (massif). */
  readonly timeline: StackTimeline | undefined
  readonly notes: StackNotes
}

/** Exact, or unsampled from so few samples that small numbers are rough. */
export interface StackSampling {
  readonly isSampled: boolean
  /** Bytes between two samples on the average, when they are known: a number of n bytes stands on about n / period samples. */
  readonly periodBytes?: number
  readonly words: string
}

/** Frames by index; string indexes, 0 = unknown. Frame 0 is the root's. */
export interface FrameTable {
  readonly count: number
  /** Function; "libfoo.so+0x1a2b" where a file has addresses only. */
  readonly name: Uint32Array
  readonly file: Uint32Array
  /** 0 = unknown. */
  readonly line: Uint32Array
  /** The binary, library, gem, npm or Go package that the frame belongs to (libraries.ts). */
  readonly library: Uint32Array
}

/** Nodes of the stack tree; parents before children. `self` is what was allocated with exactly this stack. */
export interface NodeTable {
  readonly count: number
  readonly parent: Uint32Array
  readonly frame: Uint32Array
  /** Index into STACK_KINDS. */
  readonly kind: Uint8Array
  readonly self: Readonly<Record<StackMeasure, Float64Array>>
}

/** The same process at several moments of one run; columns have one entry per moment. */
export interface StackTimeline {
  /** What `at` counts. */
  readonly unit: 'instructions' | 'milliseconds' | 'allocated bytes' | 'seconds'
  readonly at: Float64Array
  /** What the program asked for. */
  readonly heapBytes: Float64Array
  /** What the allocator adds: headers and rounding. */
  readonly extraBytes: Float64Array
  /** Of thread stacks, when they were measured; else 0. */
  readonly stackBytes: Float64Array
  /** The moment with the most bytes. */
  readonly peak: number
  /** The moment whose stacks the tree holds. */
  readonly shown: number
  /** What places held during the run, where at least three moments have stacks. */
  readonly places?: TimelinePlaces | undefined
}

/** In-use bytes of the largest places at some of a timeline's moments. */
export interface TimelinePlaces {
  /** Indexes of moments, rising. */
  readonly at: readonly number[]
  /** `frame` is the place's; `bytes` has one entry per index in `at`, 0 where the place was below the file's threshold. */
  readonly series: readonly { readonly frame: number; readonly bytes: readonly number[] }[]
  /** Pages that were mapped, not what was allocated (--pages-as-heap). */
  readonly isPages: boolean
}

/** What happened while reading: shown to people, never fatal. */
export interface StackNotes {
  readonly bytesRead: number
  /** Records, lines or samples that made no sense and are left out. */
  readonly skipped: number
  readonly truncated: boolean
  /** What the program was and how the file was made, as "key: value" pairs for people. */
  readonly facts: readonly (readonly [name: string, value: string])[]
  /** What a person should know before she trusts the numbers, one sentence each. */
  readonly remarks: readonly string[]
}

/** Where a sampled file does not tell its rate: the default of Go and of node --heap-prof, the coarsest in common use. */
const USUAL_PERIOD = 512 * 1024

/** Bytes between two samples; undefined where everything was recorded. */
export const sampledEvery = ({
  isSampled,
  periodBytes,
}: {
  readonly isSampled: boolean
  readonly periodBytes?: number | undefined
}): number | undefined => (isSampled ? (periodBytes ?? USUAL_PERIOD) : undefined)

/** Longest function name, path or fact that is kept. */
export const MAX_STACK_TEXT = 1000

/** "definitely lost", "in use": a kind in words. Valgrind's own words where it has them. */
export const kindWords = (kind: StackKind): string => (kind === 'live' ? 'in use' : kind.replaceAll('-', ' '))

/** "bytes in use", "goroutines in use", "bytes allocated". */
export function measureWords(measure: StackMeasure, blockWord: string): string {
  const what = measure.endsWith('-bytes') ? 'bytes' : blockWord
  return measure.startsWith('in-use') ? `${what} in use` : `${what} allocated`
}
