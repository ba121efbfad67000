import { type GroupTable, type Site, siteAt } from './group-table.ts'

/**
 * Groups of several captures, matched by type, class, file and line (never by index or address). The method is not
 * part of the key: one line may allocate the same thing through `dup` in one request and `initialize_copy` in another.
 */
export interface MergedGroups {
  readonly captures: number
  readonly groups: number
  /** Merged group of each capture's groups: `rowOf[capture][group]`. */
  readonly rowOf: readonly Uint32Array[]
  /** `counts[capture][row]`; 0 where a capture has no such group. */
  readonly counts: readonly Float64Array[]
  readonly bytes: readonly Float64Array[]
  /** What the row's objects retain; absent when a capture has no retained sizes. */
  readonly retained: readonly Float64Array[] | undefined
  /** What a row is. The site has a method only when all its groups agree on it. */
  describe(row: number): { type: string; className: string; site: Site | undefined }
}

/** Matches the groups of captures. O(groups of all captures). */
export function mergedGroups(tables: readonly GroupTable[]): MergedGroups {
  const rowByKey = new Map<string, number>()
  const origin: { table: GroupTable; group: number; method: string | undefined }[] = []
  const rowOf = tables.map((table) => {
    const siteKeys = Array.from(table.siteFile, (_, site) => siteKey(table, site))
    const rows = new Uint32Array(table.groups)
    for (let group = 0; group < table.groups; group++) {
      const type = table.typeNames[table.type[group]!]!
      // NUL stands in no type, class name or path, so parts cannot run into one another.
      const key = `${type}\0${table.classNames[table.className[group]!]}\0${siteKeys[table.site[group]!]}`
      const method = table.methods[table.siteMethod[table.site[group]!]!]
      let row = rowByKey.get(key)
      if (row === undefined) {
        row = origin.push({ table, group, method }) - 1
        rowByKey.set(key, row)
      } else if (origin[row]!.method !== method) origin[row]!.method = undefined
      rows[group] = row
    }
    return rows
  })
  const counts = tables.map((table, capture) => spread(table.count, rowOf[capture]!, origin.length))
  const bytes = tables.map((table, capture) => spread(table.bytes, rowOf[capture]!, origin.length))
  const retained = tables.flatMap(({ retainedBytes }, capture) =>
    retainedBytes ? [spread(retainedBytes, rowOf[capture]!, origin.length)] : [],
  )
  return {
    captures: tables.length,
    groups: origin.length,
    rowOf,
    counts,
    bytes,
    retained: retained.length === tables.length ? retained : undefined,
    describe(row) {
      const { table, group, method } = origin[row]!
      const site = siteAt(table, table.site[group]!)
      return {
        type: table.typeNames[table.type[group]!]!,
        className: table.classNames[table.className[group]!]!,
        site: site === undefined || method !== undefined ? site : { ...site, method: undefined },
      }
    },
  }
}

function siteKey(table: GroupTable, site: number): string {
  const at = siteAt(table, site)
  return at === undefined ? '' : `${at.file}\0${at.line ?? ''}`
}

/** Adds, for two groups of one capture may share a key (names that differ only in bytes that are not UTF-8). */
function spread(column: Uint32Array | Float64Array, rows: Uint32Array, length: number): Float64Array {
  const out = new Float64Array(length)
  for (let group = 0; group < column.length; group++) out[rows[group]!]! += column[group]!
  return out
}
