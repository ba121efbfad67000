import { NO_GENERATION } from '#lib/heap/snapshot'
import { packSections, unpackSections } from './sections.ts'

/**
 * Who is who in a capture, compact enough to store (10 bytes an object): the key that says "the same object" in
 * two captures of one process. It is address + type + class + site + allocation generation; type, class and site
 * are the object's group, so the columns are address, group and generation.
 *
 * Sorted by address, each address at most once. An address alone is not an identity: freed slots are reused.
 */
export interface IdentityTable {
  readonly objects: number
  /** Address / 65,536 of each page, ascending. */
  readonly pageKey: Uint32Array
  /** Objects of page `p` are the entries [pageStart[p], pageStart[p + 1]). */
  readonly pageStart: Uint32Array
  /** Address within the page, in steps of 8 bytes; ascending within a page. */
  readonly step: Uint16Array
  /** Group index in the same capture's GroupTable. */
  readonly group: Uint32Array
  /** Allocation generation, NO_GENERATION when not traced. */
  readonly generation: Int32Array
  /** What tells objects apart within their process: an address, which is used again, or a number, which is not. */
  readonly keyKind: 'address' | 'id'
  /** The highest generation of the capture: what was allocated later did not exist yet. NO_GENERATION when nothing was traced. */
  readonly latestGeneration: number
}

/** Bump for any change of the stored form, and keep reading the old one. */
export const IDENTITY_TABLE_VERSION = 2
const MAGIC = 'LRID'

/** One flat array for storing. O(objects). */
export function encodeIdentityTable(table: IdentityTable): Uint8Array {
  return packSections(MAGIC, IDENTITY_TABLE_VERSION, [
    table.pageKey,
    table.pageStart,
    table.step,
    table.group,
    table.generation,
    Int32Array.of(table.latestGeneration, table.keyKind === 'id' ? 1 : 0),
  ])
}

/** Reopens what `encodeIdentityTable` wrote. @throws Error when the bytes are not ours or damaged: a bug. */
export function decodeIdentityTable(stored: Uint8Array): IdentityTable {
  const sections = unpackSections(MAGIC, [IDENTITY_TABLE_VERSION, 1], stored)
  const table = {
    pageKey: sections.uint32(),
    pageStart: sections.uint32(),
    step: sections.uint16(),
    group: sections.uint32(),
    generation: sections.int32(),
  }
  // Version 1 knew addresses only.
  const [latestGeneration = NO_GENERATION, isId = 0] = sections.int32()
  const keyKind = isId === 1 ? ('id' as const) : ('address' as const)
  return { ...table, latestGeneration, keyKind, objects: table.step.length }
}
