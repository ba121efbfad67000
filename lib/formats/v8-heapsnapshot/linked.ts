import { NO_SLOT } from '#lib/heap/slots'
import { type HeapSnapshot, NO_INDEX, type ReadingNotes } from '#lib/heap/snapshot'
import { nodeNames } from './class-names.ts'
import { spreadDetachedness } from './detached.ts'
import type { EdgeRows } from './edge-rows.ts'
import { damaged, type Header } from './header.ts'
import type { Locations } from './locations.ts'
import type { NodeRows } from './node-rows.ts'
import { nodeSites } from './sites.ts'
import type { V8Strings } from './strings.ts'
import type { Samples, TraceFunctions, TraceTree } from './traces.ts'
import { markWeakEdges } from './weak-edges.ts'

/** A file as its sections say it: rows of numbers, nothing resolved. */
export interface V8Sections {
  readonly header: Header
  /** Those of the header, and a last one for what is none of them. */
  readonly typeNames: readonly string[]
  readonly kindNames: readonly string[]
  readonly numberedKinds: ReadonlySet<number>
  readonly nodes: NodeRows
  readonly edges: EdgeRows
  readonly strings: V8Strings
  readonly locations: Locations | undefined
  readonly traceFunctions: TraceFunctions | undefined
  readonly traceTree: TraceTree | undefined
  readonly samples: Samples | undefined
  readonly bytesRead: number
  /** The section in which the file ends, when it ends too early. */
  readonly cutIn: string | undefined
}

/**
 * Turns sections into a snapshot, in place: sums of edge counts, names, what keeps alive, sites, births.
 * O(nodes + edges + strings).
 * @throws UserError format/damaged when nodes and edges do not fit together: then every edge would be guesswork.
 */
export function linkedSnapshot(sections: V8Sections): HeapSnapshot {
  const { header, typeNames, kindNames, numberedKinds, nodes, edges, strings, cutIn } = sections
  const isWhole = cutIn !== 'nodes' && cutIn !== 'edges'
  settleEdgeCounts(nodes, edges, isWhole)
  const kind = (name: string): number => kindNames.indexOf(name)
  const isClosed = Uint8Array.from({ length: 256 }, (_, k) =>
    k === kind('weak') || k === kind('hidden') ? 1 : 0,
  )
  const hasField = header.nodes.detachedness >= 0
  spreadDetachedness(nodes, edges, typeNames.indexOf('native'), isClosed, hasField, strings)
  const names = nodeNames(nodes, typeNames, strings)
  const root = Math.floor(header.rootIndex / header.nodes.width)
  const danglingReferences = markWeakEdges(nodes, edges, strings, {
    weak: kind('weak'),
    shortcut: kind('shortcut'),
    internal: kind('internal'),
    element: kind('element'),
    syntheticType: typeNames.indexOf('synthetic'),
    root: root < nodes.nodes ? root : 0,
    isNamed: Uint8Array.from({ length: 256 }, (_, k) => (numberedKinds.has(k) ? 0 : 1)),
  })
  const {
    site,
    sites,
    kind: siteKind,
  } = nodeSites({
    ...sections,
    label: names.label,
    nodeWidth: header.nodes.width,
    closureType: typeNames.indexOf('closure'),
    codeType: typeNames.indexOf('code'),
  })
  // "No class" and "born at no known time" are the same bits, and nobody writes to columns: they share their memory.
  const nothing = new Uint32Array(nodes.nodes).fill(NO_INDEX)
  const isRooted = isWhole && root < nodes.nodes
  return {
    producer: 'v8-heapsnapshot',
    objects: nodes.nodes,
    typeNames,
    type: nodes.type,
    flags: nodes.flags,
    shallowBytes: nodes.shallowBytes,
    hugeBytes: nodes.hugeBytes,
    generation: births(nodes, sections.samples) ?? new Int32Array(nothing.buffer),
    site,
    sites,
    siteKind,
    strings,
    classIndex: nothing,
    className: names.className,
    label: names.label,
    lineOffset: valueOffsets(names.valueHash, strings),
    valueHash: names.valueHash,
    referenceStart: nodes.edgeCount,
    references: edges.to,
    edges: { kindNames, kind: edges.kind, name: edges.name, numberedKinds },
    roots: {
      count: isRooted ? 1 : 0,
      name: Uint32Array.of(strings.add('root')),
      start: Uint32Array.of(0, isRooted ? 1 : 0),
      references: Uint32Array.of(root),
    },
    orphans: isRooted ? 'under-root' : 'apart',
    keyKind: 'id',
    slot: nodes.slot,
    slots: nodes.slots,
    notes: notes(sections, danglingReferences, isRooted, names.missing),
  }
}

/**
 * Number of edges per node → where each node's edges start, in place. One lost row of a node can be made up for: its
 * edges are what the others leave over.
 */
function settleEdgeCounts(nodes: NodeRows, edges: EdgeRows, isWhole: boolean): void {
  const { edgeCount, nodes: count, doubtful } = nodes
  let sum = 0
  for (let node = 0; node < count; node++) sum += edgeCount[node]!
  if (isWhole && sum !== edges.edges) {
    const only = doubtful[0]
    const others = only === undefined ? sum : sum - edgeCount[only]!
    if (doubtful.length !== 1 || only === undefined || others > edges.edges)
      throw damaged(`its nodes have ${sum} edges and its list of edges has ${edges.edges}`)
    edgeCount[only] = edges.edges - others
  }
  let start = 0
  for (let node = 0; node < count; node++) {
    const degree = edgeCount[node]!
    edgeCount[node] = start
    // A file that was cut has fewer edges than its nodes say.
    start = Math.min(start + degree, edges.edges)
  }
  edgeCount[count] = start
}

/** Interval of the recording in which each node was born, by its id; undefined when there was no recording. */
function births(nodes: NodeRows, samples: Samples | undefined): Int32Array | undefined {
  if (samples === undefined || samples.lastId.length === 0) return undefined
  const lastIds = samples.lastId.view()
  const generation = new Int32Array(nodes.nodes).fill(-1)
  for (let node = 0; node < nodes.nodes; node++) {
    const slot = nodes.slot[node]!
    if (slot === NO_SLOT) continue
    const id = nodes.slots.address(slot) / 8
    // Even ids are no counters.
    if (id % 2 === 0 || id > lastIds[lastIds.length - 1]!) continue
    let low = 0
    let high = lastIds.length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (lastIds[middle]! < id) low = middle + 1
      else high = middle
    }
    generation[node] = low
  }
  return generation
}

/** Where the file says each value: strings of the program are read from there on demand. 0 for all else. */
function valueOffsets(valueHash: Uint32Array, strings: V8Strings): Float64Array {
  const offsets = new Float64Array(valueHash.length)
  for (let node = 0; node < valueHash.length; node++) {
    const value = valueHash[node]!
    if (value !== 0) offsets[node] = strings.offsetOf(value - 1)
  }
  return offsets
}

function notes(
  sections: V8Sections,
  danglingReferences: number,
  isRooted: boolean,
  missingNames: number,
): ReadingNotes {
  const { header, nodes, edges, strings, cutIn, bytesRead, samples, traceTree } = sections
  const hints: string[] = []
  if (cutIn !== undefined)
    hints.push(
      `the file ends within "${cutIn}"${missingNames > 0 ? ': names of some objects are missing' : ''}`,
    )
  if (samples !== undefined && samples.lastId.length > 0)
    hints.push(`a recording of allocations in ${samples.lastId.length} intervals`)
  if (nodes.traceNode !== undefined && traceTree !== undefined) hints.push('written with allocation stacks')
  if (header.nodes.detachedness < 0)
    hints.push('written by an older V8: it does not say which nodes are detached')
  let detachedNodes = 0
  for (let node = 0; node < nodes.nodes; node++) if (nodes.flags[node] === 2) detachedNodes++
  if (detachedNodes > 0) hints.push(`${detachedNodes} native nodes are detached from their page`)
  return {
    bytesRead,
    lines: nodes.nodes,
    badLines: nodes.doubtful.length + edges.lost,
    badLineOffsets: [],
    truncatedAt: cutIn === undefined ? undefined : bytesRead,
    freeSlots: 0,
    shapes: 0,
    shapeBytes: 0,
    danglingReferences: danglingReferences - edges.lost,
    repeatedAddresses: 0,
    unplacedObjects: 0,
    isPartial: !isRooted,
    producerHints: strings.stored === 0 ? [...hints, 'the file has no names'] : hints,
  }
}
