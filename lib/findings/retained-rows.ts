import { type HeapSnapshot, NO_GENERATION } from '#lib/heap/snapshot'
import { type GroupTable, siteAt, siteWords } from './group-table.ts'
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
 * Adds up what groups and rows retain while the dominator tree is walked in preorder, as lib/heap/retained-groups.ts: each
 * is covered up to where the subtree of its outermost member ends.
 */
export class RetainedSums {
  private readonly table: GroupTable
  private readonly births: Births
  private readonly groups: Sums
  private readonly classes: Sums
  private readonly sites: Sums
  private readonly types: Sums
  private readonly generations: Sums

  constructor(snapshot: HeapSnapshot, table: GroupTable) {
    this.table = table
    this.births = new Births(snapshot)
    this.groups = new Sums(table.groups)
    this.classes = new Sums(table.classNames.length)
    this.sites = new Sums(table.siteFile.length)
    this.types = new Sums(table.typeNames.length)
    this.generations = new Sums(this.births.count)
  }

  /** The next object of the preorder: its place there, where its subtree ends, what it retains. Each object once. */
  add(object: number, group: number, at: number, end: number, bytes: number): void {
    const { table } = this
    this.generations.add(this.births.rowOf(object), at, end, bytes)
    // Whatever covers the group covers its class, site and type too.
    if (!this.groups.add(group, at, end, bytes)) return
    this.classes.add(table.className[group]!, at, end, bytes)
    this.sites.add(table.site[group]!, at, end, bytes)
    this.types.add(table.type[group]!, at, end, bytes)
  }

  get groupBytes(): Float64Array {
    return this.groups.bytes
  }

  /** The sums by the keys of the tables' rows. */
  rows(): RetainedRows {
    const { table, births } = this
    return {
      classes: this.classes.by((row) => table.classNames[row]!),
      sites: this.sites.by((row) => siteWords(siteAt(table, row))),
      types: this.types.by((row) => table.typeNames[row]!),
      generations: this.generations.by((row) => String(births.generationOf(row))),
    }
  }
}

/** Bytes by row, each byte once per row. */
class Sums {
  readonly bytes: Float64Array
  private readonly coveredUntil: Uint32Array

  constructor(rows: number) {
    this.bytes = new Float64Array(rows)
    this.coveredUntil = new Uint32Array(rows)
  }

  /** Adds a subtree, unless the row has it already. */
  add(row: number, at: number, end: number, bytes: number): boolean {
    if (at < this.coveredUntil[row]!) return false
    this.coveredUntil[row] = end
    this.bytes[row]! += bytes
    return true
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
