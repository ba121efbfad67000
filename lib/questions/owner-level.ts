import { UserError } from '#lib/errors/user-error'
import type { OwnerTree } from '#lib/findings/owner-tree'
import { ALLOCATION_TRACER } from '#lib/heap/class-names'
import { largestFirst } from '#lib/heap/largest'
import { NO_INDEX } from '#lib/heap/snapshot'
import type { OwnerLevel, OwnerLine } from '#lib/reports/objects'

/** More tiles than these nobody tells apart; the rest is summed. */
export const MAX_OWNER_LINES = 200

/**
 * One level of an owner tree: the way from the root to `path`, and what hangs there, largest first. With `before`, the
 * tree of another capture, each line says what the same names from the root came to there. The memory of allocation
 * tracing itself is told apart. O(paths).
 * @throws UserError request/not-found
 */
export function ownerLevel(owners: OwnerTree, path: number, ownersBefore?: OwnerTree): OwnerLevel {
  if (path >= owners.paths) throw new UserError('request/not-found', { what: 'path' })
  const tree = withoutTracer(owners)
  const before = ownersBefore && withoutTracer(ownersBefore)
  const parents = parentFlags(tree)
  const way = wayTo(tree, path)
  const wayBefore = before && matchedWay(tree, way, before)
  const crumbs = way.map((step, at) => line(tree, step, parents, before, wayBefore?.[at]))

  const children = childrenOf(tree, path).filter((child) => !isTracer(tree, child))
  const shown = largestFirst(children, tree.retainedBytes, 0, MAX_OWNER_LINES)
  const known = before && childrenByName(before, wayBefore?.at(-1))
  const isShown = new Set(shown)
  const rest = { paths: 0, retainedBytes: 0, retainedObjects: 0 }
  for (const child of children) {
    if (isShown.has(child)) continue
    rest.paths++
    rest.retainedBytes += tree.retainedBytes[child]!
    rest.retainedObjects += tree.retainedObjects[child]!
  }
  return {
    crumbs,
    children: shown.map((child) => line(tree, child, parents, before, known?.get(stepKey(tree, child)))),
    rest,
    tracingBytes: owners.retainedBytes[0]! - tree.retainedBytes[0]!,
  }
}

/**
 * The tree without the table in which Ruby keeps allocation sites: it came with tracing, is no part of the program, and
 * would be the largest tile of every traced heap. Its path keeps its number and retains nothing. O(paths).
 */
function withoutTracer(tree: OwnerTree): OwnerTree {
  if (!tree.names.includes(ALLOCATION_TRACER)) return tree
  const retainedBytes = tree.retainedBytes.slice()
  const retainedObjects = tree.retainedObjects.slice()
  for (let path = 1; path < tree.paths; path++) {
    if (!isTracer(tree, path)) continue
    const bytes = retainedBytes[path]!
    const objects = retainedObjects[path]!
    for (let above = path; ; above = tree.parent[above]!) {
      retainedBytes[above]! -= bytes
      retainedObjects[above]! -= objects
      if (above === 0) break
    }
  }
  return { ...tree, retainedBytes, retainedObjects }
}

const isTracer = (tree: OwnerTree, path: number): boolean =>
  tree.names[tree.name[path]!] === ALLOCATION_TRACER

function line(
  tree: OwnerTree,
  path: number,
  parents: Uint8Array,
  before: OwnerTree | undefined,
  pathBefore: number | undefined,
): OwnerLine {
  const example = tree.example[path]!
  return {
    path,
    name: tree.names[tree.name[path]!]!,
    edge: tree.names[tree.edge[path]!] || null,
    count: tree.count[path]!,
    shallowBytes: tree.shallowBytes[path]!,
    retainedBytes: tree.retainedBytes[path]!,
    retainedObjects: tree.retainedObjects[path]!,
    hasChildren: parents[path] === 1,
    example: example === NO_INDEX ? null : example,
    ...(before && {
      since:
        pathBefore === undefined
          ? null
          : { count: before.count[pathBefore]!, retainedBytes: before.retainedBytes[pathBefore]! },
    }),
  }
}

/** Which paths have something below them. */
function parentFlags({ paths, parent }: OwnerTree): Uint8Array {
  const flags = new Uint8Array(paths)
  for (let path = 1; path < paths; path++) flags[parent[path]!] = 1
  return flags
}

function childrenOf({ paths, parent }: OwnerTree, of: number): number[] {
  const children: number[] = []
  // Path 0 is above all, and may name itself as its parent.
  for (let path = 1; path < paths; path++) if (parent[path] === of) children.push(path)
  return children
}

/** From the root to the path, which is last. */
function wayTo({ parent }: OwnerTree, path: number): number[] {
  const way = [path]
  for (let at = path; at !== 0; at = parent[at]!) way.push(parent[at]!)
  return way.reverse()
}

/** The same way by names in another tree; undefined from where it has none on. */
function matchedWay(tree: OwnerTree, way: readonly number[], before: OwnerTree): (number | undefined)[] {
  const matched: (number | undefined)[] = []
  for (const [at, step] of way.entries()) {
    const above = at === 0 ? undefined : matched[at - 1]
    matched.push(at === 0 ? 0 : childrenByName(before, above).get(stepKey(tree, step)))
  }
  return matched
}

function childrenByName(tree: OwnerTree, of: number | undefined): Map<string, number> {
  const byName = new Map<string, number>()
  if (of === undefined) return byName
  for (const child of childrenOf(tree, of)) byName.set(stepKey(tree, child), child)
  return byName
}

/** Reference and name of a step: what tells it from its neighbours. */
const stepKey = (tree: OwnerTree, path: number): string =>
  JSON.stringify([tree.names[tree.edge[path]!], tree.names[tree.name[path]!]])
