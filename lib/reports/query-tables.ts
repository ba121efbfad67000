// The tables that SQL over a capture sees: what the export writes, what the page lists and completes. One list for both.

/** How a column's numbers are shown: bytes as KiB and MiB, `object` as a link to the inspector. */
export type QueryColumnShows = 'bytes' | 'object' | 'plain'

export interface QueryColumn {
  readonly name: string
  /** DuckDB's name of the type. */
  readonly type: string
  /** What it means, in one sentence without its full stop. */
  readonly words: string
}

export interface QueryTable {
  readonly name: string
  readonly words: string
  readonly columns: readonly QueryColumn[]
  /** Exported only when somebody asks for it, because it is large. */
  readonly isLarge?: boolean
}

/** What kind of model a capture is; each has tables of its own. */
export type QueryableKind = 'heap' | 'stacks'

const column = (name: string, type: string, words: string): QueryColumn => ({ name, type, words })

const SITE = [
  column('file', 'VARCHAR', 'source file of the allocation; null when it was not traced'),
  column('line', 'INTEGER', 'line in that file'),
  column('method', 'VARCHAR', 'method that allocated'),
]

const HEAP_TABLES: readonly QueryTable[] = [
  {
    name: 'objects',
    words: 'one row per object',
    columns: [
      column('object', 'UINTEGER', 'number of the object within this capture; opens the inspector'),
      column('key', 'VARCHAR', 'address (0x…) or id (@…) within its process'),
      column('type', 'VARCHAR', 'what kind of slot it is: STRING, OBJECT …'),
      column('class', 'VARCHAR', 'its class or constructor'),
      column('label', 'VARCHAR', 'what the dump calls it: a class’s own name, a C struct'),
      ...SITE,
      column('generation', 'INTEGER', 'count of collections when it was allocated'),
      column('shallow_bytes', 'BIGINT', 'its own size'),
      column('retained_bytes', 'BIGINT', 'what would be freed with it; null when no root reaches it'),
      column('retained_objects', 'UINTEGER', 'objects that would be freed with it, itself included'),
      column('dominator', 'UINTEGER', 'object that alone keeps it alive; null directly under the roots'),
      column('dominator_depth', 'UINTEGER', 'steps from the roots in the tree of dominators'),
      column('reference_count', 'UINTEGER', 'references that it holds'),
      column('class_object', 'UINTEGER', 'object that is its class'),
      column('group_id', 'UINTEGER', 'its row in groups'),
      column('frozen', 'BOOLEAN', 'cannot be changed any more'),
      column('shared', 'BOOLEAN', 'shares its content with another object'),
      column('embedded', 'BOOLEAN', 'its content is inside its slot'),
      column('old', 'BOOLEAN', 'survived several collections'),
    ],
  },
  {
    name: 'groups',
    words: 'objects by type, class and allocation site',
    columns: [
      column('group_id', 'UINTEGER', 'number of the group'),
      column('type', 'VARCHAR', 'what kind of slot'),
      column('class', 'VARCHAR', 'class or constructor'),
      ...SITE,
      column('objects', 'UINTEGER', 'objects in the group'),
      column('shallow_bytes', 'BIGINT', 'their own sizes'),
      column('retained_bytes', 'BIGINT', 'what the outermost of them retain, nothing counted twice'),
    ],
  },
  {
    name: 'owners',
    words: 'paths of dominators by name, from the root down',
    columns: [
      column('path_id', 'UINTEGER', 'number of the path; 0 is the root'),
      column('parent_id', 'UINTEGER', 'the path above'),
      column('path', 'VARCHAR', 'names from the root, separated by “ / ”'),
      column('name', 'VARCHAR', 'last name of the path'),
      column('edge', 'VARCHAR', 'name of the reference that leads there, where the dump tells'),
      column('depth', 'UINTEGER', 'steps below the root'),
      column('objects', 'BIGINT', 'objects at exactly this path'),
      column('shallow_bytes', 'BIGINT', 'their own sizes'),
      column('retained_bytes', 'BIGINT', 'bytes of the path and everything below it'),
      column('retained_objects', 'BIGINT', 'objects of the path and everything below it'),
      column('example_object', 'UINTEGER', 'the object that retains most at this path'),
    ],
  },
  {
    name: 'duplicates',
    words: 'equal strings, without their text',
    columns: [
      column('class', 'VARCHAR', 'class of the copies'),
      column('copies', 'UINTEGER', 'how many there are'),
      column('bytes_each', 'BIGINT', 'size of one copy'),
      column('wasted_bytes', 'BIGINT', 'what one shared copy would save'),
      column('example_object', 'UINTEGER', 'one of the copies: its value is revealed in the inspector'),
      column('file', 'VARCHAR', 'where most copies were allocated'),
      column('line', 'INTEGER', 'line in that file'),
    ],
  },
  {
    name: 'roots',
    words: 'what the runtime itself keeps',
    columns: [
      column('category', 'VARCHAR', 'kind of root: vm, global table, machine stack …'),
      column('object', 'UINTEGER', 'the object that it keeps'),
    ],
  },
  {
    name: 'refs',
    words: 'one row per reference between objects',
    isLarge: true,
    columns: [
      column('from_object', 'UINTEGER', 'who refers'),
      column('to_object', 'UINTEGER', 'to whom; null when the target is not in the capture'),
      column('kind', 'VARCHAR', 'property, element … where the dump tells'),
      column('name', 'VARCHAR', 'name of the property or variable'),
      column('element', 'UINTEGER', 'number of the element'),
      column('weak', 'BOOLEAN', 'does not keep its target alive'),
    ],
  },
]

const STACK_TABLES: readonly QueryTable[] = [
  {
    name: 'stacks',
    words: 'one row per allocation stack',
    columns: [
      column('stack', 'UINTEGER', 'number of the stack within this capture'),
      column('frames', 'VARCHAR', 'functions from the outermost caller, separated by “;”'),
      column('function', 'VARCHAR', 'innermost function'),
      column('library', 'VARCHAR', 'binary, gem or package of the innermost frame'),
      column('file', 'VARCHAR', 'source file of the innermost frame'),
      column('line', 'UINTEGER', 'line in that file'),
      column('kind', 'VARCHAR', 'live, definitely-lost, possibly-lost or still-reachable'),
      column('depth', 'UINTEGER', 'frames in the stack'),
      column('in_use_bytes', 'BIGINT', 'bytes not freed'),
      column('in_use_blocks', 'BIGINT', 'blocks not freed'),
      column('allocated_bytes', 'BIGINT', 'bytes ever allocated'),
      column('allocated_blocks', 'BIGINT', 'blocks ever allocated'),
    ],
  },
  {
    name: 'frames',
    words: 'one row per frame of each stack',
    columns: [
      column('stack', 'UINTEGER', 'the stack'),
      column('depth', 'UINTEGER', '1 is the outermost caller'),
      column('function', 'VARCHAR', 'its name'),
      column('library', 'VARCHAR', 'binary, gem or package'),
      column('file', 'VARCHAR', 'source file'),
      column('line', 'UINTEGER', 'line in that file'),
    ],
  },
]

/** The tables of a capture of this kind. Texts of the program (string values) are in none of them. */
export const queryTables = (kind: QueryableKind): readonly QueryTable[] =>
  kind === 'heap' ? HEAP_TABLES : STACK_TABLES

/** How to show a number of a result, told by its column's name; results may rename and compute, so this is a guess. */
export function columnShows(name: string): QueryColumnShows {
  if (/(^|_)bytes($|_)/i.test(name)) return 'bytes'
  if (/^(object|dominator|class_object|example_object|from_object|to_object)$/i.test(name)) return 'object'
  return 'plain'
}
