import { StackBuilder } from './builder.ts'
import { STACK_KINDS, STACK_MEASURES, type StackMeasure, type StackProfile } from './stack-profile.ts'

/** Two profiles laid over each other: one tree, with the numbers of both at its nodes. */
export interface StackDifference {
  /** Its self numbers are those of the later profile; nodes that only the earlier one has are there with 0. */
  readonly tree: StackProfile
  /** Self numbers of the earlier profile, at the same nodes. */
  readonly earlier: Readonly<Record<StackMeasure, Float64Array>>
  /** Measures that both have. */
  readonly measures: readonly StackMeasure[]
  /** What limits the comparison, one sentence each. */
  readonly remarks: readonly string[]
}

/**
 * Compares two profiles by stack signature: kind, and function and file of every frame, root first. Addresses, lines
 * and versions of libraries play no part, so two builds of one program match. O(nodes of both).
 */
export function compareStacks(earlier: StackProfile, later: StackProfile): StackDifference {
  const measures = STACK_MEASURES.filter(
    (one) => earlier.measures.includes(one) && later.measures.includes(one),
  )
  const builder = new StackBuilder(STACK_MEASURES)
  const laterNodes = merge(builder, later)
  const earlierNodes = merge(builder, earlier)
  for (let node = 1; node < later.nodes.count; node++) {
    const into = laterNodes[node]!
    if (into > 0)
      for (const measure of measures) builder.addSelf(into, { [measure]: later.nodes.self[measure][node]! })
  }
  const tree = builder.profile({ ...later, notes: later.notes })
  const self = (measure: StackMeasure): Float64Array => {
    const column = new Float64Array(tree.nodes.count)
    if (measures.includes(measure))
      for (let node = 1; node < earlier.nodes.count; node++) {
        const into = earlierNodes[node]!
        if (into > 0) column[into]! += earlier.nodes.self[measure][node]!
      }
    return column
  }
  return {
    tree,
    earlier: {
      'in-use-bytes': self('in-use-bytes'),
      'in-use-blocks': self('in-use-blocks'),
      'allocated-bytes': self('allocated-bytes'),
      'allocated-blocks': self('allocated-blocks'),
    },
    measures,
    remarks: remarks(earlier, later, measures),
  }
}

/**
 * The same profile with frames told apart by function and file only: calls of one function from several lines are one.
 * O(nodes).
 */
export function mergedByFunction(profile: StackProfile): StackProfile {
  const builder = new StackBuilder(profile.measures)
  const into = merge(builder, profile)
  for (let node = 1; node < profile.nodes.count; node++) {
    if (into[node] === 0) continue
    for (const measure of profile.measures)
      builder.addSelf(into[node]!, { [measure]: profile.nodes.self[measure][node]! })
  }
  return builder.profile(profile)
}

/** Walks a profile's tree into the builder's, frames without their lines; gives our node per node, 0 where there was no room. */
function merge(builder: StackBuilder, { nodes, frames, strings }: StackProfile): Int32Array {
  const frameOf = new Int32Array(frames.count).fill(-1)
  const into = new Int32Array(nodes.count)
  for (let node = 1; node < nodes.count; node++) {
    const frame = nodes.frame[node]!
    if (frameOf[frame] === -1)
      frameOf[frame] = builder.knownFrame({
        name: strings[frames.name[frame]!]!,
        file: strings[frames.file[frame]!]!,
        library: strings[frames.library[frame]!]!,
      })
    const parent = nodes.parent[node]!
    const kind = STACK_KINDS[nodes.kind[node]!]!
    // A node whose parent found no room has none either; 0 is the root only for the root's own children.
    const lost = parent !== 0 && into[parent] === 0
    into[node] = lost ? 0 : Math.max(0, builder.child(into[parent]!, frameOf[frame]!, kind))
  }
  return into
}

function remarks(earlier: StackProfile, later: StackProfile, measures: readonly StackMeasure[]): string[] {
  const list: string[] = []
  if (measures.length === 0)
    list.push('The two profiles count different things, so there is nothing to compare.')
  if (earlier.producer.split(' ', 1)[0] !== later.producer.split(' ', 1)[0])
    list.push(
      `They come from different tools (${earlier.producer} and ${later.producer}); the same stack may look different in each.`,
    )
  if (earlier.sampling.words !== later.sampling.words)
    list.push('They were recorded differently: take both with the same settings to compare small numbers.')
  if (later.sampling.isSampled) list.push('Numbers are sampled: small differences mean nothing.')
  return list
}
