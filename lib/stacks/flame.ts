import { type FrameWords, frameWords, platformFrames } from './own-frame.ts'
import type { StackView } from './view.ts'

/** One box of a flame graph. */
export interface FlameBox {
  /** Node of the stack tree. */
  readonly node: number
  /** Index of its parent's box; -1 for the root. */
  readonly parent: number
  readonly frame: FrameWords
  readonly isPlatform: boolean
  readonly value: number
  readonly earlier: number | undefined
  /** Children that are too small to be seen, and what they come to. */
  readonly smaller: { readonly count: number; readonly value: number }
}

/** Boxes below this share of all would be less than a pixel wide on the widest screen. */
const SMALLEST_SHARE = 1 / 2500
const MAX_BOXES = 5000
/** Deeper than any screen; a stack that is deeper says so by its last box's `smaller`. */
const MAX_DEPTH = 250

/**
 * The boxes that a screen can show, parents before children, largest first: the others are counted at their parents.
 * Boxes of nothing (or, in a difference of two profiles made elsewhere, less) are left out. O(nodes shown).
 */
export function flameBoxes(view: StackView): FlameBox[] {
  const { profile, total, earlier, first, child } = view
  const isOfPlatform = platformFrames(profile)
  const smallest = Math.max(0, total[0]!) * SMALLEST_SHARE
  const boxes: (FlameBox & { smaller: { count: number; value: number } })[] = []
  const depths: number[] = []
  const push = (node: number, parent: number, depth: number) => {
    const frame = profile.nodes.frame[node]!
    boxes.push({
      node,
      parent,
      frame: frameWords(profile, frame),
      isPlatform: isOfPlatform[frame] === 1,
      value: total[node]!,
      earlier: earlier?.total[node],
      smaller: { count: 0, value: 0 },
    })
    depths.push(depth)
  }
  push(0, -1, 0)
  // Breadth first: when boxes run out, what is missing is the deepest, and every level is whole.
  for (let at = 0; at < boxes.length; at++) {
    const box = boxes[at]!
    const below = Array.from(child.subarray(first[box.node]!, first[box.node + 1]!)).filter(
      (node) => total[node]! > 0,
    )
    below.sort((a, b) => total[b]! - total[a]!)
    for (const node of below) {
      if (total[node]! >= smallest && boxes.length < MAX_BOXES && depths[at]! < MAX_DEPTH)
        push(node, at, depths[at]! + 1)
      else {
        box.smaller.count++
        box.smaller.value += total[node]!
      }
    }
  }
  return boxes
}
