import type { TracerMemory } from '#lib/heap/tracer-memory'
import type { GenerationTable } from './generations.ts'
import type { GroupTable } from './group-table.ts'
import type { IdentityTable } from './identity-table.ts'
import type { OwnerTree } from './owner-tree.ts'
import type { RetainedRows } from './retained-rows.ts'

/** Everything that is kept of a heap capture once its file has been read. */
export interface CaptureTables {
  readonly totals: CaptureTotals
  readonly groups: GroupTable
  readonly generations: GenerationTable
  readonly identities: IdentityTable
  /** Absent: retention was not computed (in a test, or there are no roots). */
  readonly owners: OwnerTree | undefined
  /** What the rows of the other tables retain; absent as `owners`. */
  readonly retained: RetainedRows | undefined
}

/** The numbers at the top of a capture's page. Plain JSON. */
export interface CaptureTotals {
  /** Objects on the heap; GC roots, free slots and shapes are not objects. */
  readonly objects: number
  readonly shallowBytes: number
  /** References between objects and from roots, as written; the class edge is not among them. */
  readonly references: number
  readonly danglingReferences: number
  readonly rootCategories: number
  readonly rootReferences: number
  /** Objects whose allocation site is known, of all (0…1). */
  readonly tracedShare: number
  readonly tracedObjects: number
  /** What a site says: where an object was allocated, or where its class or function is defined (V8 without a recording). */
  readonly siteKind: 'allocation' | 'definition'
  /** What is there only because allocations were traced, in the numbers above: not the program's. Absent: nobody traced. */
  readonly tracer: TracerMemory | undefined
  /** Lowest and highest allocation generation; absent when nothing was traced. */
  readonly generationRange: readonly [first: number, last: number] | undefined
  readonly bytesRead: number
  readonly lines: number
  readonly badLines: number
  /** Where the first bad lines start, at most 20. */
  readonly badLineOffsets: readonly number[]
  readonly truncatedAt: number | undefined
  readonly freeSlots: number
  readonly shapes: number
  readonly shapeBytes: number
  readonly repeatedAddresses: number
  readonly unplacedObjects: number
  readonly isPartial: boolean
  readonly producer: string
  readonly producerHints: readonly string[]
  /** What a person should know before she trusts the tables, one sentence each; empty when there is nothing to say. */
  readonly remarks: readonly string[]
}
