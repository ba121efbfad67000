import { type OwnerNames, SMALLER_PATHS } from './owner-names.ts'

/** The columns of paths that folding needs (see OwnerTree). */
export interface PathColumns {
  readonly paths: number
  readonly parent: Uint32Array
  readonly name: Uint32Array
  readonly edge: Uint32Array
  readonly count: Float64Array
  readonly shallowBytes: Float64Array
}

/** Path columns with sums, as OwnerTree has them. */
export interface SummedPaths extends PathColumns {
  readonly retainedBytes: Float64Array
  readonly retainedObjects: Float64Array
}

/**
 * Sums of everything below each path, and at most `maxPaths` paths: those that retain most stay. What a path loses goes
 * to one child of it, "(smaller paths)", so that no path's own count changes. A parent retains no less than its
 * children, so what stays is a tree. `newPath` is absent when nothing was folded. O(paths log paths).
 */
export function foldedPaths(
  built: PathColumns,
  maxPaths: number,
  names: OwnerNames,
): { paths: SummedPaths; newPath: Uint32Array | undefined } {
  const all = summed(built)
  if (built.paths <= maxPaths) return { paths: all, newPath: undefined }
  const order = Uint32Array.from({ length: built.paths }, (_, path) => path)
  // Ties go to the earlier path: parents come before their children.
  order.sort((a, b) => all.retainedBytes[b]! - all.retainedBytes[a]! || a - b)
  const isKept = new Uint8Array(built.paths)
  for (let place = 0; place < maxPaths; place++) isKept[order[place]!] = 1

  const newPath = new Uint32Array(built.paths)
  const rest = new Uint32Array(built.paths)
  const smaller = names.add(SMALLER_PATHS)
  const [parent, name, edge, count, shallowBytes]: [number[], number[], number[], number[], number[]] = [
    [],
    [],
    [],
    [],
    [],
  ]
  const add = (from: number, above: number, called: number, by: number): number => {
    parent.push(above)
    name.push(called)
    edge.push(by)
    count.push(from === -1 ? 0 : built.count[from]!)
    shallowBytes.push(from === -1 ? 0 : built.shallowBytes[from]!)
    return parent.length - 1
  }
  for (let path = 0; path < built.paths; path++) {
    const above = built.parent[path]!
    if (isKept[path] === 1) {
      newPath[path] = add(path, newPath[above]!, built.name[path]!, built.edge[path]!)
      continue
    }
    // The parent may itself be folded: then its place is the folded one already.
    let into = newPath[above]!
    if (isKept[above] === 1) {
      if (rest[above] === 0) rest[above] = add(-1, into, smaller, 0)
      into = rest[above]!
    }
    newPath[path] = into
    count[into]! += built.count[path]!
    shallowBytes[into]! += built.shallowBytes[path]!
  }
  const kept: PathColumns = {
    paths: parent.length,
    parent: Uint32Array.from(parent),
    name: Uint32Array.from(name),
    edge: Uint32Array.from(edge),
    count: Float64Array.from(count),
    shallowBytes: Float64Array.from(shallowBytes),
  }
  return { paths: summed(kept), newPath }
}

/** Parents come before children, so one pass backwards sums all. */
function summed(columns: PathColumns): SummedPaths {
  const retainedBytes = columns.shallowBytes.slice()
  const retainedObjects = columns.count.slice()
  for (let path = columns.paths - 1; path > 0; path--) {
    retainedBytes[columns.parent[path]!]! += retainedBytes[path]!
    retainedObjects[columns.parent[path]!]! += retainedObjects[path]!
  }
  const { paths, parent, name, edge, count, shallowBytes } = columns
  return { paths, parent, name, edge, count, shallowBytes, retainedBytes, retainedObjects }
}
