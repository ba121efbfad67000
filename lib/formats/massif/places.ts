import { StackBuilder } from '#lib/stacks/builder'
import type { FrameWords } from '#lib/stacks/own-frame'
import { placeTotals } from '#lib/stacks/place-totals'
import type { StackProfile, TimelinePlaces } from '#lib/stacks/stack-profile'
import type { MassifSnapshot } from './snapshots.ts'
import { addTree, BELOW_NAME } from './tree.ts'

/** Fewer moments are no course. */
const MIN_MOMENTS = 3
/** The largest are kept. massif shows at most a hundred above its threshold of 1 %. */
const MAX_PLACES = 200

/**
 * What each place held at the moments whose trees are kept. Its frames are added to `builder`. Undefined where fewer than
 * three moments have stacks. O(lines of the trees).
 */
export function timelinePlaces(
  snapshots: readonly MassifSnapshot[],
  builder: StackBuilder,
  isPages: boolean,
): TimelinePlaces | undefined {
  const at = [...snapshots.keys()].filter((index) => snapshots[index]!.lines.length > 0)
  if (at.length < MIN_MOMENTS) return undefined
  const places = new Map<string, { frame: FrameWords; bytes: number[] }>()
  for (const [moment, index] of at.entries()) {
    for (const { frame, bytes } of placeTotals(treeOf(snapshots[index]!), 'live')) {
      // What is below the threshold changes from moment to moment: its sum is no place.
      if (frame.name === BELOW_NAME) continue
      const key = `${frame.name}\0${frame.file}\0${frame.line}\0${frame.library}`
      const place = places.get(key) ?? { frame, bytes: at.map(() => 0) }
      place.bytes[moment]! += bytes
      places.set(key, place)
    }
  }
  const largest = [...places.values()]
    .map((place) => ({ ...place, most: Math.max(...place.bytes) }))
    .sort((a, b) => b.most - a.most)
    .slice(0, MAX_PLACES)
  const series = largest.map(({ frame, bytes }) => ({ frame: builder.knownFrame(frame), bytes }))
  return { at, series: series.filter(({ frame }) => frame >= 0), isPages }
}

/** One moment's tree as a profile of its own. */
function treeOf({ lines }: MassifSnapshot): StackProfile {
  const builder = new StackBuilder(['in-use-bytes'])
  addTree(lines, builder)
  return builder.profile({
    producer: '',
    sampling: { isSampled: false, words: '' },
    notes: { bytesRead: 0, skipped: 0, truncated: false, facts: [], remarks: [] },
  })
}
