import { BAD_LINES_KEPT } from '#lib/heap/snapshot'

/** Keys by which the versions of Ruby tell themselves apart: bits of `Tally.seen`. */
export const SEEN = { slotSize: 1, shapeId: 2, coderange: 4, chilled: 8 } as const

/** What a scanner counts besides objects. Plain data: ranges of a file are counted apart and added up. */
export interface Tally {
  bytes: number
  lines: number
  badLines: number
  /** Of the first BAD_LINES_KEPT. */
  readonly badLineOffsets: number[]
  truncatedAt: number | undefined
  freeSlots: number
  /** Of the free slots: those that GC.compact left a forwarding address in. */
  movedSlots: number
  shapes: number
  shapeBytes: number
  /** SEEN, or-ed. */
  seen: number
}

export const newTally = (): Tally => ({
  bytes: 0,
  lines: 0,
  badLines: 0,
  badLineOffsets: [],
  truncatedAt: undefined,
  freeSlots: 0,
  movedSlots: 0,
  shapes: 0,
  shapeBytes: 0,
  seen: 0,
})

/** Adds what was counted in the bytes that follow. */
export function addTally(to: Tally, more: Tally): void {
  to.bytes += more.bytes
  to.lines += more.lines
  to.badLines += more.badLines
  for (const offset of more.badLineOffsets) keepOffset(to, offset)
  to.truncatedAt = more.truncatedAt
  to.freeSlots += more.freeSlots
  to.movedSlots += more.movedSlots
  to.shapes += more.shapes
  to.shapeBytes += more.shapeBytes
  to.seen |= more.seen
}

/** Remembers where a bad line starts, if there is room. */
export function keepOffset(tally: Tally, offset: number): void {
  if (tally.badLineOffsets.length < BAD_LINES_KEPT) tally.badLineOffsets.push(offset)
}

/** What the lines tell about the Ruby that wrote them and how it was asked. */
export function producerHints({ seen, shapes, freeSlots, movedSlots }: Tally): string[] {
  const hints: string[] = []
  if ((seen & SEEN.chilled) !== 0) hints.push('Ruby 3.4 or later (chilled strings)')
  else if (shapes > 0 || (seen & SEEN.shapeId) !== 0) hints.push('Ruby 3.2 or later (object shapes)')
  else if ((seen & (SEEN.slotSize | SEEN.coderange)) !== 0) hints.push('Ruby 3.2 or later (slot sizes)')
  if (movedSlots > 0) hints.push('objects were moved before (GC.compact): addresses are not what they were')
  if (freeSlots > movedSlots) hints.push('written with full: true (free slots are listed)')
  return hints
}
