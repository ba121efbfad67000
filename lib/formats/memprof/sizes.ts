/** What a line tells that a size can be guessed from. */
export interface SizeFacts {
  readonly type: string
  /** Characters, elements, entries or digits. */
  readonly length: number
  /** Its content belongs to another object. */
  readonly isShared: boolean
  /** Entries of its tables: instance variables, constants, methods. */
  readonly tableEntries: number
  /** Local variables. */
  readonly variables: number
  /** Bytes of the line. What has a length stands there, a byte an element at least: a larger length is damage. */
  readonly lineBytes: number
}

/** One object in Ruby 1.8's heap on a 64-bit machine. */
export const RVALUE_BYTES = 40
/** An entry of a table with its share of the bins. */
const TABLE_ENTRY_BYTES = 48
const POINTER_BYTES = 8
const BIGNUM_DIGIT_BYTES = 4

/**
 * About what the object takes, in bytes: memprof writes no sizes. The slot, and what its length says of the memory beside
 * it: strings and regular expressions a byte a character, arrays 8 an element, tables 48 an entry. An estimate: over-
 * allocation, C structs behind DATA and the allocator's own bytes are in no dump.
 */
export function estimatedBytes(facts: SizeFacts): number {
  const { type, length, isShared, tableEntries, variables, lineBytes } = facts
  const known = length > 0 ? Math.floor(Math.min(length, lineBytes)) : 0
  const beside = tableEntries * TABLE_ENTRY_BYTES + variables * POINTER_BYTES
  return RVALUE_BYTES + beside + (isShared ? 0 : contentBytes(type, known))
}

function contentBytes(type: string, length: number): number {
  switch (type) {
    case 'STRING':
    case 'REGEXP':
      return length + 1
    case 'ARRAY':
      return length * POINTER_BYTES
    case 'HASH':
      return length * TABLE_ENTRY_BYTES
    case 'BIGNUM':
      return length * BIGNUM_DIGIT_BYTES
    default:
      return 0
  }
}
