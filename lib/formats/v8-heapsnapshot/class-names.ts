import { DOM_FLAGS } from '#lib/heap/snapshot'
import type { NodeRows } from './node-rows.ts'
import type { V8Strings } from './strings.ts'

/** Types whose nodes are named after their constructor or, in a page, after their tag. */
const NAMED_TYPES: ReadonlySet<string> = new Set(['object', 'native'])
/** Types whose name in the file is a value of the program: never a label. */
const VALUE_TYPES: ReadonlySet<string> = new Set(['string', 'concatenated string', 'sliced string'])
/** What DevTools calls the class of everything of a type; other types are put in brackets: "(array)". */
const TYPE_CLASSES: ReadonlyMap<string, string> = new Map([
  ['hidden', '(system)'],
  ['code', '(compiled code)'],
  ['closure', 'Function'],
  ['regexp', 'RegExp'],
])
const LESS_THAN = 0x3c
const CAPITAL_D = 0x44

/** Names by node, as string indexes. */
export interface NodeNames {
  readonly className: Uint32Array
  /** What the file calls the node; 0 for values. */
  readonly label: Uint32Array
  /** For values, 1 + their place in "strings": V8 writes equal texts once. 0 for all else. */
  readonly valueHash: Uint32Array
  /** Nodes whose name is not in the file. */
  readonly missing: number
}

/**
 * Names every node and its class as DevTools does: the constructor of objects, the tag of elements without its
 * attributes, "Detached …" in front of what left the page, and one name per type for all else. O(nodes).
 */
export function nodeNames(nodes: NodeRows, typeNames: readonly string[], strings: V8Strings): NodeNames {
  const count = nodes.nodes
  const className = new Uint32Array(count)
  const label = new Uint32Array(count)
  const valueHash = new Uint32Array(count)
  const { stored } = strings
  const classOfType = Uint32Array.from(typeNames, (type) =>
    NAMED_TYPES.has(type) ? 0 : strings.add(TYPE_CLASSES.get(type) ?? `(${type})`),
  )
  const isValue = Uint8Array.from(typeNames, (type) => (VALUE_TYPES.has(type) ? 1 : 0))
  const nothing = strings.missing()
  /** Class by place of a name, once known. */
  const classOfName = new Uint32Array(stored)
  const detachedClass = new Map<number, number>()
  const { type: types, name: names, flags } = nodes
  let missing = 0
  for (let node = 0; node < count; node++) {
    const type = types[node]!
    const place = names[node]!
    const isKnown = place < stored
    if (!isKnown) missing++
    if (isValue[type] === 1) {
      if (isKnown) valueHash[node] = place + 1
    } else label[node] = isKnown ? place + 1 : nothing
    let kind = classOfType[type]!
    if (kind === 0) {
      kind = isKnown ? classOfName[place]! : nothing
      if (kind === 0) {
        kind = classNamed(place, strings)
        classOfName[place] = kind
      }
      if ((flags[node]! & DOM_FLAGS.detached) !== 0) kind = detached(kind)
    }
    className[node] = kind
  }
  return { className, label, valueHash, missing }

  function detached(kind: number): number {
    const known = detachedClass.get(kind)
    if (known !== undefined) return known
    const text = strings.text(kind)
    const name = text.startsWith('Detached ') ? kind : strings.add(`Detached ${text}`)
    detachedClass.set(kind, name)
    return name
  }
}

/** '<div id="a">' → "<div>"; anything else is its own class. */
function classNamed(place: number, strings: V8Strings): number {
  const first = strings.byte(place, 0)
  if (first !== LESS_THAN && first !== CAPITAL_D) return place + 1
  const text = strings.text(place + 1)
  const from = text.startsWith('<') ? 0 : text.startsWith('Detached <') ? 10 : -1
  if (from < 0) return place + 1
  const space = text.indexOf(' ', from)
  return strings.add(space < 0 ? text : `${text.slice(0, space)}>`)
}
