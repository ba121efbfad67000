/** Types of objects, named as in Ruby's own dumps. The index is stored; append only. */
export const MEMPROF_TYPES = [
  'UNKNOWN',
  'OBJECT',
  'CLASS',
  'MODULE',
  'ICLASS',
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
  'NODE',
  'SCOPE',
  'VARMAP',
] as const
export type MemprofType = (typeof MEMPROF_TYPES)[number]

export const typeIndex = (type: MemprofType): number => MEMPROF_TYPES.indexOf(type)

/** Index of the type that a line names ("object", "varmap"). */
export const TYPE_BY_NAME: ReadonlyMap<string, number> = new Map(
  MEMPROF_TYPES.map((type, index) => [type.toLowerCase(), index]),
)

/** Rows that are no objects. */
export const ROOT_ROWS: ReadonlySet<string> = new Set(['globals', 'frame', 'finalizers'])

/** What objects without a class of their own are called: the interpreter's own. */
export const INTERNAL_WORDS: ReadonlyMap<MemprofType, string> = new Map([
  ['NODE', '(internal: parsed code)'],
  ['SCOPE', '(internal: local variables)'],
  ['VARMAP', '(internal: block variables)'],
  ['ICLASS', '(internal: included module)'],
])

/** Kinds of references. The index is stored. */
export const EDGE_KINDS = [
  'internal',
  'instance variable',
  'constant',
  'element',
  'entry',
  'key',
  'value',
  'variable',
  'method',
] as const
export type EdgeKind = (typeof EDGE_KINDS)[number]

export const edgeKind = (kind: EdgeKind): number => EDGE_KINDS.indexOf(kind)

/** Kinds whose name is a number: the place in the list or the table. */
export const NUMBERED_KINDS: ReadonlySet<number> = new Set([
  edgeKind('element'),
  edgeKind('entry'),
  edgeKind('key'),
])
