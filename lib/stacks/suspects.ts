import { formatBytes, formatCount, formatShare } from '#lib/units/format'
import { bytes as asBytes } from '#lib/units/quantity'
import { type FrameWords, frameWords, ownNodes, placeWords } from './own-frame.ts'
import { STACK_KINDS, type StackProfile } from './stack-profile.ts'
import { kindTotals } from './totals.ts'

/** A place that a leak checker itself names. */
export interface StackSuspect {
  /** Function and place of the first frame that is not the platform's: `className` and `site` of its group. */
  readonly frame: FrameWords
  readonly bytes: number
  readonly blocks: number
  /** Of all bytes that the checker calls definitely lost, 0…1. */
  readonly share: number
  /** Absent when it is not known how many requests the process had served. */
  readonly perRequest: { readonly blocks: number; readonly bytes: number } | undefined
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
const MAX_SUSPECTS = 50

/**
 * The suspects of one capture: what a leak checker calls definitely lost, as its word. Still reachable and possibly
 * lost blocks are none, and other profiles name none by themselves: what is in use may be meant to be. O(nodes).
 */
export function stackSuspects(profile: StackProfile, requests?: number): StackSuspects {
  const { nodes } = profile
  const lostKind = STACK_KINDS.indexOf('definitely-lost')
  const own = ownNodes(profile)
  const byPlace = new Map<string, { frame: FrameWords; bytes: number; blocks: number }>()
  let all = 0
  for (let node = 1; node < nodes.count; node++) {
    const lost = nodes.self['in-use-bytes'][node] ?? 0
    if (nodes.kind[node] !== lostKind || lost <= 0) continue
    const frame = frameWords(profile, nodes.frame[own[node]!]!)
    const key = `${frame.name}\0${placeWords(frame)}`
    const place = byPlace.get(key) ?? { frame, bytes: 0, blocks: 0 }
    place.bytes += lost
    place.blocks += nodes.self['in-use-blocks'][node] ?? 0
    byPlace.set(key, place)
    all += lost
  }
  const suspects = [...byPlace.values()]
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
    frame,
    bytes,
    blocks,
    share,
    perRequest,
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
