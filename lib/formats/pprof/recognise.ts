import { SNIFF_BYTES } from '../format.ts'
import { Fields } from './wire.ts'

/** Fields of profile.proto that are messages, strings or packed numbers; and those that are plain numbers. */
const DELIMITED = new Set([1, 2, 3, 4, 5, 6, 11, 13])
const NUMBERS = new Set([7, 8, 9, 10, 12, 13, 14, 15])

/**
 * Does a file start like a message of profile.proto? There is no magic number, so the first fields are walked: all must
 * be of the schema, and a value type (sample_type, or period_type, which Go writes first) must be among them.
 */
export function recognisesPprof(head: Uint8Array): boolean {
  const fields = new Fields(head, 0, head.length)
  let valueTypes = 0
  let seen = 0
  while (fields.next()) {
    const { field, wire } = fields
    if (!(wire === 2 && DELIMITED.has(field)) && !(wire === 0 && NUMBERS.has(field))) return false
    if (field === 1 || field === 11) {
      if (!isValueType(head, fields.start, fields.end)) return false
      valueTypes++
    }
    seen++
  }
  // The head may end anywhere, a whole file may not.
  return valueTypes > 0 && seen > 1 && (!fields.isBroken || head.length >= SNIFF_BYTES || seen > 3)
}

function isValueType(head: Uint8Array, start: number, end: number): boolean {
  if (end - start > 20) return false
  const fields = new Fields(head, start, end)
  let numbers = 0
  while (fields.next()) {
    if (fields.wire !== 0 || fields.field > 2) return false
    numbers++
  }
  return numbers > 0 && !fields.isBroken
}
