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
