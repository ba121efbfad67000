import type { StackDifference } from './difference.ts'
import { STACK_KINDS, type StackKind, type StackMeasure, type StackProfile } from './stack-profile.ts'
import { summedKinds } from './totals.ts'

/** One measure of some kinds of a profile, ready to be shown; beside another profile's where the two are compared. */
export interface StackView {
  readonly profile: StackProfile
  /** Per node. */
  readonly self: Float64Array
  /** Self and all below, per node; of node 0: everything. */
  readonly total: Float64Array
  /** The same of the earlier profile, at the same nodes. */
  readonly earlier: { readonly self: Float64Array; readonly total: Float64Array } | undefined
  /** Children per node, as one run each: those of `node` are `child[first[node]]` to `child[first[node + 1]]`, exclusive. */
  readonly first: Uint32Array
  readonly child: Uint32Array
}

/** The kinds that a choice means: one of them, or all that may be summed. */
export const chosenKinds = (kind: StackKind | 'all'): ReadonlySet<StackKind> =>
  kind === 'all' ? summedKinds : new Set([kind])

/** A view of one profile. O(nodes). */
export function stackView(
  profile: StackProfile,
  measure: StackMeasure,
  kinds: ReadonlySet<StackKind>,
): StackView {
  return {
    profile,
    ...sums(profile, profile.nodes.self[measure], kinds),
    earlier: undefined,
    ...children(profile),
  }
}

/** A view of the later of two profiles, beside the earlier one. O(nodes). */
export function differenceView(
  { tree, earlier }: StackDifference,
  measure: StackMeasure,
  kinds: ReadonlySet<StackKind>,
): StackView {
  return {
    profile: tree,
    ...sums(tree, tree.nodes.self[measure], kinds),
    earlier: sums(tree, earlier[measure], kinds),
    ...children(tree),
  }
}

function sums(
  { nodes }: StackProfile,
  column: Float64Array,
  kinds: ReadonlySet<StackKind>,
): { self: Float64Array; total: Float64Array } {
  const self = new Float64Array(nodes.count)
  const total = new Float64Array(nodes.count)
  const isChosen = STACK_KINDS.map((kind) => kinds.has(kind))
  for (let node = nodes.count - 1; node > 0; node--) {
    if (isChosen[nodes.kind[node]!]) self[node] = column[node] ?? 0
    total[node]! += self[node]!
    total[nodes.parent[node]!]! += total[node]!
  }
  return { self, total }
}

function children({ nodes }: StackProfile): { first: Uint32Array; child: Uint32Array } {
  const first = new Uint32Array(nodes.count + 1)
  for (let node = 1; node < nodes.count; node++) first[nodes.parent[node]! + 1]!++
  for (let node = 0; node < nodes.count; node++) first[node + 1]! += first[node]!
  const child = new Uint32Array(Math.max(0, nodes.count - 1))
  const next = first.slice()
  for (let node = 1; node < nodes.count; node++) child[next[nodes.parent[node]!]!++] = node
  return { first, child }
}
