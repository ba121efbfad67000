import { withLazy } from '#lib/heap/lazy'
import { sharedInt32, sharedUint32 } from '#lib/heap/shared'
import { NO_SLOT } from '#lib/heap/slots'
import { type HeapSnapshot, NO_GENERATION, NO_INDEX } from '#lib/heap/snapshot'
import { classNames } from './class-names.ts'
import { spreadDetachedness } from './detached.ts'
import type { EdgeRows } from './edge-rows.ts'
import { damaged, type Header } from './header.ts'
import type { Locations } from './locations.ts'
import type { NodeRows } from './node-rows.ts'
import { readingNotes } from './notes.ts'
import { nodeSites } from './sites.ts'
import type { V8Strings } from './strings.ts'
import type { Samples, TraceFunctions, TraceTree } from './traces.ts'
import { markWeakEdges } from './weak-edges.ts'

/** V8 writes so many characters of a string at most, unless it was told otherwise. */
const CUT_CHARACTERS = 1024

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
  const { className, missing } = classNames(nodes, typeNames, strings)
  const root = Math.floor(header.rootIndex / header.nodes.width)
  // "No class" and "born at no known time" are the same bits, and nobody writes to columns: they share their memory.
  const nothing = sharedUint32(nodes.nodes)
  const rules = {
    weak: kind('weak'),
    shortcut: kind('shortcut'),
    internal: kind('internal'),
    element: kind('element'),
    syntheticType: typeNames.indexOf('synthetic'),
    root: root < nodes.nodes ? root : 0,
    isNamed: Uint8Array.from({ length: 256 }, (_, k) => (numberedKinds.has(k) ? 0 : 1)),
  }
  const danglingReferences = markWeakEdges(nodes, edges, strings, rules, nothing)
  nothing.fill(NO_INDEX)
  const {
    site,
    sites,
    kind: siteKind,
  } = nodeSites({
    ...sections,
    nodeWidth: header.nodes.width,
    closureType: typeNames.indexOf('closure'),
    codeType: typeNames.indexOf('code'),
  })
  const isRooted = isWhole && root < nodes.nodes
  const columns = {
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
    className,
    label: nodes.name,
    referenceStart: nodes.edgeCount,
    references: edges.to,
    edges: { kindNames, kind: edges.kind, name: edges.name, numberedKinds },
    roots: {
      count: isRooted ? 1 : 0,
      name: isRooted ? Uint32Array.of(strings.add('root')) : new Uint32Array(0),
      start: isRooted ? Uint32Array.of(0, 1) : Uint32Array.of(0),
      references: isRooted ? Uint32Array.of(root) : new Uint32Array(0),
    },
    orphans: isRooted ? 'under-root' : 'apart',
    keyKind: 'id',
    slot: nodes.slot,
    slots: nodes.slots,
    notes: readingNotes(sections, danglingReferences, isRooted, missing),
  } as const
  return withLazy(columns, {
    // Nodes have no line of their own; what a string says is its label.
    lineOffset: () => new Float64Array(nodes.nodes),
    valueHash: () => valueHashes(nodes, typeNames, strings),
  })
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

/**
 * Interval of the recording in which each node was born, by its id: `n` ended with sample `n`. Undefined when there was
 * no recording. What has an id up to that of the first sample may have been there before the recording: only an
 * allocation stack says otherwise.
 */
function births(nodes: NodeRows, samples: Samples | undefined): Int32Array | undefined {
  if (samples === undefined || samples.lastId.length === 0) return undefined
  const lastIds = samples.lastId.view()
  const generation = sharedInt32(nodes.nodes).fill(NO_GENERATION)
  for (let node = 0; node < nodes.nodes; node++) {
    const slot = nodes.slot[node]!
    if (slot === NO_SLOT) continue
    const id = nodes.slots.address(slot) / 8
    // Even ids are no counters; the last few objects are made while the snapshot is written.
    if (id % 2 === 0 || id > lastIds[lastIds.length - 1]!) continue
    if (id <= lastIds[0]! && (nodes.traceNode?.[node] ?? 0) === 0) continue
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

/**
 * V8 writes equal texts once, so that a string's name stands for what it says. 0 for all that is no string, and for texts
 * that V8 cut: two of them may differ in what is not in the file.
 */
function valueHashes(nodes: NodeRows, typeNames: readonly string[], strings: V8Strings): Uint32Array {
  const stringType = typeNames.indexOf('string')
  const hashes = new Uint32Array(nodes.nodes)
  for (let node = 0; node < nodes.nodes; node++) {
    if (nodes.type[node] !== stringType) continue
    const name = nodes.name[node]!
    if (name <= strings.stored && strings.characters(name, CUT_CHARACTERS) < CUT_CHARACTERS)
      hashes[node] = name
  }
  return hashes
}
