import { sharedUint32 } from '#lib/heap/shared'
import { type HeapSnapshot, shallowBytesOf } from '#lib/heap/snapshot'
import type { GroupTable } from './group-table.ts'

/** More groups than this and further ones are folded: a stored table has to stay small whatever the file holds. */
export const MAX_GROUPS = 200_000
/** Class name of folded groups. */
export const FOLDED_CLASS = '(too many groups, folded)'

/** A capture's groups and, per object, the group it is in. */
export interface GroupedObjects {
  readonly table: GroupTable
  /** Group index of each object. */
  readonly groupOf: Uint32Array
  /** Objects that were folded because there are too many groups. */
  readonly foldedObjects: number
}

/** What groups are made of. Plain columns: another thread may do it. */
export type GroupedColumns = Pick<
  HeapSnapshot,
  'objects' | 'type' | 'className' | 'site' | 'shallowBytes' | 'hugeBytes'
> & {
  /** How many types there are. */
  readonly types: number
}

/** Groups without their names: the numbers that the snapshot has for classes and sites, one entry a group. */
export interface NumberedGroups extends Omit<GroupedObjects, 'table'> {
  readonly groups: number
  readonly type: Uint8Array
  /** FOLDED for folded groups. */
  readonly className: Uint32Array
  readonly site: Uint32Array
  readonly count: Uint32Array
  readonly bytes: Float64Array
}

/**
 * Groups a snapshot by type × class × site, largest in bytes first (ties: by count, then as found).
 * O(objects + groups log groups); 4 bytes an object.
 */
export function groupedObjects(snapshot: HeapSnapshot, maxGroups = MAX_GROUPS): GroupedObjects {
  return namedGroups(snapshot, numberedGroups(columnsOf(snapshot), maxGroups))
}

/** The columns of a snapshot that groups are made of. */
export function columnsOf(snapshot: HeapSnapshot): GroupedColumns {
  const { objects, type, className, site, shallowBytes, hugeBytes, typeNames } = snapshot
  return { objects, type, className, site, shallowBytes, hugeBytes, types: typeNames.length }
}

/** As `groupedObjects`, without the names. */
export function numberedGroups(columns: GroupedColumns, maxGroups = MAX_GROUPS): NumberedGroups {
  const { objects, type, className, site, shallowBytes } = columns
  const keys = new GroupKeys(maxGroups, columns.types)
  const groupOf = sharedUint32(objects)
  let bytes = new Float64Array(1024)
  let count = new Uint32Array(1024)
  let foldedObjects = 0
  let lastType = -1
  let lastClass = -1
  let lastSite = -1
  let group = 0
  for (let object = 0; object < objects; object++) {
    // Neighbours are often alike: then nothing is looked up.
    if (className[object] !== lastClass || site[object] !== lastSite || type[object] !== lastType) {
      lastType = type[object]!
      lastClass = className[object]!
      lastSite = site[object]!
      group = keys.group(lastType, lastClass, lastSite)
      if (group >= bytes.length) {
        bytes = doubled(bytes, new Float64Array(bytes.length * 2))
        count = doubled(count, new Uint32Array(count.length * 2))
      }
    }
    if (group >= maxGroups) foldedObjects++
    groupOf[object] = group
    count[group]!++
    const size = shallowBytes[object]!
    bytes[group]! += size === 0xffffffff ? shallowBytesOf(columns, object) : size
  }
  return { ...bySize(keys, count, bytes, groupOf), groupOf, foldedObjects }
}

/** Renumbers groups by size. Rewrites `groupOf`. */
function bySize(
  keys: GroupKeys,
  count: Uint32Array,
  bytes: Float64Array,
  groupOf: Uint32Array,
): Omit<NumberedGroups, 'groupOf' | 'foldedObjects'> {
  const groups = keys.count
  const order = Uint32Array.from({ length: groups }, (_, group) => group)
  order.sort((a, b) => bytes[b]! - bytes[a]! || count[b]! - count[a]! || a - b)
  const rank = new Uint32Array(groups)
  for (let place = 0; place < groups; place++) rank[order[place]!] = place
  for (let object = 0; object < groupOf.length; object++) groupOf[object] = rank[groupOf[object]!]!
  return {
    groups,
    type: Uint8Array.from(order, (group) => keys.type[group]!),
    className: order.map((group) => keys.className[group]!),
    site: order.map((group) => keys.site[group]!),
    count: order.map((group) => count[group]!),
    bytes: Float64Array.from(order, (group) => bytes[group]!),
  }
}

/** Gives groups the names of their classes and sites; only strings and sites that they use are kept. O(groups). */
export function namedGroups(snapshot: HeapSnapshot, numbered: NumberedGroups): GroupedObjects {
  const { groups, type, className, count, bytes, groupOf, foldedObjects } = numbered
  const classes = new TextDictionary()
  const files = new TextDictionary()
  const methods = new TextDictionary()
  files.add('')
  methods.add('')
  const text = (id: number): string => shortened(snapshot.strings.text(id))
  const siteNumber = new Map<number, number>([[0, 0]])
  const siteOf = new Uint32Array(groups)
  const names = new Uint32Array(groups)
  for (let group = 0; group < groups; group++) {
    const site = numbered.site[group]!
    const number = siteNumber.get(site) ?? siteNumber.size
    siteNumber.set(site, number)
    siteOf[group] = number
    names[group] =
      className[group] === FOLDED ? classes.add(FOLDED_CLASS) : classes.addId(className[group]!, text)
  }
  const sites = [...siteNumber.keys()]
  const table: GroupTable = {
    groups,
    typeNames: snapshot.typeNames,
    type,
    className: names,
    site: siteOf,
    count,
    bytes,
    siteFile: Uint32Array.from(sites, (site) => files.addId(snapshot.sites.file[site]!, text)),
    siteLine: Int32Array.from(sites, (site) => snapshot.sites.line[site]!),
    siteMethod: Uint32Array.from(sites, (site) => methods.addId(snapshot.sites.method[site]!, text)),
    classNames: classes.texts,
    files: files.texts,
    methods: methods.texts,
  }
  return { table, groupOf, foldedObjects }
}

const FOLDED = 0xffffffff

/** Numbers (type, class, site) keys; past `max` one group per type takes the rest. Open addressing. */
class GroupKeys {
  type = new Uint8Array(1024)
  className = new Uint32Array(1024)
  site = new Uint32Array(1024)
  count = 0
  private readonly max: number
  /** Folded group by type, −1 = none yet. */
  private readonly folded: Int32Array
  /** Group + 1. */
  private buckets = new Uint32Array(4096)

  constructor(max: number, types: number) {
    this.max = max
    this.folded = new Int32Array(types).fill(-1)
  }

  group(type: number, className: number, site: number): number {
    const mask = this.buckets.length - 1
    let bucket = hashOf(type, className, site) & mask
    for (;;) {
      const group = this.buckets[bucket]! - 1
      if (group < 0) break
      if (this.className[group] === className && this.site[group] === site && this.type[group] === type)
        return group
      bucket = (bucket + 1) & mask
    }
    if (this.count >= this.max) return this.foldedGroup(type)
    const group = this.append(type, className, site)
    this.buckets[bucket] = group + 1
    if (this.count * 2 > this.buckets.length) this.rehash()
    return group
  }

  private foldedGroup(type: number): number {
    if (this.folded[type] === -1) this.folded[type] = this.append(type, FOLDED, 0)
    return this.folded[type]!
  }

  private append(type: number, className: number, site: number): number {
    const group = this.count++
    if (group >= this.type.length) {
      this.type = doubled(this.type, new Uint8Array(this.type.length * 2))
      this.className = doubled(this.className, new Uint32Array(this.className.length * 2))
      this.site = doubled(this.site, new Uint32Array(this.site.length * 2))
    }
    this.type[group] = type
    this.className[group] = className
    this.site[group] = site
    return group
  }

  private rehash(): void {
    const buckets = new Uint32Array(this.buckets.length * 2)
    const mask = buckets.length - 1
    for (let group = 0; group < this.count; group++) {
      let bucket = hashOf(this.type[group]!, this.className[group]!, this.site[group]!) & mask
      while (buckets[bucket] !== 0) bucket = (bucket + 1) & mask
      buckets[bucket] = group + 1
    }
    this.buckets = buckets
  }
}

/** Texts in order of first use. Two string indexes may have one text (bytes that are not UTF-8): they share an entry. */
class TextDictionary {
  readonly texts: string[] = []
  private readonly byText = new Map<string, number>()
  private readonly byId = new Map<number, number>()

  add(text: string): number {
    const known = this.byText.get(text)
    if (known !== undefined) return known
    this.byText.set(text, this.texts.length)
    return this.texts.push(text) - 1
  }

  addId(id: number, textOf: (id: number) => string): number {
    const known = this.byId.get(id)
    if (known !== undefined) return known
    const index = this.add(textOf(id))
    this.byId.set(id, index)
    return index
  }
}

function hashOf(type: number, className: number, site: number): number {
  let hash = Math.imul(className, 0x9e3779b1) ^ Math.imul(site, 0x85ebca6b) ^ Math.imul(type, 0xc2b2ae35)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x27d4eb2f)
  return (hash ^ (hash >>> 13)) >>> 0
}

function doubled<A extends { set(from: A): void }>(from: A, to: A): A {
  to.set(from)
  return to
}

/** Names are hostile text: a table keeps the beginning of a long one. */
const MAX_NAME = 1000
const shortened = (text: string): string => (text.length > MAX_NAME ? `${text.slice(0, MAX_NAME)}…` : text)
