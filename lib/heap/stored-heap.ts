import {
  byPlace,
  fromDifferences,
  fromLengths,
  fromPlaces,
  fromResiduals,
  fromRowDistances,
  fromWideDifferences,
  toDifferences,
  toLengths,
  toResiduals,
  toRowDistances,
  toWideDifferences,
} from './columns-form.ts'
import { withLazy } from './lazy.ts'
import { restoredRetention } from './restored-retention.ts'
import type { Retention } from './retention.ts'
import { SlotTable } from './slots.ts'
import type { EdgeDetails, HeapSnapshot, ReadingNotes } from './snapshot.ts'
import { fromStoredDominators, type StoredDominators, toStoredDominators } from './stored-dominators.ts'
import { fromStoredHashes, toStoredHashes } from './stored-hashes.ts'
import { storedStrings, usedStrings } from './stored-strings.ts'

/** Raised whenever a column or its form changes: older files are then read again from the capture. */
export const STORED_HEAP_VERSION = 2

/** The part of a stored heap that is no column: plain JSON. */
export interface StoredHeapHeader {
  readonly producer: string
  readonly objects: number
  readonly references: number
  readonly typeNames: readonly string[]
  readonly keyKind: HeapSnapshot['keyKind']
  readonly orphans: 'apart' | 'under-root'
  readonly siteKind: 'allocation' | 'definition'
  readonly sites: number
  readonly strings: number
  readonly roots: number
  readonly edges: { readonly kindNames: readonly string[]; readonly numberedKinds: readonly number[] } | null
  readonly notes: ReadingNotes
  readonly reached: number
  readonly unreached: Retention['unreached']
}

/** One column in the form in which it packs well. Made when it is called, so that not all exist at once. */
export interface StoredColumn {
  readonly name: string
  /** Looking for repeated bytes packs it better, and faster, than looking for repeated sequences. */
  readonly hasRuns?: boolean
  bytes(): Uint8Array
}

/** A snapshot and its retention as a header and columns. */
export function storedHeap(
  snapshot: HeapSnapshot,
  retention: Retention,
): { readonly header: StoredHeapHeader; readonly columns: readonly StoredColumn[] } {
  const { objects, roots, sites, edges, notes } = snapshot
  const references = snapshot.referenceStart[objects]!
  const header: StoredHeapHeader = {
    producer: snapshot.producer,
    objects,
    references,
    typeNames: snapshot.typeNames,
    keyKind: snapshot.keyKind,
    orphans: snapshot.orphans ?? 'apart',
    siteKind: snapshot.siteKind ?? 'allocation',
    sites: sites.count,
    strings: snapshot.strings.count,
    roots: roots.count,
    edges: edges ? { kindNames: edges.kindNames, numberedKinds: [...edges.numberedKinds] } : null,
    notes,
    reached: retention.reached,
    unreached: retention.unreached,
  }
  const used = (column: Uint32Array): Uint32Array => column.subarray(0, objects)
  const huge = [...snapshot.hugeBytes]
  const strings = usedStrings(snapshot)
  let madeDominators: StoredDominators | undefined
  const dominators = () => {
    madeDominators ??= toStoredDominators(snapshot, retention.idom)
    return madeDominators
  }
  const { valueHash, elements } = snapshot
  const columns: StoredColumn[] = [
    // What takes longest to pack comes first: it is packed while the tables are computed.
    { name: 'classIndex', hasRuns: true, bytes: () => byPlace(used(snapshot.classIndex)) },
    {
      name: 'references',
      bytes: () => byPlace(toRowDistances(snapshot.referenceStart, objects, snapshot.references)),
    },
    { name: 'lineOffset', bytes: () => wide(snapshot.lineOffset.subarray(0, objects)) },
    { name: 'type', bytes: () => snapshot.type.subarray(0, objects) },
    { name: 'flags', hasRuns: true, bytes: () => snapshot.flags.subarray(0, objects) },
    { name: 'shallowBytes', hasRuns: true, bytes: () => byPlace(used(snapshot.shallowBytes)) },
    { name: 'hugeObjects', bytes: () => byPlace(Uint32Array.from(huge, ([object]) => object)) },
    { name: 'hugeBytes', bytes: () => wide(Float64Array.from(huge, ([, bytes]) => bytes)) },
    {
      name: 'generation',
      hasRuns: true,
      bytes: () => byPlace(unsigned(snapshot.generation.subarray(0, objects))),
    },
    { name: 'site', bytes: () => byPlace(used(snapshot.site)) },
    { name: 'siteFile', bytes: () => byPlace(sites.file.subarray(0, sites.count)) },
    { name: 'siteLine', bytes: () => byPlace(unsigned(sites.line.subarray(0, sites.count))) },
    { name: 'siteMethod', bytes: () => byPlace(sites.method.subarray(0, sites.count)) },
    { name: 'stringLengths', bytes: () => byPlace(strings.lengths()) },
    { name: 'stringBytes', bytes: () => strings.bytes() },
    {
      name: 'className',
      hasRuns: true,
      bytes: () => byPlace(toResiduals(used(snapshot.className), snapshot.classIndex, objects)),
    },
    { name: 'label', hasRuns: true, bytes: () => byPlace(used(snapshot.label)) },
    { name: 'degree', hasRuns: true, bytes: () => byPlace(toLengths(snapshot.referenceStart, objects)) },
    { name: 'rootName', bytes: () => byPlace(roots.name.subarray(0, roots.count)) },
    { name: 'rootDegree', bytes: () => byPlace(toLengths(roots.start, roots.count)) },
    { name: 'rootReferences', bytes: () => byPlace(roots.references) },
    { name: 'slot', hasRuns: true, bytes: () => byPlace(toDifferences(used(snapshot.slot))) },
    { name: 'slotPages', bytes: () => byPlace(snapshot.slots.allKeys()) },
    { name: 'idomEdge', bytes: () => dominators().edge },
    { name: 'idomElsewhere', bytes: () => byPlace(toDifferences(dominators().elsewhere)) },
  ]
  const { isConservative } = roots
  if (isConservative) columns.push({ name: 'rootIsConservative', bytes: () => isConservative })
  if (valueHash)
    columns.push({
      name: 'valueHash',
      hasRuns: true,
      bytes: () => byPlace(toStoredHashes(used(valueHash), snapshot.shallowBytes)),
    })
  if (elements) columns.push({ name: 'elements', hasRuns: true, bytes: () => byPlace(used(elements)) })
  if (edges) {
    columns.push({ name: 'edgeKind', bytes: () => edges.kind.subarray(0, references) })
    columns.push({ name: 'edgeName', bytes: () => byPlace(edges.name.subarray(0, references)) })
  }
  return { header, columns }
}

/** Gives the bytes of columns back. */
export interface StoredColumns {
  has(name: string): boolean
  /** @throws Error when there is no such column. */
  readonly bytes: (name: string) => Uint8Array
}

/**
 * The snapshot and its retention. Columns are unpacked when they are first read: most questions need few of them.
 * Strings that nothing in the snapshot refers to are empty, and
 * `valueHash` tells equal texts from different ones, but is no hash any more: only within this snapshot.
 * @throws Error, now or at the first use of a column, when columns and header do not belong together.
 */
export function restoredHeap(
  header: StoredHeapHeader,
  columns: StoredColumns,
): { readonly snapshot: HeapSnapshot; readonly retention: Retention } {
  const { objects, references, roots } = header
  const plain = (name: string, length: number): Uint8Array => {
    const bytes = columns.bytes(name)
    if (bytes.length !== length) throw new Error(`column ${name} has ${bytes.length} bytes, not ${length}`)
    return bytes
  }
  const words = (name: string, count: number): Uint32Array<ArrayBuffer> => fromPlaces(plain(name, count * 4))
  const any = columns.bytes

  const edges: EdgeDetails | undefined = header.edges
    ? withLazy(
        { kindNames: header.edges.kindNames, numberedKinds: new Set(header.edges.numberedKinds) },
        { kind: () => plain('edgeKind', references), name: () => words('edgeName', references) },
      )
    : undefined
  const snapshot: HeapSnapshot = withLazy(
    {
      producer: header.producer,
      objects,
      typeNames: header.typeNames,
      keyKind: header.keyKind,
      orphans: header.orphans,
      siteKind: header.siteKind,
      notes: header.notes,
      edges,
    },
    {
      type: () => plain('type', objects),
      flags: () => plain('flags', objects),
      shallowBytes: () => words('shallowBytes', objects),
      hugeBytes: () => {
        const sizes = fromWideDifferences(fromPlaces(any('hugeBytes')))
        return new Map(Array.from(words('hugeObjects', sizes.length), (object, i) => [object, sizes[i]!]))
      },
      generation: () => signed(words('generation', objects)),
      site: () => words('site', objects),
      sites: () => ({
        count: header.sites,
        file: words('siteFile', header.sites),
        line: signed(words('siteLine', header.sites)),
        method: words('siteMethod', header.sites),
      }),
      strings: () => storedStrings(words('stringLengths', header.strings), any('stringBytes')),
      classIndex: () => words('classIndex', objects),
      className: () => {
        const names = words('className', objects)
        fromResiduals(names, snapshot.classIndex, objects)
        return names
      },
      label: () => words('label', objects),
      lineOffset: () => fromWideDifferences(words('lineOffset', objects * 2)),
      valueHash: () => {
        if (!columns.has('valueHash')) return undefined
        const hashes = words('valueHash', objects)
        fromStoredHashes(hashes)
        return hashes
      },
      elements: () => (columns.has('elements') ? words('elements', objects) : undefined),
      referenceStart: () => {
        const start = fromLengths(words('degree', objects))
        if (start[objects] !== references) throw new Error('rows and references do not belong together')
        return start
      },
      references: () => {
        const targets = words('references', references)
        fromRowDistances(snapshot.referenceStart, objects, targets)
        return targets
      },
      roots: () => {
        const start = fromLengths(words('rootDegree', roots))
        return {
          count: roots,
          name: words('rootName', roots),
          start,
          references: words('rootReferences', start[roots]!),
          isConservative: columns.has('rootIsConservative') ? columns.bytes('rootIsConservative') : undefined,
        }
      },
      slot: () => {
        const slots = words('slot', objects)
        fromDifferences(slots)
        return slots
      },
      slots: () => SlotTable.of(fromPlaces(any('slotPages'))),
    },
  )
  const idom = () => {
    const elsewhere = fromPlaces(any('idomElsewhere'))
    fromDifferences(elsewhere)
    return fromStoredDominators(snapshot, { edge: plain('idomEdge', objects), elsewhere })
  }
  return { snapshot, retention: retentionOf(header, snapshot, idom) }
}

function retentionOf(header: StoredHeapHeader, snapshot: HeapSnapshot, idom: () => Uint32Array): Retention {
  const firstObject = 1 + header.roots
  const nodes = firstObject + header.objects
  let made: ReturnType<typeof restoredRetention> | undefined
  const rest = () => {
    made ??= restoredRetention(retention, snapshot.shallowBytes, snapshot.hugeBytes)
    return made
  }
  const retention: Retention = withLazy(
    { nodes, firstObject, reached: header.reached, unreached: header.unreached },
    {
      idom,
      retainedBytes: () => rest().retainedBytes,
      retainedObjects: () => rest().retainedObjects,
      order: () => rest().order,
      rank: () => rest().rank,
    },
  )
  return retention
}

const wide = (column: Float64Array): Uint8Array => byPlace(toWideDifferences(column))
const unsigned = (column: Int32Array): Uint32Array =>
  new Uint32Array(column.buffer, column.byteOffset, column.length)
const signed = (column: Uint32Array): Int32Array =>
  new Int32Array(column.buffer, column.byteOffset, column.length)
