import { type GroupTable, type Site, siteAt } from './group-table.ts'

/** A row of a capture's table by type or by class. */
export interface HistogramRow {
  readonly name: string
  readonly count: number
  readonly bytes: number
}

/** A row of a capture's table by allocation site; `className` when all its objects have one class. */
export interface SiteRow {
  /** Absent: the objects were not traced. */
  readonly site: Site | undefined
  readonly count: number
  readonly bytes: number
  /** The class with the most bytes here. */
  readonly topClass: string
  /** How many classes were allocated here. */
  readonly classes: number
}

/** Objects by type ("STRING", "HASH" …), most bytes first. O(groups). */
export const byType = (table: GroupTable): HistogramRow[] => histogram(table, table.type, table.typeNames)

/** Objects by class name, most bytes first. O(groups). */
export const byClass = (table: GroupTable): HistogramRow[] =>
  histogram(table, table.className, table.classNames)

/** Objects by file, line and method, most bytes first; untraced objects are one row. O(groups). */
export function bySite(table: GroupTable): SiteRow[] {
  const sites = table.siteFile.length
  const count = new Float64Array(sites)
  const bytes = new Float64Array(sites)
  const perClass = new Map<number, Map<number, number>>()
  for (let group = 0; group < table.groups; group++) {
    const site = table.site[group]!
    count[site]! += table.count[group]!
    bytes[site]! += table.bytes[group]!
    const classes = perClass.get(site) ?? new Map<number, number>()
    classes.set(table.className[group]!, (classes.get(table.className[group]!) ?? 0) + table.bytes[group]!)
    perClass.set(site, classes)
  }
  const rows: SiteRow[] = []
  for (const [site, classes] of perClass) {
    const [top] = [...classes].reduce((most, one) => (one[1] > most[1] ? one : most))
    rows.push({
      site: siteAt(table, site),
      count: count[site]!,
      bytes: bytes[site]!,
      topClass: table.classNames[top]!,
      classes: classes.size,
    })
  }
  return rows.sort(largestFirst)
}

function histogram(
  table: GroupTable,
  keys: Uint8Array | Uint32Array,
  names: readonly string[],
): HistogramRow[] {
  const count = new Float64Array(names.length)
  const bytes = new Float64Array(names.length)
  for (let group = 0; group < table.groups; group++) {
    count[keys[group]!]! += table.count[group]!
    bytes[keys[group]!]! += table.bytes[group]!
  }
  const rows: HistogramRow[] = []
  // Some profiles have bytes without counts.
  for (const [key, name] of names.entries())
    if (count[key]! > 0 || bytes[key]! > 0) rows.push({ name, count: count[key]!, bytes: bytes[key]! })
  return rows.sort(largestFirst)
}

const largestFirst = (a: { bytes: number; count: number }, b: { bytes: number; count: number }): number =>
  b.bytes - a.bytes || b.count - a.count
