import { type HeapSnapshot, shallowBytesOf } from '#lib/heap/snapshot'
import { packSections, unpackSections } from './sections.ts'

/** Objects by allocation generation, ascending; NO_GENERATION (not traced) comes first. One entry per generation. */
export interface GenerationTable {
  readonly generation: Int32Array
  readonly count: Uint32Array
  readonly bytes: Float64Array
}

/** Bump for any change of the stored form, and keep reading the old one. */
export const GENERATION_TABLE_VERSION = 1
const MAGIC = 'LRGE'

/** One flat array for storing. */
export function encodeGenerationTable(table: GenerationTable): Uint8Array {
  return packSections(MAGIC, GENERATION_TABLE_VERSION, [table.generation, table.count, table.bytes])
}

/** Reopens what `encodeGenerationTable` wrote. @throws Error when the bytes are not ours or damaged: a bug. */
export function decodeGenerationTable(stored: Uint8Array): GenerationTable {
  const sections = unpackSections(MAGIC, GENERATION_TABLE_VERSION, stored)
  return { generation: sections.int32(), count: sections.uint32(), bytes: sections.float64() }
}

/** Generations below this are counted in an array; a process that ran more GCs takes the slower way. */
const DENSE_RANGE = 1 << 20

/** When the objects of a snapshot were allocated, and how large they are. */
export type BornObjects = Pick<HeapSnapshot, 'objects' | 'generation' | 'shallowBytes' | 'hugeBytes'>

/** Counts a snapshot's objects by allocation generation. O(objects + generations log generations). */
export function generationTable(snapshot: BornObjects): GenerationTable {
  const { objects, generation, shallowBytes } = snapshot
  // Ruby counts GCs from 0, so the generation plus one is a small array index in every real dump.
  let latest = 0
  for (let object = 0; object < objects; object++)
    if (generation[object]! > latest) latest = generation[object]!
  const room = Math.min(DENSE_RANGE, latest + 2)
  const count = new Uint32Array(room)
  const size = new Float64Array(room)
  const sparse = new Map<number, { count: number; bytes: number }>()
  let highest = 0
  for (let object = 0; object < objects; object++) {
    const place = generation[object]! + 1
    const bytes =
      shallowBytes[object] === 0xffffffff ? shallowBytesOf(snapshot, object) : shallowBytes[object]!
    if (place < room) {
      count[place]!++
      size[place]! += bytes
      if (place > highest) highest = place
    } else {
      const row = sparse.get(place - 1) ?? { count: 0, bytes: 0 }
      row.count++
      row.bytes += bytes
      sparse.set(place - 1, row)
    }
  }
  const rows: { generation: number; count: number; bytes: number }[] = []
  for (let place = 0; place <= highest; place++)
    if (count[place]! > 0) rows.push({ generation: place - 1, count: count[place]!, bytes: size[place]! })
  for (const [born, row] of [...sparse].sort(([a], [b]) => a - b)) rows.push({ generation: born, ...row })
  return {
    generation: Int32Array.from(rows, (row) => row.generation),
    count: Uint32Array.from(rows, (row) => row.count),
    bytes: Float64Array.from(rows, (row) => row.bytes),
  }
}
