import { tag } from './keys.ts'

// What stands in a line between its values, four bytes each: `{"address":"0x`, `", "type":"` and so on.
export const OPEN_AD = tag('{"ad')
export const DRES = tag('dres')
export const S_IS = tag('s":"')
/** A text's end and the next key's start. */
export const NEXT = tag('", "')
/** A number's end and the next key's start: three bytes. */
export const SEPARATOR = 0x22202c
export const TRUE = tag('true')
export const TYPE = tag('type')
export const STRI = tag('STRI')
export const RING = tag('RING')
export const OBJE = tag('OBJE')
export const JECT = tag('JECT')
export const ARRA = tag('ARRA')
export const RRAY = tag('RRAY')
export const STRU = tag('STRU')
export const RUCT = tag('RUCT')
export const IMEM = tag('IMEM')
export const MEMO = tag('MEMO')
export const HASH_NAME = tag('HASH')
export const DATA_NAME = tag('DATA')
export const SHAPE_ID = tag('shape_id')
export const E_ID = tag('e_id')
export const ID_IS = tag('id":')
export const SLOT_SIZE = tag('slot_size')
export const SIZE_OF_SLOT = tag('_siz')
export const ZE_IS = tag('ze":')
export const CLASS = tag('class')
export const FROZEN = tag('frozen')
export const EN_IS = tag('en":')
export const IVARS = tag('ivars')
export const RS_IS = tag('rs":')
export const SIZE = tag('size')
export const LENGTH = tag('length')
export const EMBEDDED = tag('embedded')
export const DDED = tag('dded')
export const FSTRING = tag('fstring')
export const ING = tag('ing"')
export const BYTESIZE = tag('bytesize')
export const CAPACITY = tag('capacity')
export const CITY = tag('city')
export const TY_IS = tag('ty":')
export const VALUE = tag('value')
export const ENCODING = tag('encoding')
export const DING = tag('ding')
export const UTF = tag('UTF-8')
export const CODERANGE = tag('coderange')
export const RANGE = tag('range')
export const E_IS = tag('e":"')
export const IMEMO_TYPE = tag('imemo_type')
export const O_TYPE = tag('o_type')
export const PE_IS = tag('pe":')
export const STRUCT_KEY = tag('struct')
export const CT_IS = tag('ct":')
export const REFERENCES = tag('references')
export const RENCES = tag('rences')
export const ES_IS = tag('es":')
export const FILE = tag('file')
export const LINE = tag('line')
export const METHOD = tag('method')
export const GENERATION = tag('generation')
export const MEMSIZE = tag('memsize')
export const FLAGS = tag('flags')

/** More digits make no usual number: they would not fit into 32 bits. */
export const MAX_DIGITS = 9

/** Where digits end; no further than usual numbers are long. */
export function digitsEnd(data: Uint8Array, from: number): number {
  let p = from
  while (p < from + MAX_DIGITS + 3 && data[p]! >= 0x30 && data[p]! <= 0x39) p++
  return p
}

/** What at most MAX_DIGITS digits say. */
export function count(data: Uint8Array, from: number, to: number): number {
  let value = 0
  for (let p = from; p < to; p++) value = (Math.imul(value, 10) + data[p]! - 0x30) | 0
  return value
}

/** A comma, a space and the next key's quote? */
export const isSeparator = (view: DataView, at: number): boolean =>
  (view.getInt32(at, true) & 0xffffff) === SEPARATOR

/** A key's end and a text's start: `":"`. */
export const isTextStart = (view: DataView, at: number): boolean =>
  (view.getInt32(at, true) & 0xffffff) === 0x223a22

/** `true`, and behind it the next key? */
export const isTrue = (view: DataView, at: number): boolean =>
  view.getInt32(at, true) === TRUE && isSeparator(view, at + 4)

/** Behind its first four letters: is the key `imemo_type`, and its value a text? */
export const isImemoType = (view: DataView, at: number): boolean =>
  view.getInt32(at + 4, true) === O_TYPE && view.getInt32(at + 8, true) === PE_IS
