import { captureTables } from '#lib/findings/capture'
import type { CaptureTables } from '#lib/findings/capture-tables'
import { decodeGenerationTable, encodeGenerationTable } from '#lib/findings/generations'
import { decodeGroupTable, encodeGroupTable } from '#lib/findings/group-table'
import { decodeIdentityTable, encodeIdentityTable } from '#lib/findings/identity-table'
import { decodeOwnerTree, encodeOwnerTree } from '#lib/findings/owner-tree'
import { captureSuspects } from '#lib/findings/run-growth'
import { decodeStackProfile, encodeStackProfile } from '#lib/findings/stack-columns'
import type { SeriesImport } from '#lib/formats/series/format'
import type { StackReading } from '#lib/formats/stack-index'
import { duplicates } from '#lib/heap/duplicates'
import { shortestPaths } from '#lib/heap/paths'
import { retention } from '#lib/heap/retention'
import { type HeapSnapshot, NO_INDEX, shallowBytesOf } from '#lib/heap/snapshot'
import { restoredHeap, storedHeap } from '#lib/heap/stored-heap'
import { HeapTotals } from '#lib/reports/heap-report'
import { stackSummary } from '#lib/reports/stack-report'
import { subtreeTotals } from '#lib/stacks/totals'
import type { Reading } from './subjects.ts'

function demand(isRight: boolean, what: string): void {
  if (!isRight) throw new Error(what)
}

/** No process has an object of more: half of what 48 bits address. */
const MAX_OBJECT_BYTES = 2 ** 47
/** Names are hostile text. What is kept of one must fit on a page. */
const MAX_NAME = 4100

/** Every index of a snapshot is in range, and all that is computed from it comes out and adds up. */
export function checkedHeap(heap: HeapSnapshot): Reading {
  const { objects, notes, references, referenceStart } = heap
  demand(objects > 0, 'a result without objects, and not a word about it')
  demand(referenceStart[0] === 0, 'references do not start at 0')
  let bytes = 0
  for (let object = 0; object < objects; object++) {
    demand(referenceStart[object]! <= referenceStart[object + 1]!, 'reference rows run backwards')
    demand(heap.className[object]! < heap.strings.count, 'class name out of range')
    demand(heap.label[object]! < heap.strings.count, 'label out of range')
    demand(heap.site[object]! < heap.sites.count, 'site out of range')
    demand(heap.type[object]! < heap.typeNames.length, 'type out of range')
    const classIndex = heap.classIndex[object]!
    demand(classIndex === NO_INDEX || classIndex < objects, 'class out of range')
    const size = shallowBytesOf(heap, object)
    demand(size >= 0 && size <= MAX_OBJECT_BYTES, `an object of ${size} bytes`)
    bytes += size
  }
  const edges = referenceStart[objects]!
  demand(edges <= references.length, 'more references than there are')
  for (let edge = 0; edge < edges; edge++)
    demand(references[edge]! < objects || references[edge] === NO_INDEX, 'reference out of range')
  if (heap.edges) checkEdges(heap, edges)
  checkRoots(heap)
  checkGraph(heap, bytes)
  const isLossSaid = notes.badLines > 0 || notes.truncatedAt !== undefined || notes.isPartial
  return { amount: objects, isLossSaid }
}

function checkEdges({ edges, strings }: HeapSnapshot, count: number): void {
  for (let edge = 0; edge < count; edge++) {
    const kind = edges!.kind[edge]! & 0x7f
    demand(kind < edges!.kindNames.length, 'kind of edge out of range')
    if (!edges!.numberedKinds.has(kind)) demand(edges!.name[edge]! < strings.count, 'edge name out of range')
  }
}

function checkRoots({ roots, objects, strings }: HeapSnapshot): void {
  for (let root = 0; root < roots.count; root++) {
    demand(roots.name[root]! < strings.count, 'root name out of range')
    demand(roots.start[root]! <= (roots.start[root + 1] ?? -1), 'root rows run backwards')
  }
  for (const to of roots.references) demand(to < objects || to === NO_INDEX, 'root reference out of range')
}

function checkGraph(heap: HeapSnapshot, bytes: number): void {
  const kept = retention(heap)
  const sum = kept.retainedBytes[0]! + kept.unreached.bytes
  demand(Math.abs(sum - bytes) <= bytes * 1e-9, `retained ${sum} of ${bytes} bytes`)
  demand(shortestPaths(heap).reached <= heap.objects, 'more objects reached than there are')
  duplicates(heap)
  checkStored(heap, kept)
  checkTables(heap, captureTables(heap, kept))
}

/** What is kept of a capture comes back as it was. */
function checkStored(heap: HeapSnapshot, kept: ReturnType<typeof retention>): void {
  const stored = storedHeap(heap, kept)
  const columns = new Map(stored.columns.map(({ name, bytes }) => [name, bytes()]))
  const back = restoredHeap(stored.header, {
    has: (name) => columns.has(name),
    bytes: (name) => columns.get(name) ?? new Uint8Array(0),
  })
  for (const object of [0, heap.objects >> 1, heap.objects - 1]) {
    demand(shallowBytesOf(back.snapshot, object) === shallowBytesOf(heap, object), 'another size, stored')
    const node = kept.firstObject + object
    const [now, then] = [back.retention.retainedBytes[node]!, kept.retainedBytes[node]!]
    demand(now === then, `retained ${now}, and ${then} before it was stored`)
  }
}

/** As lib/jobs/read-heap.ts puts them away, and as a page gets them. */
function checkTables(heap: HeapSnapshot, tables: CaptureTables): void {
  decodeGroupTable(encodeGroupTable(tables.groups))
  decodeGenerationTable(encodeGenerationTable(tables.generations))
  decodeIdentityTable(encodeIdentityTable(tables.identities))
  if (tables.owners) decodeOwnerTree(encodeOwnerTree(tables.owners))
  const { generationRange = null, truncatedAt = null, tracer = null } = tables.totals
  const nulls = { generationRange, truncatedAt, tracer }
  const totals: unknown = JSON.parse(JSON.stringify({ ...tables.totals, ...nulls }))
  HeapTotals.parse(totals)
  const names = [...tables.groups.classNames, ...tables.groups.files, ...tables.groups.methods]
  demand(
    names.every((name) => name.length <= MAX_NAME),
    'a name without an end in a table',
  )
  demand(
    (tables.owners?.names ?? []).every((name) => name.length <= MAX_NAME),
    'a name without an end in the tree',
  )
  const counted = tables.groups.count.reduce((total, count) => total + count, 0)
  demand(counted === heap.objects, `${counted} objects in groups, ${heap.objects} in all`)
  demand(
    tables.totals.remarks.every((sentence) => sentence.length < 2000),
    'a remark without an end',
  )
}

/** The tree is one, its numbers are numbers, and it survives being stored. */
export function checkedStacks({ profile, groups }: StackReading): Reading {
  const { nodes, frames, strings, measures, notes } = profile
  for (let node = 1; node < nodes.count; node++) {
    demand(nodes.parent[node]! < node, 'a child before its parent')
    demand(nodes.frame[node]! < frames.count, 'frame out of range')
  }
  for (let frame = 0; frame < frames.count; frame++)
    for (const column of [frames.name, frames.file, frames.library])
      demand(column[frame]! < strings.length, 'string out of range')
  demand(
    strings.every((text) => text.length <= 1001),
    'a name without an end',
  )
  let amount = 0
  for (const measure of measures) {
    const totals = subtreeTotals(profile, measure)
    demand(totals.every(Number.isFinite), 'a total that is no number')
    amount += Math.abs(totals[0] ?? 0)
  }
  const isLossSaid = notes.skipped > 0 || notes.truncated
  demand(nodes.count > 1 || isLossSaid || notes.facts.length > 0, 'no stack, and not a word about it')
  demand(decodeStackProfile(encodeStackProfile(profile)).nodes.count === nodes.count, 'stored, it is another')
  stackSummary(profile)
  captureSuspects(profile, 1000)
  demand(groups.count.every(Number.isFinite), 'a group without a count')
  return { amount, isLossSaid }
}

export function checkedSeries(read: SeriesImport): Reading {
  let amount = 0
  for (const { samples } of read.series) {
    demand(samples.t.length === samples.v.length, 'times without values')
    for (let at = 0; at < samples.t.length; at++)
      demand(Number.isFinite(samples.t[at]) && !Number.isNaN(samples.v[at]), 'a sample that is none')
    amount += samples.t.length
  }
  demand(amount > 0, 'a result without samples, and not a word about it')
  return { amount, isLossSaid: true }
}
