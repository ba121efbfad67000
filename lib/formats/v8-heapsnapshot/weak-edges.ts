import { NO_INDEX, WEAK_EDGE } from '#lib/heap/snapshot'
import type { EdgeRows } from './edge-rows.ts'
import { ephemeronTables } from './ephemerons.ts'
import type { NodeRows } from './node-rows.ts'
import type { V8Strings } from './strings.ts'

const DOM_TREES = '(Document DOM trees)'

/** Places of kinds in the header's list, −1 where it does not have them; the root as a node. */
export interface EdgeRules {
  readonly weak: number
  readonly shortcut: number
  readonly internal: number
  readonly element: number
  readonly syntheticType: number
  readonly root: number
  /** By kind: 1 where edges have names, not numbers. */
  readonly isNamed: Uint8Array
}

/**
 * Marks the edges that keep nothing alive with WEAK_EDGE, by DevTools' rule (computeIsEssentialEdge): weak ones, those of
 * a node to itself, shortcuts that do not start at the root, the table's half of a WeakMap entry (its key has the other),
 * and edges from what a page does not own to what it owns (a debugger's handles).
 *
 * Targets and names beyond the end become NO_INDEX and the name for a missing one. Answers how many targets are missing.
 * `scratch` has an entry for each node; what it holds afterwards has no meaning. O(edges).
 */
export function markWeakEdges(
  nodes: NodeRows,
  edges: EdgeRows,
  strings: V8Strings,
  rules: EdgeRules,
  scratch: Uint32Array,
): number {
  const { nodes: count, edgeCount: start, slot, slots } = nodes
  const { kind: kinds, name: names, to: targets } = edges
  const { weak, shortcut, internal, root, isNamed } = rules
  const owned = pageOwned(nodes, edges, strings, rules, scratch)
  const tables = ephemeronTables(strings)
  const isTable = new Uint8Array(strings.stored + 1)
  for (const name of tables.keys()) isTable[name] = 1
  const { stored } = strings
  const missingName = strings.missing()
  let dangling = 0
  let k = start[0]!
  for (let node = 0; node < count; node++) {
    const end = start[node + 1]!
    const isOutside = owned[node] === 0 && node !== root
    for (; k < end; k++) {
      const kind = kinds[k]!
      const name = names[k]!
      const to = targets[k]!
      if (name > stored && isNamed[kind] === 1) names[k] = missingName
      if (to >= count) {
        dangling++
        targets[k] = NO_INDEX
        continue
      }
      if (
        kind === weak ||
        to === node ||
        (isOutside && owned[to] === 1) ||
        (kind === shortcut && node !== root) ||
        (kind === internal && isTable[name] === 1 && tables.get(name) === idOf(node))
      )
        kinds[k] = kind | WEAK_EDGE
    }
  }
  return dangling

  function idOf(node: number): number {
    return slots.address(slot[node]!) / 8
  }
}

/** 1 for what can be reached from a page's windows and documents: the targets of the root's shortcuts, in Node its globals. */
function pageOwned(
  nodes: NodeRows,
  edges: EdgeRows,
  strings: V8Strings,
  rules: EdgeRules,
  waiting: Uint32Array,
): Uint8Array {
  const { nodes: count, edgeCount: start } = nodes
  const { kind, to: targets } = edges
  const owned = new Uint8Array(count)
  let left = 0
  for (let k = start[rules.root]!; k < start[rules.root + 1]!; k++) {
    const to = targets[k]!
    if (to >= count || owned[to] === 1) continue
    const isEntry = kind[k] === rules.element ? isDomTrees(to) : kind[k] === rules.shortcut
    if (!isEntry) continue
    owned[to] = 1
    waiting[left++] = to
  }
  while (left > 0) {
    const node = waiting[--left]!
    for (let k = start[node]!; k < start[node + 1]!; k++) {
      const to = targets[k]!
      if (to >= count || owned[to] === 1 || kind[k] === rules.weak) continue
      owned[to] = 1
      waiting[left++] = to
    }
  }
  return owned

  function isDomTrees(node: number): boolean {
    return nodes.type[node] === rules.syntheticType && strings.text(nodes.name[node]!) === DOM_TREES
  }
}
