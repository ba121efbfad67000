import {
  STACK_MEASURES,
  type StackMeasure,
  type StackProfile,
  type StackTimeline,
} from '#lib/stacks/stack-profile'
import { packSections, unpackSections } from './sections.ts'

/** Bump for any change of the stored form, and keep reading the old one. */
export const STACK_COLUMNS_VERSION = 1
const MAGIC = 'LRSP'

/** What is no column: plain JSON. */
interface Rest {
  readonly producer: string
  readonly measures: readonly StackMeasure[]
  readonly blockWord: string
  readonly sampling: StackProfile['sampling']
  readonly timeline: Pick<StackTimeline, 'unit' | 'peak' | 'shown' | 'places'> | null
  readonly notes: StackProfile['notes']
}

/** One flat array for storing: versioned, checked, little-endian. O(nodes + text). */
export function encodeStackProfile(profile: StackProfile): Uint8Array {
  const { strings, frames, nodes, timeline } = profile
  const rest: Rest = {
    producer: profile.producer,
    measures: profile.measures,
    blockWord: profile.blockWord,
    sampling: profile.sampling,
    timeline: timeline
      ? { unit: timeline.unit, peak: timeline.peak, shown: timeline.shown, places: timeline.places }
      : null,
    notes: profile.notes,
  }
  const none = new Float64Array(0)
  return packSections(MAGIC, STACK_COLUMNS_VERSION, [
    [JSON.stringify(rest)],
    strings,
    frames.name,
    frames.file,
    frames.line,
    frames.library,
    nodes.parent,
    nodes.frame,
    nodes.kind,
    ...STACK_MEASURES.map((measure) => nodes.self[measure]),
    timeline?.at ?? none,
    timeline?.heapBytes ?? none,
    timeline?.extraBytes ?? none,
    timeline?.stackBytes ?? none,
  ])
}

/** Reopens what `encodeStackProfile` wrote. @throws Error when the bytes are not ours or damaged: a bug, not a user's fault. */
export function decodeStackProfile(stored: Uint8Array): StackProfile {
  const sections = unpackSections(MAGIC, STACK_COLUMNS_VERSION, stored)
  // reason: our own bytes, of this version and with a checksum that `unpackSections` has compared.
  const rest = JSON.parse(sections.strings()[0] ?? '') as Rest
  const strings = sections.strings()
  const frames = {
    name: sections.uint32(),
    file: sections.uint32(),
    line: sections.uint32(),
    library: sections.uint32(),
  }
  const nodes = { parent: sections.uint32(), frame: sections.uint32(), kind: sections.uint8() }
  const self = {
    'in-use-bytes': sections.float64(),
    'in-use-blocks': sections.float64(),
    'allocated-bytes': sections.float64(),
    'allocated-blocks': sections.float64(),
  }
  const columns = {
    at: sections.float64(),
    heapBytes: sections.float64(),
    extraBytes: sections.float64(),
    stackBytes: sections.float64(),
  }
  return {
    ...rest,
    strings,
    frames: { ...frames, count: frames.name.length },
    nodes: { ...nodes, count: nodes.parent.length, self },
    timeline: rest.timeline ? { ...rest.timeline, ...columns } : undefined,
  }
}
