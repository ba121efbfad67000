import { DOM_FLAGS, type ReadingNotes } from '#lib/heap/snapshot'
import { formatCount } from '#lib/units/format'
import type { V8Sections } from './linked.ts'

/**
 * What happened while reading, in the words that all formats share: a "line" is a node. Sentences of our own say what
 * these files cannot tell. O(nodes).
 */
export function readingNotes(
  sections: V8Sections,
  danglingReferences: number,
  isRooted: boolean,
  missingNames: number,
): ReadingNotes {
  const { nodes, edges, cutIn, bytesRead } = sections
  return {
    bytesRead,
    lines: nodes.nodes,
    badLines: nodes.doubtful.length + nodes.absurdSizes + edges.lost,
    badLineOffsets: [],
    truncatedAt: cutIn === undefined ? undefined : bytesRead,
    freeSlots: 0,
    shapes: 0,
    shapeBytes: 0,
    danglingReferences: danglingReferences - edges.lost,
    repeatedAddresses: 0,
    unplacedObjects: 0,
    isPartial: !isRooted,
    producerHints: hints(sections),
    remarks: remarks(sections, missingNames),
  }
}

function hints({ header, nodes, samples, traceTree }: V8Sections): string[] {
  const found: string[] = []
  if (samples !== undefined && samples.lastId.length > 0)
    found.push(`a recording of allocations in ${formatCount(samples.lastId.length)} intervals`)
  if (nodes.traceNode !== undefined && traceTree !== undefined) found.push('written with allocation stacks')
  if (header.nodes.detachedness < 0)
    found.push('written by an older V8, which does not say which nodes are detached')
  let detached = 0
  for (let node = 0; node < nodes.nodes; node++)
    if ((nodes.flags[node]! & DOM_FLAGS.detached) !== 0) detached++
  if (detached > 0) found.push(`${formatCount(detached)} native nodes are detached from their page`)
  return found
}

function remarks({ nodes, traceTree, cutIn }: V8Sections, missingNames: number): string[] {
  const sentences: string[] = []
  if (cutIn === 'edges')
    sentences.push(
      'The file ends within its list of edges: only how many objects of each type there are is certain.',
    )
  else if (cutIn !== undefined) sentences.push(`The file ends within its section "${cutIn}".`)
  if (missingNames > 0)
    sentences.push(`The names of ${formatCount(missingNames)} objects are not in the file.`)
  if (nodes.traceNode === undefined || traceTree === undefined)
    sentences.push(
      'Sites are where functions and classes are defined. Where objects were allocated is only in a recording with allocation stacks (.heaptimeline).',
    )
  return sentences
}
