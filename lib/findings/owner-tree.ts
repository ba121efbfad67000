import { packSections, unpackSections } from './sections.ts'

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
  /** Address or id of the example within its process (SlotTable.address); 0 when there is none. */
  readonly exampleKey: Float64Array
  /** References that the example holds: the length of a collection, nearly. */
  readonly exampleReferences: Uint32Array
  /** Which groups (GroupTable) hang at which path: row `k` says that `rowCount[k]` objects of `rowGroup[k]` are at `rowPath[k]`. Ordered by path, then by group. */
  readonly rowPath: Uint32Array
  readonly rowGroup: Uint32Array
  readonly rowCount: Uint32Array
  readonly rowBytes: Float64Array
}

/** Deeper paths end here; what lies below counts at the last step. */
export const MAX_OWNER_DEPTH = 16

/** More paths than this and those that retain least are folded, each below its parent. */
export const MAX_OWNER_PATHS = 40_000

/** Bump for any change of the stored form, and keep reading the old one. */
export const OWNER_TREE_VERSION = 2
const MAGIC = 'LROW'

/** One flat array for storing: versioned, checked, little-endian. O(paths + rows + text). */
export function encodeOwnerTree(tree: OwnerTree): Uint8Array {
  return packSections(MAGIC, OWNER_TREE_VERSION, [
    tree.names,
    tree.parent,
    tree.name,
    tree.edge,
    tree.count,
    tree.shallowBytes,
    tree.retainedBytes,
    tree.retainedObjects,
    tree.example,
    tree.exampleReferences,
    tree.rowPath,
    tree.rowGroup,
    tree.rowCount,
    tree.rowBytes,
    tree.exampleKey,
  ])
}

/** Reopens what `encodeOwnerTree` wrote. @throws Error when the bytes are not ours or damaged: a bug. */
export function decodeOwnerTree(stored: Uint8Array): OwnerTree {
  const sections = unpackSections(MAGIC, [OWNER_TREE_VERSION, 1], stored)
  const tree = {
    names: sections.strings(),
    parent: sections.uint32(),
    name: sections.uint32(),
    edge: sections.uint32(),
    count: sections.float64(),
    shallowBytes: sections.float64(),
    retainedBytes: sections.float64(),
    retainedObjects: sections.float64(),
    example: sections.uint32(),
    exampleReferences: sections.uint32(),
    rowPath: sections.uint32(),
    rowGroup: sections.uint32(),
    rowCount: sections.uint32(),
    rowBytes: sections.float64(),
  }
  const paths = tree.parent.length
  // Version 1 did not know who its examples were.
  const exampleKey = sections.version === 1 ? new Float64Array(paths) : sections.float64()
  return { ...tree, paths, exampleKey }
}
