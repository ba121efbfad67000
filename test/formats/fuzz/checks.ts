import { captureTables } from '#lib/findings/capture'
import { decodeStackProfile, encodeStackProfile } from '#lib/findings/stack-columns'
import type { SeriesImport } from '#lib/formats/series/format'
import type { StackReading } from '#lib/formats/stack-index'
import { duplicates } from '#lib/heap/duplicates'
import { shortestPaths } from '#lib/heap/paths'
import { retention } from '#lib/heap/retention'
import { type HeapSnapshot, NO_INDEX, shallowBytesOf } from '#lib/heap/snapshot'
import { stackSummary } from '#lib/reports/stack-report'
import { stackSuspects } from '#lib/stacks/suspects'
import { subtreeTotals } from '#lib/stacks/totals'
import type { Reading } from './subjects.ts'

function demand(isRight: boolean, what: string): void {
  if (!isRight) throw new Error(what)
}

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
    bytes += shallowBytesOf(heap, object)
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
  const tables = captureTables(heap, kept)
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
  stackSuspects(profile, 1000)
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
