import { type FrameWords, frameWords, platformFrames } from './own-frame.ts'
import type { StackView } from './view.ts'

/** One line of a call tree. */
export interface CallLine {
  readonly node: number
  readonly frame: FrameWords
  readonly isPlatform: boolean
  /** Allocated with exactly this stack. */
  readonly self: number
  readonly total: number
  readonly earlier: number | undefined
  readonly hasChildren: boolean
}

/** The callees of one node, largest first. */
export interface CallLevel {
  /** From the outermost caller to the node itself; empty for the root. */
  readonly path: readonly CallLine[]
  readonly lines: readonly CallLine[]
  readonly rest: { readonly count: number; readonly total: number }
}

const MAX_LINES = 200
const MAX_PATH = 600

/** What one node calls; 0 is the root above all stacks. `undefined` when there is no such node. O(children · log + depth). */
export function callLevel(view: StackView, node: number): CallLevel | undefined {
  const { profile, total, earlier, first, child } = view
  if (node < 0 || node >= profile.nodes.count) return undefined
  const isOfPlatform = platformFrames(profile)
  const line = (at: number): CallLine => ({
    node: at,
    frame: frameWords(profile, profile.nodes.frame[at]!),
    isPlatform: isOfPlatform[profile.nodes.frame[at]!] === 1,
    self: view.self[at]!,
    total: total[at]!,
    earlier: earlier?.total[at],
    hasChildren: hasShown(view, at),
  })
  const below = Array.from(child.subarray(first[node]!, first[node + 1]!)).filter(
    (at) => total[at] !== 0 || (earlier?.total[at] ?? 0) !== 0,
  )
  const weight = (at: number) => Math.max(Math.abs(total[at]!), Math.abs(earlier?.total[at] ?? 0))
  below.sort((a, b) => weight(b) - weight(a))
  const path: CallLine[] = []
  for (let at = node; at > 0 && path.length < MAX_PATH; at = profile.nodes.parent[at]!) path.push(line(at))
  const left = below.slice(MAX_LINES)
  return {
    path: path.reverse(),
    lines: below.slice(0, MAX_LINES).map(line),
    rest: { count: left.length, total: left.reduce((sum, at) => sum + total[at]!, 0) },
  }
}

function hasShown({ first, child, total, earlier }: StackView, node: number): boolean {
  for (let at = first[node]!; at < first[node + 1]!; at++)
    if (total[child[at]!] !== 0 || (earlier?.total[child[at]!] ?? 0) !== 0) return true
  return false
}
