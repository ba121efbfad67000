import { UserError } from '#lib/errors/user-error'
import type { OwnerTree } from '#lib/findings/owner-tree'
import { largestFirst } from '#lib/heap/largest'
import { NO_INDEX } from '#lib/heap/snapshot'
import type { OwnerLevel, OwnerLine } from '#lib/reports/objects'

/** More tiles than these nobody tells apart; the rest is summed. */
export const MAX_OWNER_LINES = 200

/**
 * One level of an owner tree: the way from the root to `path`, and what hangs there, largest first. With `before`, the
 * tree of another capture, each line says what the same names from the root came to there. O(paths).
 * @throws UserError request/not-found
 */
export function ownerLevel(tree: OwnerTree, path: number, before?: OwnerTree): OwnerLevel {
  if (path >= tree.paths) throw new UserError('request/not-found', { what: 'path' })
  const parents = parentFlags(tree)
  const way = wayTo(tree, path)
  const wayBefore = before && matchedWay(tree, way, before)
  const crumbs = way.map((step, at) => line(tree, step, parents, before, wayBefore?.[at]))

  const children = childrenOf(tree, path)
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
  }
}

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
