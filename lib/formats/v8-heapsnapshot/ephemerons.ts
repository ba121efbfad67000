import type { V8Strings } from './strings.ts'

const BEGIN = new TextEncoder().encode(' / part of key (')
const END = / @\d+\) pair in WeakMap \(table @(\d+)\)$/
/** V8 writes at most 1,024 characters of a name. */
const MAX_LENGTH = 1 << 13

/**
 * Names of edges to values of WeakMaps, by index: the id of the table. V8 writes such an edge twice, from the key and from
 * the table: "7 / part of key (Object @1) -> value (Array @3) pair in WeakMap (table @5)". O(strings).
 */
export function ephemeronTables(strings: V8Strings): ReadonlyMap<number, number> {
  const tables = new Map<number, number>()
  for (let id = 1; id <= strings.stored; id++) {
    let at = 0
    while (isDigit(strings.byte(id, at))) at++
    if (at === 0 || !beginsAt(strings, id, at)) continue
    const text = strings.text(id)
    const table = text.length > MAX_LENGTH || !text.includes(') -> value (') ? null : END.exec(text)
    if (table) tables.set(id, Number(table[1]))
  }
  return tables
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39

function beginsAt(strings: V8Strings, id: number, at: number): boolean {
  for (let i = 0; i < BEGIN.length; i++) if (strings.byte(id, at + i) !== BEGIN[i]) return false
  return true
}
