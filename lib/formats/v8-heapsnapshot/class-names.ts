import { sharedUint32 } from '#lib/heap/shared'
import { DOM_FLAGS } from '#lib/heap/snapshot'
import type { NodeRows } from './node-rows.ts'
import type { V8Strings } from './strings.ts'

/** Types whose nodes are named after their constructor or, in a page, after their tag. */
const NAMED_TYPES: ReadonlySet<string> = new Set(['object', 'native'])
/** What DevTools calls the class of everything of a type; other types are put in brackets: "(array)". */
const TYPE_CLASSES: ReadonlyMap<string, string> = new Map([
  ['hidden', '(system)'],
  ['code', '(compiled code)'],
  ['closure', 'Function'],
  ['regexp', 'RegExp'],
])
const LESS_THAN = 0x3c
const CAPITAL_D = 0x44

/**
 * The class of every node as DevTools calls it, as a string index: the constructor of objects, the tag of elements without
 * its attributes, "Detached …" in front of native nodes that left their page, and one name per type for all else. Names of nodes that
 * are not in the file become that of a missing one, in place. O(nodes).
 */
export function classNames(
  nodes: NodeRows,
  typeNames: readonly string[],
  strings: V8Strings,
): { className: Uint32Array; missing: number } {
  const { nodes: count, type: types, name: names, flags } = nodes
  const className = sharedUint32(count)
  const { stored } = strings
  const classOfType = Uint32Array.from(typeNames, (type) =>
    NAMED_TYPES.has(type) ? 0 : strings.add(TYPE_CLASSES.get(type) ?? `(${type})`),
  )
  const nothing = strings.missing()
  /** Class by name, once known. */
  const classOfName = new Uint32Array(stored + 1)
  const detachedClass = new Map<number, number>()
  const nativeType = typeNames.indexOf('native')
  let missing = 0
  for (let node = 0; node < count; node++) {
    let name = names[node]!
    if (name > stored) {
      missing++
      name = nothing
      names[node] = nothing
    }
    let kind = classOfType[types[node]!]!
    if (kind === 0) {
      kind = name === nothing ? nothing : classOfName[name]!
      if (kind === 0) {
        kind = classNamed(name, strings)
        classOfName[name] = kind
      }
      if ((flags[node]! & DOM_FLAGS.detached) !== 0 && types[node] === nativeType) kind = detached(kind)
    }
    className[node] = kind
  }
  return { className, missing }

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
function classNamed(name: number, strings: V8Strings): number {
  const first = strings.byte(name, 0)
  if (first !== LESS_THAN && first !== CAPITAL_D) return name
  const text = strings.text(name)
  const from = text.startsWith('<') ? 0 : text.startsWith('Detached <') ? 10 : -1
  if (from < 0) return name
  const space = text.indexOf(' ', from)
  return strings.add(space < 0 ? text : `${text.slice(0, space)}>`)
}
