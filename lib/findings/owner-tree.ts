/**
 * The dominator tree of a capture, folded by what things are called: objects whose dominators, from the root down, have
 * the same names are one path ("vm / Object / module AuditTrail / Array / AuditTrail::Entry"). Runs of the same name are
 * one step (a list of 200,000 nodes is one), and a path has at most MAX_OWNER_DEPTH steps.
 *
 * It holds no address, so that paths of two captures, of two processes, of two rooms can be compared. Columns have one
 * entry per path; parents come before children; path 0 is the root above all.
 */
export interface OwnerTree {
  readonly paths: number
  readonly names: readonly string[]
  readonly parent: Uint32Array
  /** Index into `names`: how the step is called ("module AuditTrail", "Array", "(root: vm)"). */
  readonly name: Uint32Array
  /** Index into `names` of the reference that leads there (a property, a variable); 0 where the dump does not tell. */
  readonly edge: Uint32Array
  /** Objects at exactly this path, and their shallow bytes. */
  readonly count: Float64Array
  readonly shallowBytes: Float64Array
  /** Bytes and objects of the path and everything below it: sums are exact, because dominated sets do not overlap. */
  readonly retainedBytes: Float64Array
  readonly retainedObjects: Float64Array
  /** Object index (of this capture) of the one that retains most at this path; NO_INDEX when there is none. */
  readonly example: Uint32Array
  /** References that the example holds: the length of a collection, nearly. */
  readonly exampleReferences: Uint32Array
  /** Which groups (GroupTable) hang at which path: row `k` says that `rowCount[k]` objects of `rowGroup[k]` are at `rowPath[k]`. Ordered by path. */
  readonly rowPath: Uint32Array
  readonly rowGroup: Uint32Array
  readonly rowCount: Uint32Array
  readonly rowBytes: Float64Array
}

/** Deeper paths end here; what lies below counts at the last step. */
export const MAX_OWNER_DEPTH = 16
