/** What one number of a stack counts. */
export type StackMeasure = 'in-use-bytes' | 'in-use-blocks' | 'allocated-bytes' | 'allocated-blocks'

/**
 * What a leak checker knows of a block, where it knows: memcheck's kinds. `live` is "in use, nothing more is known".
 * Definitely lost bytes include the indirectly lost ones behind them, which are no records of their own here.
 */
export type StackKind = 'live' | 'definitely-lost' | 'possibly-lost' | 'still-reachable'

/**
 * One allocation profile as columns: a tree of frames, root (outermost caller) first, and the numbers at its nodes.
 * Node 0 is the root above all stacks. Bytes and blocks are exact or unsampled as `sampling` says.
 */
export interface StackProfile {
  readonly producer: string
  readonly strings: readonly string[]
  readonly frames: FrameTable
  readonly nodes: NodeTable
  readonly measures: readonly StackMeasure[]
  /** How the numbers came about. */
  readonly sampling: { readonly isSampled: boolean; readonly words: string }
  readonly notes: StackNotes
}

/** Frames by index; string indexes, 0 = unknown. */
export interface FrameTable {
  readonly count: number
  readonly name: Uint32Array
  readonly file: Uint32Array
  readonly line: Uint32Array
  /** The binary, library, gem or npm package that the frame belongs to. */
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

export const STACK_KINDS: readonly StackKind[] = [
  'live',
  'definitely-lost',
  'possibly-lost',
  'still-reachable',
]

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
