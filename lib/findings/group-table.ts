import { packSections, unpackSections } from './sections.ts'

/**
 * A capture, boiled down to groups: type × class × allocation site, with a count and bytes each. It is what is
 * stored, compared and shown; the object graph itself stays in the file. Typically below 50,000 groups.
 *
 * Columns have one entry per group. Site 0 is "not traced"; file 0 and method 0 are the empty string.
 */
export interface GroupTable {
  readonly groups: number
  readonly typeNames: readonly string[]
  readonly classNames: readonly string[]
  readonly files: readonly string[]
  readonly methods: readonly string[]
  /** Sites: one entry per allocation site. */
  readonly siteFile: Uint32Array
  /** 0 is "no line was recorded"; code evaluated with a negative line has it. */
  readonly siteLine: Int32Array
  readonly siteMethod: Uint32Array
  /** Groups. */
  readonly type: Uint8Array
  readonly className: Uint32Array
  readonly site: Uint32Array
  readonly count: Uint32Array
  /** Shallow bytes of the group. */
  readonly bytes: Float64Array
  /**
   * What the group's objects retain, every byte once per group (lib/heap/retained-groups.ts). Absent where it was not
   * computed. Groups overlap: these do not add up to the heap.
   */
  readonly retainedBytes?: Float64Array | undefined
}

/** An allocation site in words' reach. `undefined` where the dump does not say. */
export interface Site {
  readonly file: string
  readonly line: number | undefined
  readonly method: string | undefined
}

/** Bump for any change of the stored form, and keep reading the old one. */
export const GROUP_TABLE_VERSION = 2
const MAGIC = 'LRGT'

/** The site of a group; `undefined` when its objects were not traced. */
export function siteOfGroup(table: GroupTable, group: number): Site | undefined {
  return siteAt(table, table.site[group]!)
}

/** Site number `site`; `undefined` for 0, "not traced". */
export function siteAt(table: GroupTable, site: number): Site | undefined {
  if (site === 0) return undefined
  const line = table.siteLine[site]!
  const method = table.methods[table.siteMethod[site]!]!
  return {
    file: table.files[table.siteFile[site]!]!,
    line: line === 0 ? undefined : line,
    method: method === '' ? undefined : method,
  }
}

/** "app/lib/audit_trail.rb:14 record", or "not traced". */
export function siteWords(site: Site | undefined): string {
  if (site === undefined) return 'not traced'
  const place = site.line === undefined ? site.file : `${site.file}:${site.line}`
  return site.method === undefined ? place : `${place} ${site.method}`
}

/** One flat array for storing: versioned, checked, little-endian. O(groups + text). */
export function encodeGroupTable(table: GroupTable): Uint8Array {
  return packSections(MAGIC, GROUP_TABLE_VERSION, [
    table.typeNames,
    table.classNames,
    table.files,
    table.methods,
    table.siteFile,
    table.siteLine,
    table.siteMethod,
    table.type,
    table.className,
    table.site,
    table.count,
    table.bytes,
    // Empty: not computed.
    table.retainedBytes ?? new Float64Array(0),
  ])
}

/** Reopens what `encodeGroupTable` wrote. @throws Error when the bytes are not ours or damaged: a bug, not a user's fault. */
export function decodeGroupTable(stored: Uint8Array): GroupTable {
  const sections = unpackSections(MAGIC, [GROUP_TABLE_VERSION, 1], stored)
  const table: GroupTable = {
    typeNames: sections.strings(),
    classNames: sections.strings(),
    files: sections.strings(),
    methods: sections.strings(),
    siteFile: sections.uint32(),
    siteLine: sections.int32(),
    siteMethod: sections.uint32(),
    type: sections.uint8(),
    className: sections.uint32(),
    site: sections.uint32(),
    count: sections.uint32(),
    bytes: sections.float64(),
    groups: 0,
  }
  const groups = table.type.length
  const retained = sections.version === 1 ? undefined : sections.float64()
  return { ...table, groups, retainedBytes: retained?.length === groups && groups > 0 ? retained : undefined }
}
