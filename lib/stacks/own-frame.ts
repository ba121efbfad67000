import { isAllocator } from './allocators.ts'
import { isPlatform } from './libraries.ts'
import type { StackProfile } from './stack-profile.ts'

/** A frame in words' reach. Hostile text. */
export interface FrameWords {
  readonly name: string
  readonly file: string
  /** 0 = unknown. */
  readonly line: number
  readonly library: string
}

export function frameWords({ frames, strings }: StackProfile, frame: number): FrameWords {
  return {
    name: strings[frames.name[frame]!] ?? '',
    file: strings[frames.file[frame]!] ?? '',
    line: frames.line[frame] ?? 0,
    library: strings[frames.library[frame]!] ?? '',
  }
}

/** "leakyclient.c:36", "leakyclient.c", or the library where there is no source. */
export function placeWords({ file, line, library }: FrameWords): string {
  if (file === '') return library
  return line === 0 ? file : `${file}:${line}`
}

/**
 * Per frame: does its code belong to the platform (libc, a language's runtime or standard library) or the allocator? O(frames).
 */
export function platformFrames(profile: StackProfile): Uint8Array {
  const { frames } = profile
  const is = new Uint8Array(frames.count)
  for (let frame = 0; frame < frames.count; frame++) {
    const { name, file, library } = frameWords(profile, frame)
    // "(V8 API)", "(GC)": what a profiler writes where there is no function.
    const isPseudo = file === '' && library === '' && name.startsWith('(')
    if (isPseudo || isPlatform(name, library, file) || isAllocator(name, library)) is[frame] = 1
  }
  return is
}

/**
 * Per node, the node of its own frame: the innermost one that is not the platform's, going from the allocation to
 * the callers. The node itself where all are the platform's. O(nodes): a node knows its parent's answer.
 */
export function ownNodes(profile: StackProfile): Uint32Array {
  const { nodes } = profile
  const isOfPlatform = platformFrames(profile)
  // 0 = none so far on the way from the root.
  const nearest = new Uint32Array(nodes.count)
  const own = new Uint32Array(nodes.count)
  for (let node = 1; node < nodes.count; node++) {
    nearest[node] = isOfPlatform[nodes.frame[node]!] ? nearest[nodes.parent[node]!]! : node
    own[node] = nearest[node] || node
  }
  return own
}
