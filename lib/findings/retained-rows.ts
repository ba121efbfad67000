import { type Retention, subtreeEnd } from '#lib/heap/retention'
import { type HeapSnapshot, NO_GENERATION } from '#lib/heap/snapshot'
import { siteAt, siteWords } from './group-table.ts'
import type { GroupedObjects } from './groups.ts'
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

/**
 * What groups and rows retain, in one pass over the dominator tree in preorder, as lib/heap/retained-groups.ts: each is
 * covered up to where the subtree of its outermost member ends. O(objects).
 */
export function retainedSizes(
  snapshot: HeapSnapshot,
  retention: Retention,
  { table, groupOf }: Pick<GroupedObjects, 'table' | 'groupOf'>,
): { readonly groupBytes: Float64Array; readonly rows: RetainedRows } {
  const { firstObject, order, reached, retainedBytes } = retention
  const groups = new Sums(table.groups)
  const classes = new Sums(table.classNames.length)
  const sites = new Sums(table.siteFile.length)
  const types = new Sums(table.typeNames.length)
  const births = new Births(snapshot)
  const generations = new Sums(births.count)
  for (let at = 0; at < reached; at++) {
    const node = order[at]!
    if (node < firstObject) continue
    const object = node - firstObject
    const group = groupOf[object]!
    const born = births.rowOf(object)
    const isGroupCovered = groups.isCovered(group, at)
    if (isGroupCovered && generations.isCovered(born, at)) continue
    const end = subtreeEnd(retention, node)
    const bytes = retainedBytes[node]!
    generations.add(born, at, end, bytes)
    // Whatever covers the group covers its class, site and type too.
    if (isGroupCovered) continue
    groups.add(group, at, end, bytes)
    classes.add(table.className[group]!, at, end, bytes)
    sites.add(table.site[group]!, at, end, bytes)
    types.add(table.type[group]!, at, end, bytes)
  }
  const rows = {
    classes: classes.by((row) => table.classNames[row]!),
    sites: sites.by((row) => siteWords(siteAt(table, row))),
    types: types.by((row) => table.typeNames[row]!),
    generations: generations.by((row) => String(births.generationOf(row))),
  }
  return { groupBytes: groups.bytes, rows }
}

/** Bytes by row, each byte once per row. */
class Sums {
  readonly bytes: Float64Array
  private readonly coveredUntil: Uint32Array

  constructor(rows: number) {
    this.bytes = new Float64Array(rows)
    this.coveredUntil = new Uint32Array(rows)
  }

  isCovered(row: number, at: number): boolean {
    return at < this.coveredUntil[row]!
  }

  add(row: number, at: number, end: number, bytes: number): void {
    if (at < this.coveredUntil[row]!) return
    this.coveredUntil[row] = end
    this.bytes[row]! += bytes
  }

  by(keyOf: (row: number) => string): Map<string, number> {
    const sums = new Map<string, number>()
    for (const [row, bytes] of this.bytes.entries()) {
      const key = keyOf(row)
      sums.set(key, (sums.get(key) ?? 0) + bytes)
    }
    return sums
  }
}

/** Generations below this have a row each by their number; a process that ran more GCs takes the slower way. */
const DENSE_GENERATIONS = 1 << 20

/** Numbers the generations of a snapshot. */
class Births {
  readonly count: number
  private readonly generation: Int32Array
  private readonly rows: ReadonlyMap<number, number> | undefined
  private readonly generations: readonly number[] = []

  constructor({ objects, generation }: HeapSnapshot) {
    this.generation = generation
    let latest = NO_GENERATION
    for (let object = 0; object < objects; object++)
      if (generation[object]! > latest) latest = generation[object]!
    if (latest < DENSE_GENERATIONS) {
      this.count = latest + 2
      return
    }
    this.generations = [...new Set(generation.subarray(0, objects))]
    this.rows = new Map(this.generations.map((born, row) => [born, row]))
    this.count = this.generations.length
  }

  rowOf(object: number): number {
    const born = this.generation[object]!
    return this.rows === undefined ? born + 1 : (this.rows.get(born) ?? 0)
  }

  generationOf = (row: number): number => (this.rows === undefined ? row - 1 : (this.generations[row] ?? 0))
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
