import { siteWords as wordsOfSite } from '#lib/findings/group-table'
import { edgeFacts } from '#lib/heap/edges'
import {
  elementsOf,
  type HeapSnapshot,
  keyText,
  NO_GENERATION,
  NO_INDEX,
  OBJECT_FLAGS,
  shallowBytesOf,
} from '#lib/heap/snapshot'
import type { ObjectLine } from '#lib/reports/objects'
import { formatCount } from '#lib/units/format'
import type { OpenedHeap } from './opened-heap.ts'

/** Names are hostile and can be megabytes long: a line shows this much of one. */
const MAX_NAME = 200
const MAX_SITE = 1000

/** One object on one line, with the edge (numbered as in lib/heap/edges.ts) that leads to or from it. O(log objects). */
export function objectLine(heap: OpenedHeap, object: number, edge?: number): ObjectLine {
  const { snapshot, retention } = heap
  const node = retention.firstObject + object
  const isReached = retention.rank[node] !== NO_INDEX
  const generation = snapshot.generation[object]!
  return {
    object,
    key: keyText(snapshot, object) ?? null,
    type: snapshot.typeNames[snapshot.type[object]!] ?? '',
    className: shortText(snapshot, snapshot.className[object]!),
    label: objectLabel(snapshot, object),
    site: siteWords(snapshot, snapshot.site[object]!),
    generation: generation === NO_GENERATION ? null : generation,
    shallowBytes: shallowBytesOf(snapshot, object),
    retainedBytes: isReached ? retention.retainedBytes[node]! : null,
    retainedObjects: isReached ? retention.retainedObjects[node]! : null,
    references: referencesOf(snapshot, object),
    edge: edge === undefined ? null : edgeWords(snapshot, edge),
  }
}

/** References that an object holds, its class not counted. */
export const referencesOf = ({ referenceStart }: HeapSnapshot, object: number): number =>
  referenceStart[object + 1]! - referenceStart[object]!

/** Types whose label, if a format gives one, is the object's value: it is revealed on demand, never listed. */
const VALUE_TYPES: ReadonlySet<string> = new Set([
  'string',
  'concatenated string',
  'sliced string',
  'number',
  'bigint',
  'symbol',
  'regexp',
  'STRING',
  'SYMBOL',
  'FLOAT',
  'BIGNUM',
  'RATIONAL',
  'COMPLEX',
  'REGEXP',
])

/** Is the label of this object something that it says, rather than how it is called? O(1). */
export const isLabelAValue = (snapshot: HeapSnapshot, object: number): boolean =>
  VALUE_TYPES.has(snapshot.typeNames[snapshot.type[object]!] ?? '')

/**
 * What to call an object: "class Session", "Array of 10,500", "function onTick", otherwise its class. Never a value. Where a
 * dump does not tell a collection's length, it is the references that it holds: numbers and `nil` are none.
 */
export function objectLabel(snapshot: HeapSnapshot, object: number): string {
  const type = snapshot.typeNames[snapshot.type[object]!] ?? ''
  const className = shortText(snapshot, snapshot.className[object]!)
  const own = isLabelAValue(snapshot, object) ? '' : shortText(snapshot, snapshot.label[object]!)
  switch (type) {
    case 'CLASS':
    case 'ICLASS':
    case 'MODULE':
    case 'class':
    case 'iclass':
    case 'module': {
      const isSingleton = (snapshot.flags[object]! & OBJECT_FLAGS.singleton) !== 0
      const kind = type.toLowerCase() === 'module' ? 'module' : isSingleton ? 'singleton class of' : 'class'
      return own === '' ? `${kind} without a name` : `${kind} ${own}`
    }
    case 'ARRAY':
    case 'HASH':
    case 'hash':
      return collectionLabel(snapshot, object, className)
    case 'array':
      // V8's arrays of this type are parts of objects; some of their references are no elements.
      return snapshot.keyKind === 'id' ? className : collectionLabel(snapshot, object, className)
    case 'closure':
      return own === '' ? 'function without a name' : `function ${own}`
    default:
      return own === '' || own === className ? className : `${className} ${own}`
  }
}

function collectionLabel(snapshot: HeapSnapshot, object: number, className: string): string {
  const count = elementsOf(snapshot, object)
  return count === 0 ? className : `${className} of ${formatCount(count)}`
}

/** An allocation site in words; null for 0, "not traced". */
export function siteWords({ sites, strings }: HeapSnapshot, site: number): string | null {
  if (site === 0) return null
  const line = sites.line[site]!
  const method = strings.text(sites.method[site]!)
  const words = wordsOfSite({
    file: strings.text(sites.file[site]!),
    line: line === 0 ? undefined : line,
    method: method === '' ? undefined : method,
  })
  return words.slice(0, MAX_SITE)
}

/** Kind and name of an edge (numbered as in lib/heap/edges.ts); null where the dump tells neither. */
function edgeWords(snapshot: HeapSnapshot, edge: number): ObjectLine['edge'] {
  const { origin, kind, name, isWeak } = edgeFacts(snapshot, edge)
  if (origin === 'class') return { kind: 'class', name: '', isWeak: false }
  if (kind === undefined || name === undefined) return null
  return { kind, name: String(name).slice(0, MAX_NAME), isWeak }
}

export const shortText = ({ strings }: HeapSnapshot, id: number): string =>
  id === 0 ? '' : strings.text(id).slice(0, MAX_NAME)
