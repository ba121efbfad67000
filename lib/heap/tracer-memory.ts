import { ALLOCATION_TRACER } from './class-names.ts'
import { dominatedSum } from './retained-set.ts'
import type { Retention } from './retention.ts'
import { type HeapSnapshot, shallowBytesOf } from './snapshot.ts'

/** Memory that is there only because allocations were traced: not the program's. */
export interface TracerMemory {
  /** Objects in which Ruby keeps allocation sites: one, normally. */
  readonly objects: number
  /** The table of sites itself. */
  readonly shallowBytes: number
  /** With the names of files and methods that it alone keeps. */
  readonly retainedBytes: number
  readonly retainedObjects: number
}

/** What the allocation tracer holds; undefined when allocations were not traced. O(objects). */
export function tracerMemory(snapshot: HeapSnapshot, retention: Retention): TracerMemory | undefined {
  const { objects, label, strings } = snapshot
  /** By string: 0 not looked at yet, 1 another name, 2 the tracer's. */
  const known = new Uint8Array(strings.count)
  const tracers: number[] = []
  let shallowBytes = 0
  for (let object = 0; object < objects; object++) {
    const name = label[object]!
    if (name === 0) continue
    if (known[name] === 0) known[name] = strings.text(name) === ALLOCATION_TRACER ? 2 : 1
    if (known[name] !== 2) continue
    tracers.push(object)
    shallowBytes += shallowBytesOf(snapshot, object)
  }
  if (tracers.length === 0) return undefined
  const { bytes, objects: retainedObjects } = dominatedSum(retention, tracers)
  return { objects: tracers.length, shallowBytes, retainedBytes: bytes, retainedObjects }
}
