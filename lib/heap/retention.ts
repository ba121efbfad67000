/**
 * Who keeps whom alive: the dominator tree over GC roots and objects, with exact retained sizes.
 *
 * Nodes: 0 is the super-root above everything; 1 … roots.count are the categories of roots; object `i` is node
 * `firstObject + i`. An object's retained size is what the collector would free with it: its own bytes and those of all
 * objects that are reachable only through it.
 */
export interface Retention {
  readonly nodes: number
  /** 1 + roots.count. */
  readonly firstObject: number
  /** Immediate dominator by node; NO_INDEX for the super-root and for nodes that no root reaches. */
  readonly idom: Uint32Array
  /** Bytes by node. */
  readonly retainedBytes: Float64Array
  /** Objects in the node's dominator subtree, an object itself included. */
  readonly retainedObjects: Uint32Array
  /** Reached nodes in preorder of the dominator tree: parents first, every subtree contiguous. `reached` entries are used. */
  readonly order: Uint32Array
  /** Place in `order` by node; NO_INDEX when unreached. */
  readonly rank: Uint32Array
  /** Nodes that a root reaches, the super-root and root categories included. */
  readonly reached: number
  /** Objects that no root reaches, with their shallow bytes: garbage not yet collected, or a partial dump. */
  readonly unreached: { readonly objects: number; readonly bytes: number }
}
