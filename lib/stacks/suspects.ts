import { formatBytes, formatCount, formatShare } from '#lib/units/format'
import { bytes as asBytes } from '#lib/units/quantity'
import { type FrameWords, placeWords } from './own-frame.ts'
import { placeTotals } from './place-totals.ts'
import type { StackProfile } from './stack-profile.ts'
import { kindTotals } from './totals.ts'

/** A place that one capture names by itself: a leak checker's word, or growth within its run. */
export interface StackSuspect {
  /** Its group's type. */
  readonly type: 'definitely lost' | 'in use'
  /** Function and place of the first frame that is not the platform's: `className` and `site` of its group. */
  readonly frame: FrameWords
  readonly bytes: number
  readonly blocks: number
  /** Of all bytes that the checker calls definitely lost, or of the run's growth; 0…1. */
  readonly share: number
  /** Absent when it is not known how many requests the process had served. */
  readonly perRequest: { readonly blocks: number; readonly bytes: number } | undefined
  readonly confidence: string
  readonly words: string
}

/** What one capture of allocation stacks says by itself. */
export interface StackSuspects {
  /** By bytes, largest first; what was lost only once comes last. */
  readonly suspects: readonly StackSuspect[]
  /** What came out, or what would decide. Never "nothing found". */
  readonly words: string
}

/** Fewer blocks than this may be lost at the end of any healthy run. */
const FEW_BLOCKS = 2
/** More are of no use to anybody. */
export const MAX_SUSPECTS = 50

/**
 * The suspects of one capture: what a leak checker calls definitely lost, as its word. Still reachable and possibly
 * lost blocks are none, and other profiles name none by themselves: what is in use may be meant to be. Where a file has
 * several moments, captureSuspects (lib/findings) knows more. O(nodes).
 */
export function stackSuspects(profile: StackProfile, requests?: number): StackSuspects {
  const places = placeTotals(profile, 'definitely-lost')
  const all = places.reduce((sum, { bytes }) => sum + bytes, 0)
  const suspects = places
    .sort((a, b) => Number(b.blocks >= FEW_BLOCKS) - Number(a.blocks >= FEW_BLOCKS) || b.bytes - a.bytes)
    .slice(0, MAX_SUSPECTS)
    .map((place) => suspect(place, all, requests))
  return { suspects, words: words(profile, suspects, all) }
}

function suspect(
  { frame, bytes, blocks }: { frame: FrameWords; bytes: number; blocks: number },
  all: number,
  requests: number | undefined,
): StackSuspect {
  const share = bytes / all
  const perRequest =
    requests !== undefined && requests > 0
      ? { blocks: blocks / requests, bytes: bytes / requests }
      : undefined
  const place = placeWords(frame)
  const where = place === '' ? frame.name : `${frame.name} (${place})`
  const rate = perRequest
    ? `, ${perRequest.blocks.toFixed(2)} blocks and ${formatBytes(asBytes(perRequest.bytes))} per request`
    : ''
  const once = blocks < FEW_BLOCKS ? ' It was lost once: this does not grow unless it happens again.' : ''
  return {
    type: 'definitely lost',
    frame,
    bytes,
    blocks,
    share,
    perRequest,
    confidence: 'high: the leak checker looked for pointers to it and found none',
    words: `Valgrind: ${formatBytes(asBytes(bytes))} in ${formatCount(blocks)} ${blocks === 1 ? 'block' : 'blocks'} definitely lost, allocated by ${where}; ${formatShare(share)} of all that it calls definitely lost${rate}.${once}`,
  }
}

function words(profile: StackProfile, suspects: readonly StackSuspect[], all: number): string {
  if (suspects.length > 0)
    return `Valgrind calls ${formatBytes(asBytes(all))} definitely lost: nothing in the process points to them any more. ${formatCount(suspects.length)} ${suspects.length === 1 ? 'place' : 'places'} allocated them.`
  const kinds = kindTotals(profile).map(({ kind }) => kind)
  if (kinds.includes('possibly-lost'))
    return 'Nothing is called definitely lost; some blocks are possibly lost: only pointers into their middle are left. A second run with more requests tells whether that grows.'
  if (kinds.includes('still-reachable'))
    return 'Nothing is called definitely lost. What is still reachable is held by the program: whether it grows, a second run with more requests tells.'
  if (profile.producer.startsWith('Valgrind'))
    return 'The report has no leak records, so it cannot tell. Run Valgrind with --leak-check=full --show-leak-kinds=all.'
  return 'One profile tells what is in use, not what grows: cannot tell yet. A second one of the same process, taken after more requests, would decide.'
}
