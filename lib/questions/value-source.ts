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

/**
 * Where to read what an object says: the line of a dump that has one line an object, or the text that a V8 snapshot keeps
 * as the name of a string. Undefined when the format keeps neither. O(length of the text).
 */
export function valueSource(snapshot: HeapSnapshot, object: number): ValueSource | undefined {
  if (KEEPS_TEXT.has(snapshot.producer)) {
    if (!isLabelAValue(snapshot, object)) return undefined
    return { kind: 'text', text: snapshot.strings.text(snapshot.label[object]!) }
  }
  return { kind: 'line', offset: snapshot.lineOffset[object]! }
}

/** As `valueSource`, without reading it. O(1). */
export const hasValue = (snapshot: HeapSnapshot, object: number): boolean =>
  !KEEPS_TEXT.has(snapshot.producer) || isLabelAValue(snapshot, object)
