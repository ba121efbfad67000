import type { HeapSnapshot } from '#lib/heap/snapshot'
import { isLabelAValue } from './object-line.ts'

/** Where an object's value is to be had. */
export type ValueSource =
  /** The line that starts at this byte of the plain file. */
  | { readonly kind: 'line'; readonly offset: number }
  /** The snapshot itself has it. */
  | { readonly kind: 'text'; readonly text: string }

/** V8 writes one array of numbers for all nodes: an object has no line of its own. Its strings have their text as a name. */
const KEEPS_TEXT: ReadonlySet<string> = new Set(['v8-heapsnapshot'])

/** Of strings that V8 has put together of others, or cut out of one, the name says only that. */
const NAMED_WITHOUT_TEXT: ReadonlySet<string> = new Set(['concatenated string', 'sliced string'])

/**
 * Where to read what an object says: the line of a dump that has one line an object, or the text that a V8 snapshot keeps
 * as the name of a string. Undefined when the format keeps neither. O(length of the text).
 */
export function valueSource(snapshot: HeapSnapshot, object: number): ValueSource | undefined {
  if (!hasValue(snapshot, object)) return undefined
  if (KEEPS_TEXT.has(snapshot.producer))
    return { kind: 'text', text: snapshot.strings.text(snapshot.label[object]!) }
  return { kind: 'line', offset: snapshot.lineOffset[object]! }
}

/** As `valueSource`, without reading it. O(1). */
export function hasValue(snapshot: HeapSnapshot, object: number): boolean {
  if (!KEEPS_TEXT.has(snapshot.producer)) return true
  const type = snapshot.typeNames[snapshot.type[object]!] ?? ''
  return isLabelAValue(snapshot, object) && !NAMED_WITHOUT_TEXT.has(type)
}
