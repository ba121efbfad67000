import { retainedByGroup } from '#lib/heap/retained-groups'
import type { Retention } from '#lib/heap/retention'
import type { HeapSnapshot } from '#lib/heap/snapshot'
import { siteWords } from './group-table.ts'
import { packSections, unpackSections } from './sections.ts'

/**
 * What the objects of each class, site, type and generation retain, every byte once per row
 * (lib/heap/retained-groups.ts). It cannot be summed from groups: two groups of a class may hold each other.
 * Keys are those of the tables' rows.
 */
export interface RetainedRows {
  readonly classes: ReadonlyMap<string, number>
  readonly sites: ReadonlyMap<string, number>
  readonly types: ReadonlyMap<string, number>
  readonly generations: ReadonlyMap<string, number>
}

/** Bump for any change of the stored form. */
export const RETAINED_ROWS_VERSION = 1
const MAGIC = 'LRRR'

/** Four passes over the dominator tree: O(objects), 4 bytes an object. */
export function retainedRows(snapshot: HeapSnapshot, retention: Retention): RetainedRows {
  const { strings, typeNames } = snapshot
  return {
    classes: byRow(snapshot, retention, snapshot.className, (id) => strings.text(id)),
    sites: byRow(snapshot, retention, snapshot.site, (site) => siteKey(snapshot, site)),
    types: byRow(snapshot, retention, snapshot.type, (type) => typeNames[type] ?? ''),
    generations: byRow(snapshot, retention, snapshot.generation, String),
  }
}

function siteKey({ sites, strings }: HeapSnapshot, site: number): string {
  if (site === 0) return siteWords(undefined)
  const method = strings.text(sites.method[site]!)
  return siteWords({
    file: strings.text(sites.file[site]!),
    line: sites.line[site] === 0 ? undefined : sites.line[site]!,
    method: method === '' ? undefined : method,
  })
}

/** Sums by the text of what a column holds: two indexes may stand for one text. */
function byRow(
  { objects }: HeapSnapshot,
  retention: Retention,
  column: ArrayLike<number>,
  textOf: (value: number) => string,
): Map<string, number> {
  const rowOfValue = new Map<number, number>()
  const rowOfText = new Map<string, number>()
  const rowOf = new Uint32Array(objects)
  let last = Number.NaN
  let row = 0
  for (let object = 0; object < objects; object++) {
    const value = column[object]!
    // Neighbours are often alike: then nothing is looked up.
    if (value !== last) {
      last = value
      row = rowOfValue.get(value) ?? add(value)
    }
    rowOf[object] = row
  }
  const { bytes } = retainedByGroup(retention, rowOf, rowOfText.size)
  return new Map(Array.from(rowOfText, ([text, at]) => [text, bytes[at]!]))

  function add(value: number): number {
    const text = textOf(value)
    const known = rowOfText.get(text) ?? rowOfText.size
    rowOfText.set(text, known)
    rowOfValue.set(value, known)
    return known
  }
}

/** One flat array for storing. */
export function encodeRetainedRows({ classes, sites, types, generations }: RetainedRows): Uint8Array {
  const tables = [classes, sites, types, generations]
  return packSections(
    MAGIC,
    RETAINED_ROWS_VERSION,
    tables.flatMap((rows) => [[...rows.keys()], Float64Array.from(rows.values())]),
  )
}

/** Reopens what `encodeRetainedRows` wrote. @throws Error when the bytes are not ours or damaged: a bug. */
export function decodeRetainedRows(stored: Uint8Array): RetainedRows {
  const sections = unpackSections(MAGIC, RETAINED_ROWS_VERSION, stored)
  const next = (): Map<string, number> => {
    const keys = sections.strings()
    const bytes = sections.float64()
    return new Map(keys.map((key, row) => [key, bytes[row]!]))
  }
  return { classes: next(), sites: next(), types: next(), generations: next() }
}
