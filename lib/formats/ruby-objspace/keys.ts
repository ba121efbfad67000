/** The first four bytes of a name as one little-endian signed number: what the scanner switches on. */
export const tag = (text: string): number =>
  text.charCodeAt(0) | (text.charCodeAt(1) << 8) | (text.charCodeAt(2) << 16) | (text.charCodeAt(3) << 24)

/** Ruby's object types (objspace_dump.c, `obj_type`). The index is stored; append only. */
export const RUBY_TYPES = [
  'UNKNOWN',
  'NONE',
  'ROOT',
  'SHAPE',
  'OBJECT',
  'CLASS',
  'MODULE',
  'FLOAT',
  'STRING',
  'REGEXP',
  'ARRAY',
  'HASH',
  'STRUCT',
  'BIGNUM',
  'FILE',
  'DATA',
  'MATCH',
  'COMPLEX',
  'RATIONAL',
  'SYMBOL',
  'IMEMO',
  'NODE',
  'ICLASS',
  'ZOMBIE',
  'MOVED',
] as const

export type RubyType = (typeof RUBY_TYPES)[number]

/** Index of a type in RUBY_TYPES. */
export const typeIndex = (type: RubyType): number => RUBY_TYPES.indexOf(type)

/** Type index by the tag of its name. No two types share their first four letters. */
export const TYPE_BY_TAG: ReadonlyMap<number, number> = new Map(
  RUBY_TYPES.map((name, index) => [tag(name), index]),
)
