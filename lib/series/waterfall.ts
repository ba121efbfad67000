/** What is known of a growth, in bytes over one and the same range. What is not measured is absent. */
export interface WaterfallInput {
  /** By how much resident memory grew. */
  readonly growth: number
  readonly heapLive?: number | undefined
  readonly heapCommitted?: number | undefined
  /** Files and shared memory. */
  readonly mapped?: number | undefined
  /** What the allocator holds of memory that was freed. */
  readonly allocatorHeld?: number | undefined
  /** Growth of the objects between two captures of the range. */
  readonly capture?: { readonly label: string; readonly bytes: number } | undefined
  /** Growth between two profiles of native memory. */
  readonly native?: { readonly label: string; readonly bytes: number } | undefined
}

export type WaterfallStepKind =
  | 'capture'
  | 'managed-live'
  | 'gc-slack'
  | 'mapped'
  | 'allocator'
  | 'native'
  | 'unexplained'

export interface WaterfallStep {
  readonly kind: WaterfallStepKind
  readonly label: string
  /** May be negative: something shrank, or more is explained than grew. */
  readonly bytes: number
}

/** Growth taken apart. The steps' bytes add up to `growth` exactly; `unexplained` is the last of them. */
export interface Waterfall {
  readonly growth: number
  readonly steps: readonly WaterfallStep[]
  readonly unexplained: number
}

const whole = (value: number): number => Math.round(value) + 0

/**
 * What of a growth is explained, by what was measured. Nothing counts twice: of live memory, what a capture explains is the
 * capture's, and the rest is live memory that no capture shows. Whole bytes, so that sums are exact.
 */
export function waterfall(input: WaterfallInput): Waterfall {
  const growth = whole(input.growth)
  const steps: WaterfallStep[] = []
  const add = (kind: WaterfallStepKind, label: string, value: number) =>
    steps.push({ kind, label, bytes: whole(value) })
  const { heapLive, heapCommitted, mapped, allocatorHeld, capture, native } = input
  if (capture) add('capture', `Objects in ${capture.label}`, capture.bytes)
  const shown = capture ? whole(capture.bytes) : 0
  if (heapLive !== undefined) {
    add('managed-live', capture ? 'Live heap, in no capture' : 'Live heap', whole(heapLive) - shown)
  }
  if (heapCommitted !== undefined) {
    // Objects may hold memory outside of the heap (Ruby): then the heap's growth is part of theirs.
    const used = heapLive === undefined ? shown : whole(heapLive)
    const isUsedKnown = heapLive !== undefined || capture !== undefined
    const slack = Math.max(0, whole(heapCommitted) - Math.max(0, used))
    add('gc-slack', isUsedKnown ? 'Heap, unused' : 'Heap, used or not', slack)
  }
  if (mapped !== undefined) add('mapped', 'Files and shared memory', mapped)
  if (allocatorHeld !== undefined) add('allocator', 'Freed, held by the allocator', allocatorHeld)
  if (native) add('native', `Native blocks in ${native.label}`, native.bytes)
  const unexplained = growth - steps.reduce((sum, step) => sum + step.bytes, 0)
  add('unexplained', unexplained < 0 ? 'Explained twice' : 'Unexplained', unexplained)
  return { growth, steps, unexplained }
}
