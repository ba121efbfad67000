import { DOM_FLAGS } from '#lib/heap/snapshot'
import type { EdgeRows } from './edge-rows.ts'
import type { NodeRows } from './node-rows.ts'
import type { V8Strings } from './strings.ts'

const CAPITAL_D = 0x44

/**
 * Spreads what Chromium knows of some nodes of a page, attached or detached, to the native nodes that they refer to,
 * as DevTools does: attached first, then detached to what is not attached. It does not go through JavaScript objects.
 * Files of old producers have no such field: then a native node is detached when its name says so. O(nodes + edges).
 */
export function spreadDetachedness(
  nodes: NodeRows,
  edges: EdgeRows,
  nativeType: number,
  /** By kind of edge: 1 where the state does not pass. */
  isClosed: Uint8Array,
  hasField: boolean,
  strings: V8Strings,
): void {
  const { flags, type, edgeCount: start } = nodes
  if (nativeType < 0) return
  if (!hasField) {
    for (let node = 0; node < nodes.nodes; node++)
      if (type[node] === nativeType && isNamedDetached(nodes.name[node]!, strings))
        flags[node] = DOM_FLAGS.detached
    return
  }
  const attached: number[] = []
  const detached: number[] = []
  for (let node = 0; node < nodes.nodes; node++) {
    const state = flags[node]!
    if (state === 0 || type[node] !== nativeType) continue
    if (state === DOM_FLAGS.attached) attached.push(node)
    else detached.push(node)
  }
  spread(attached, DOM_FLAGS.attached)
  spread(detached, DOM_FLAGS.detached)

  /** Only nodes without a state take one: those that the file knows keep theirs. */
  function spread(from: number[], state: number): void {
    for (;;) {
      const node = from.pop()
      if (node === undefined) return
      for (let k = start[node]!; k < start[node + 1]!; k++) {
        const to = edges.to[k]!
        if (to >= nodes.nodes || isClosed[edges.kind[k]!] === 1) continue
        if (flags[to] !== 0 || type[to] !== nativeType) continue
        flags[to] = state
        from.push(to)
      }
    }
  }
}

function isNamedDetached(name: number, strings: V8Strings): boolean {
  return (
    name <= strings.stored &&
    strings.byte(name, 0) === CAPITAL_D &&
    strings.text(name).startsWith('Detached ')
  )
}
