import { type FrameWords, frameWords, ownNodes, placeWords } from './own-frame.ts'
import { STACK_KINDS, type StackKind, type StackProfile } from './stack-profile.ts'

/** What was allocated by one place: the first frame that is not the platform's. */
export interface PlaceTotal {
  readonly frame: FrameWords
  readonly bytes: number
  readonly blocks: number
}

/** In-use bytes and blocks of one kind by place, in no order; places without bytes are left out. O(nodes). */
export function placeTotals(profile: StackProfile, kind: StackKind): PlaceTotal[] {
  const { nodes } = profile
  const asked = STACK_KINDS.indexOf(kind)
  const own = ownNodes(profile)
  const places = new Map<string, { frame: FrameWords; bytes: number; blocks: number }>()
  for (let node = 1; node < nodes.count; node++) {
    const bytes = nodes.self['in-use-bytes'][node] ?? 0
    if (nodes.kind[node] !== asked || bytes <= 0) continue
    const frame = frameWords(profile, nodes.frame[own[node]!]!)
    const key = `${frame.name}\0${placeWords(frame)}`
    const place = places.get(key) ?? { frame, bytes: 0, blocks: 0 }
    place.bytes += bytes
    place.blocks += nodes.self['in-use-blocks'][node] ?? 0
    places.set(key, place)
  }
  return [...places.values()]
}
