import type { Retention } from './retention.ts'
import { subtreeEnd } from './retention.ts'

/** Retained sizes by group: entry `g` of each is group `g`'s. */
export interface GroupRetention {
  readonly bytes: Float64Array
  readonly objects: Float64Array
}

/**
 * What the objects of each group retain, every byte once per group: members that another member of the group
 * dominates are part of what that one retains already (DevTools' retained size of a class). What two members keep
 * alive together is nobody's here: `retainedSet` has that exactly, for one group. Objects that no root reaches retain
 * nothing. `groupOf` is by object; a group beyond `groups` is left out. One pass over the dominator tree in preorder,
 * without a stack: a group is covered up to where its outermost member's subtree ends.
 */
export function retainedByGroup(
  retention: Retention,
  groupOf: ArrayLike<number>,
  groups: number,
): GroupRetention {
  const { firstObject, order, reached, retainedBytes, retainedObjects } = retention
  const bytes = new Float64Array(groups)
  const objects = new Float64Array(groups)
  const coveredUntil = new Uint32Array(groups)
  for (let at = 0; at < reached; at++) {
    const node = order[at]!
    if (node < firstObject) continue
    const group = groupOf[node - firstObject]!
    if (group >= groups || at < coveredUntil[group]!) continue
    coveredUntil[group] = subtreeEnd(retention, node)
    bytes[group]! += retainedBytes[node]!
    objects[group]! += retainedObjects[node]!
  }
  return { bytes, objects }
}
