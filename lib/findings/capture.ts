import { ALLOCATION_TRACER } from '#lib/heap/class-names'
import type { Retention } from '#lib/heap/retention'
import { type HeapSnapshot, NO_GENERATION } from '#lib/heap/snapshot'
import { type TracerMemory, tracerMemory } from '#lib/heap/tracer-memory'
import { formatBytes, formatCount, formatShare } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import type { CaptureTables, CaptureTotals } from './capture-tables.ts'
import { type GenerationTable, generationTable } from './generations.ts'
import { type GroupedObjects, groupedObjects } from './groups.ts'
import { identities } from './identities.ts'
import type { IdentityTable } from './identity-table.ts'
import { ownerTree } from './owner-paths.ts'
import type { OwnerTree } from './owner-tree.ts'
import { type RetainedSums, retainedSums } from './retained-rows.ts'

/** The parts of a capture's tables that another thread can make while this one does something else. */
export interface PartialTables {
  readonly generations: GenerationTable
  readonly identities: IdentityTable
  readonly sums: RetainedSums | undefined
}

/**
 * Everything that is kept of a snapshot: totals, groups, generations, identities, and with `retention` retained sizes
 * and owners. The snapshot may be dropped afterwards. O(objects); about 25 bytes an object while it runs.
 */
export function captureTables(snapshot: HeapSnapshot, retention?: Retention): CaptureTables {
  const grouped = groupedObjects(snapshot)
  const owners = retention && ownerTree(snapshot, retention, grouped)
  const { generation, objects } = snapshot
  const { table, groupOf } = grouped
  return joinedTables(snapshot, retention, grouped, owners, {
    generations: generationTable(snapshot),
    identities: identities(snapshot, groupOf),
    sums: retention && retainedSums({ objects, generation, groupOf, retention }, table),
  })
}

/** The tables of a snapshot from their parts, wherever those were made. */
export function joinedTables(
  snapshot: HeapSnapshot,
  retention: Retention | undefined,
  { table, foldedObjects }: GroupedObjects,
  owners: OwnerTree | undefined,
  { generations, identities, sums }: PartialTables,
): CaptureTables {
  const totals = captureTotals(snapshot, foldedObjects)
  // Names of millions of objects are looked through only where a class says that there is something to find.
  const isTraced = table.classNames.includes(ALLOCATION_TRACER)
  const tracer = retention && isTraced ? tracerMemory(snapshot, retention) : undefined
  return {
    owners,
    retained: sums?.rows,
    totals: { ...totals, tracer, remarks: [...totals.remarks, ...tracerRemark(tracer)] },
    groups: { ...table, retainedBytes: sums?.groupBytes },
    generations,
    identities,
  }
}

/** Tracing itself takes memory of the heap that it looks at: said, so that nobody takes it for the program's. */
const tracerRemark = (tracer: TracerMemory | undefined): string[] =>
  tracer === undefined
    ? []
    : [
        `Allocation tracing itself takes ${formatBytes(bytes(tracer.retainedBytes))} of this heap: it comes with tracing and is not the program's.`,
      ]

/** The numbers at the top of a capture's page. O(objects). */
export function captureTotals(snapshot: HeapSnapshot, foldedObjects = 0): CaptureTotals {
  const { objects, site, generation, shallowBytes, notes } = snapshot
  let total = 0
  let traced = 0
  let first = Number.POSITIVE_INFINITY
  let last = NO_GENERATION
  for (let object = 0; object < objects; object++) {
    total += shallowBytes[object]!
    const born = generation[object]!
    if (site[object] !== 0 || born !== NO_GENERATION) traced++
    if (born === NO_GENERATION) continue
    if (born < first) first = born
    if (born > last) last = born
  }
  for (const exact of snapshot.hugeBytes.values()) total += exact - 0xffffffff
  const tracedShare = objects === 0 ? 0 : traced / objects
  return {
    objects,
    shallowBytes: total,
    references: snapshot.referenceStart[objects]! + snapshot.roots.references.length,
    danglingReferences: notes.danglingReferences,
    rootCategories: snapshot.roots.count,
    rootReferences: snapshot.roots.references.length,
    tracedShare,
    tracedObjects: traced,
    siteKind: snapshot.siteKind ?? 'allocation',
    tracer: undefined,
    generationRange: last === NO_GENERATION ? undefined : [first, last],
    bytesRead: notes.bytesRead,
    lines: notes.lines,
    badLines: notes.badLines,
    badLineOffsets: notes.badLineOffsets,
    truncatedAt: notes.truncatedAt,
    freeSlots: notes.freeSlots,
    shapes: notes.shapes,
    shapeBytes: notes.shapeBytes,
    repeatedAddresses: notes.repeatedAddresses,
    unplacedObjects: notes.unplacedObjects,
    isPartial: notes.isPartial,
    producer: snapshot.producer,
    producerHints: notes.producerHints,
    remarks: remarks(snapshot, tracedShare, foldedObjects),
  }
}

/** How to get allocation sites next time, by who wrote the dump. */
const TRACING_ADVICE: ReadonlyMap<string, string> = new Map([
  ['ruby-objspace', ' Call ObjectSpace.trace_object_allocations_start at boot to get them.'],
  ['v8-heapsnapshot', ' Record an allocation timeline (.heaptimeline) to get them.'],
  ['memprof', ' Call Memprof.start at boot to get them.'],
])

/** One sentence for each thing that limits what the tables can tell. */
function remarks(snapshot: HeapSnapshot, tracedShare: number, foldedObjects: number): string[] {
  const { notes, objects } = snapshot
  const sentences: string[] = []
  if (notes.truncatedAt !== undefined)
    sentences.push(
      `The file stops in the middle of a line, after ${formatBytes(bytes(notes.truncatedAt))}: what came later is missing here.`,
    )
  if (notes.badLines > 0)
    sentences.push(
      `${formatCount(notes.badLines)} of ${formatCount(notes.lines)} lines could not be read and are left out.`,
    )
  if (notes.isPartial)
    sentences.push(
      `There are no GC roots in this dump${snapshot.producer === 'ruby-objspace' ? ' (written with since:, or cut)' : ''}: it holds a part of the heap, so counts are no totals and nothing says what keeps objects alive.`,
    )
  if (tracedShare === 0)
    sentences.push(
      `Allocation tracing was off: there are no allocation sites.${TRACING_ADVICE.get(snapshot.producer) ?? ''}`,
    )
  else if (tracedShare < 0.9 && snapshot.siteKind !== 'definition')
    sentences.push(
      `Allocation sites are known for ${formatShare(tracedShare)} of the objects; the others were made before tracing was on.`,
    )
  if (notes.repeatedAddresses > 0)
    sentences.push(
      `${formatCount(notes.repeatedAddresses)} addresses occur more than once: two dumps may have been written into one file.`,
    )
  if (notes.unplacedObjects > 0)
    sentences.push(
      `${formatCount(notes.unplacedObjects)} of ${formatCount(objects)} objects are counted but not linked: the addresses are spread too widely.`,
    )
  if (foldedObjects > 0)
    sentences.push(
      `${formatCount(foldedObjects)} objects of the smallest kinds are folded into one row per type: there are too many groups.`,
    )
  sentences.push(...(notes.remarks ?? []))
  return sentences
}
