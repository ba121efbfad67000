import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { type GroupedObjects, groupedObjects } from '#lib/findings/groups'
import type { OwnerTree } from '#lib/findings/owner-tree'
import { duplicates, sitesOfDuplicates } from '#lib/heap/duplicates'
import { retainedByGroup } from '#lib/heap/retained-groups'
import type { Retention } from '#lib/heap/retention'
import { NO_SLOT } from '#lib/heap/slots'
import { type HeapSnapshot, NO_GENERATION, NO_INDEX, OBJECT_FLAGS, shallowBytesOf } from '#lib/heap/snapshot'
import { isLabelAValue } from '#lib/questions/object-line'
import { ownerPaths } from './owner-path-texts.ts'
import { distinctWords, type RawColumn, type RawTable, writeParquet } from './parquet.ts'
import { sequence } from './sequence.ts'

/** A heap capture, opened. */
export interface HeapSource {
  readonly snapshot: HeapSnapshot
  readonly retention: Retention
  readonly owners: OwnerTree
}

/** Rows of `duplicates`: those that waste most. */
const MAX_DUPLICATES = 100_000

/**
 * Writes the tables of a heap capture, `refs` excepted, as <table>.parquet. Texts that the program kept (string values)
 * are not among them, nor is anything from which they could be computed. O(objects): some 3 s for 2.1 M.
 */
export async function exportHeap(to: DuckDBConnection, source: HeapSource, folder: string): Promise<void> {
  const { snapshot, retention, owners } = source
  const grouped = groupedObjects(snapshot)
  const write = (table: string, raw: RawTable, select: string) =>
    writeParquet(to, join(folder, `${table}.parquet`), raw, select)
  await write('objects', objectsTable(snapshot, retention, grouped), OBJECTS)
  await write('groups', groupsTable(grouped, retention), GROUPS)
  await write('owners', ownersTable(owners), OWNERS)
  await write('duplicates', duplicatesTable(snapshot), DUPLICATES)
  await write('roots', rootsTable(snapshot), 'category, object')
}

const NONE = String(NO_INDEX)
const SITE = `nullif(file, '') AS file, nullif(line, 0) AS line, nullif(method, '') AS method`

const OBJECTS = `object, CASE WHEN address < 0 THEN NULL WHEN by_id THEN '@' || (address / 8)::UBIGINT ELSE printf('0x%x', address::BIGINT) END AS key,
  type, class, nullif(label, '') AS label, ${SITE}, nullif(generation, ${NO_GENERATION}) AS generation,
  shallow_bytes::BIGINT AS shallow_bytes,
  CASE WHEN depth > 0 THEN retained_bytes::BIGINT END AS retained_bytes,
  CASE WHEN depth > 0 THEN retained_objects END AS retained_objects,
  nullif(dominator, ${NONE}) AS dominator, nullif(depth, 0) AS dominator_depth, reference_count,
  nullif(class_object, ${NONE}) AS class_object, group_id,
  (flags & ${OBJECT_FLAGS.frozen}) <> 0 AS frozen, (flags & ${OBJECT_FLAGS.shared}) <> 0 AS shared,
  (flags & ${OBJECT_FLAGS.embedded}) <> 0 AS embedded, (flags & ${OBJECT_FLAGS.old}) <> 0 AS old`

function objectsTable(snapshot: HeapSnapshot, retention: Retention, { groupOf }: GroupedObjects): RawTable {
  const { objects, hugeBytes } = snapshot
  const { firstObject } = retention
  const text = (id: number) => snapshot.strings.text(id)
  const named = (name: string, ids: ArrayLike<number>): RawColumn => ({
    name,
    ...distinctWords(objects, text, ids, snapshot.strings.count),
  })
  const { dominator, depth } = aboveObjects(snapshot, retention)
  const bySite = siteColumns(snapshot, snapshot.site, objects)
  const shallow =
    hugeBytes.size === 0
      ? snapshot.shallowBytes
      : Float64Array.from({ length: objects }, (_, object) => shallowBytesOf(snapshot, object))
  return {
    rows: objects,
    columns: [
      { name: 'object', values: sequence(objects) },
      { name: 'address', values: addresses(snapshot) },
      { name: 'by_id', values: new Uint8Array(objects).fill(snapshot.keyKind === 'id' ? 1 : 0) },
      {
        name: 'type',
        values: Uint32Array.from(snapshot.type.subarray(0, objects)),
        words: snapshot.typeNames,
      },
      named('class', snapshot.className),
      named('label', labels(snapshot)),
      ...bySite,
      { name: 'generation', values: snapshot.generation },
      { name: 'shallow_bytes', values: shallow },
      { name: 'retained_bytes', values: retention.retainedBytes.subarray(firstObject) },
      { name: 'retained_objects', values: retention.retainedObjects.subarray(firstObject) },
      { name: 'dominator', values: dominator },
      { name: 'depth', values: depth },
      { name: 'reference_count', values: referenceCounts(snapshot) },
      { name: 'class_object', values: snapshot.classIndex },
      { name: 'group_id', values: groupOf },
      { name: 'flags', values: snapshot.flags },
    ],
  }
}

/** What the dump calls objects; nothing where that is a value of the program (V8 names a string by its text). */
function labels(snapshot: HeapSnapshot): Uint32Array {
  const label = snapshot.label.slice(0, snapshot.objects)
  for (let object = 0; object < label.length; object++)
    if (label[object] !== 0 && isLabelAValue(snapshot, object)) label[object] = 0
  return label
}

/** By object: the one that dominates it (NO_INDEX for none), and steps from the roots; 0 is "no root reaches it". */
function aboveObjects({ objects }: HeapSnapshot, { idom, order, reached, firstObject }: Retention) {
  const dominator = new Uint32Array(objects).fill(NO_INDEX)
  const depth = new Uint32Array(objects)
  for (let at = 0; at < reached; at++) {
    const node = order[at]!
    if (node < firstObject) continue
    const object = node - firstObject
    const above = idom[node]!
    depth[object] = 1
    if (above === NO_INDEX || above < firstObject) continue
    dominator[object] = above - firstObject
    depth[object] = depth[above - firstObject]! + 1
  }
  return { dominator, depth }
}

/** Addresses are below 2⁵³; -1 is none. */
function addresses({ objects, slot, slots }: HeapSnapshot): Float64Array {
  const values = new Float64Array(objects)
  for (let object = 0; object < objects; object++) {
    const at = slot[object]!
    values[object] = at === NO_SLOT ? -1 : slots.address(at)
  }
  return values
}

function referenceCounts({ objects, referenceStart }: HeapSnapshot): Uint32Array {
  const counts = new Uint32Array(objects)
  for (let object = 0; object < objects; object++)
    counts[object] = referenceStart[object + 1]! - referenceStart[object]!
  return counts
}

/** File, line and method of sites, one row per entry of `site`. */
function siteColumns(snapshot: HeapSnapshot, site: ArrayLike<number>, rows: number): RawColumn[] {
  const { sites, strings } = snapshot
  const file = new Uint32Array(rows)
  const method = new Uint32Array(rows)
  const line = new Int32Array(rows)
  for (let row = 0; row < rows; row++) {
    const at = site[row]!
    file[row] = sites.file[at]!
    method[row] = sites.method[at]!
    line[row] = sites.line[at]!
  }
  const text = (id: number) => strings.text(id)
  return [
    { name: 'file', ...distinctWords(rows, text, file, strings.count) },
    { name: 'line', values: line },
    { name: 'method', ...distinctWords(rows, text, method, strings.count) },
  ]
}

const GROUPS = `group_id, type, class, ${SITE}, objects, shallow_bytes::BIGINT AS shallow_bytes, retained_bytes::BIGINT AS retained_bytes`

function groupsTable({ table, groupOf }: GroupedObjects, retention: Retention): RawTable {
  const rows = table.groups
  const retained = retainedByGroup(retention, groupOf, rows)
  const at = (column: ArrayLike<number>) => Uint32Array.from(table.site, (site) => column[site]!)
  return {
    rows,
    columns: [
      { name: 'group_id', values: sequence(rows) },
      { name: 'type', values: Uint32Array.from(table.type), words: table.typeNames },
      { name: 'class', values: table.className, words: table.classNames },
      { name: 'file', values: at(table.siteFile), words: table.files },
      { name: 'line', values: Int32Array.from(table.site, (site) => table.siteLine[site]!) },
      { name: 'method', values: at(table.siteMethod), words: table.methods },
      { name: 'objects', values: table.count },
      { name: 'shallow_bytes', values: table.bytes },
      { name: 'retained_bytes', values: retained.bytes },
    ],
  }
}

const OWNERS = `path_id, CASE WHEN path_id > 0 THEN parent_id END AS parent_id, path, name, nullif(edge, '') AS edge, depth,
  objects::BIGINT AS objects, shallow_bytes::BIGINT AS shallow_bytes, retained_bytes::BIGINT AS retained_bytes,
  retained_objects::BIGINT AS retained_objects, nullif(example_object, ${NONE}) AS example_object`

function ownersTable(owners: OwnerTree): RawTable {
  const { paths: rows, names } = owners
  const { texts, depth } = ownerPaths(owners)
  return {
    rows,
    columns: [
      { name: 'path_id', values: sequence(rows) },
      { name: 'parent_id', values: owners.parent },
      { name: 'path', values: sequence(rows), words: texts },
      { name: 'name', values: owners.name, words: names },
      {
        name: 'edge',
        ...distinctWords(rows, (id) => (id === 0 ? '' : names[id]!), owners.edge, names.length),
      },
      { name: 'depth', values: depth },
      { name: 'objects', values: owners.count },
      { name: 'shallow_bytes', values: owners.shallowBytes },
      { name: 'retained_bytes', values: owners.retainedBytes },
      { name: 'retained_objects', values: owners.retainedObjects },
      { name: 'example_object', values: owners.example },
    ],
  }
}

const DUPLICATES = `class, copies, bytes_each::BIGINT AS bytes_each, wasted_bytes::BIGINT AS wasted_bytes, example_object,
  nullif(file, '') AS file, nullif(line, 0) AS line`

function duplicatesTable(snapshot: HeapSnapshot): RawTable {
  const found = duplicates(snapshot)
  const rows = Math.min(found?.texts ?? 0, MAX_DUPLICATES)
  const example = found?.example.subarray(0, rows) ?? new Uint32Array(0)
  const count = found?.count.subarray(0, rows) ?? new Uint32Array(0)
  const each = found?.bytesEach.subarray(0, rows) ?? new Float64Array(0)
  const site = sitesOfDuplicates(snapshot, [...example])
  const classes = Uint32Array.from(example, (object) => snapshot.className[object]!)
  const [file, line] = siteColumns(snapshot, site, rows)
  return {
    rows,
    columns: [
      {
        name: 'class',
        ...distinctWords(rows, (id) => snapshot.strings.text(id), classes, snapshot.strings.count),
      },
      { name: 'copies', values: count },
      { name: 'bytes_each', values: each },
      { name: 'wasted_bytes', values: Float64Array.from(each, (size, row) => size * (count[row]! - 1)) },
      { name: 'example_object', values: example },
      ...[file, line].flatMap((column) => column ?? []),
    ],
  }
}

function rootsTable({ roots, strings }: HeapSnapshot): RawTable {
  const rows = roots.start[roots.count] ?? 0
  const names = new Uint32Array(rows)
  for (let category = 0; category < roots.count; category++)
    names.fill(roots.name[category]!, roots.start[category]!, roots.start[category + 1]!)
  return {
    rows,
    columns: [
      { name: 'category', ...distinctWords(rows, (id) => strings.text(id), names, strings.count) },
      { name: 'object', values: roots.references },
    ],
  }
}
