import type { QueryableKind } from '#lib/reports/query-tables'

export interface Example {
  readonly title: string
  readonly sql: string
}

const HEAP: readonly Example[] = [
  {
    title: 'Most retained, by class',
    sql: `SELECT class, sum(objects) AS objects,
       sum(shallow_bytes) AS shallow_bytes,
       max(retained_bytes) AS largest_group_bytes
FROM groups
GROUP BY class
ORDER BY largest_group_bytes DESC
LIMIT 50`,
  },
  {
    title: 'Strings by where they were allocated',
    sql: `SELECT file || ':' || line AS site, count(*) AS strings,
       sum(shallow_bytes) AS bytes
FROM objects
WHERE type ILIKE '%string%' AND file IS NOT NULL
GROUP BY site
ORDER BY bytes DESC
LIMIT 50`,
  },
  {
    title: 'Largest collections',
    sql: `SELECT object, class, label, reference_count, retained_bytes
FROM objects
ORDER BY reference_count DESC
LIMIT 50`,
  },
  {
    title: 'What the roots keep directly',
    sql: `SELECT object, class, label, retained_objects, retained_bytes
FROM objects
WHERE dominator IS NULL AND retained_bytes IS NOT NULL
ORDER BY retained_bytes DESC
LIMIT 50`,
  },
  {
    title: 'Who holds objects of one class',
    sql: `SELECT holder.class, holder.object, count(*) AS held,
       sum(held.retained_bytes) AS held_bytes
FROM objects held
JOIN objects holder ON holder.object = held.dominator
WHERE held.class = 'String' -- another class here
GROUP BY ALL
ORDER BY held_bytes DESC
LIMIT 50`,
  },
  {
    title: 'Objects and bytes per generation',
    sql: `SELECT generation, count(*) AS objects, sum(shallow_bytes) AS bytes
FROM objects
WHERE generation IS NOT NULL
GROUP BY generation
ORDER BY generation`,
  },
  {
    title: 'Paths that own most',
    sql: `SELECT path, objects, retained_bytes, example_object
FROM owners
WHERE depth >= 3
ORDER BY retained_bytes DESC
LIMIT 50`,
  },
  {
    title: 'Duplicate strings by site',
    sql: `SELECT file || ':' || line AS site, count(*) AS texts,
       sum(copies) AS copies, sum(wasted_bytes) AS wasted_bytes
FROM duplicates
GROUP BY site
ORDER BY wasted_bytes DESC
LIMIT 50`,
  },
  {
    title: 'Most referred to (reads all references)',
    sql: `SELECT target.object, target.class, target.label, count(*) AS referrers
FROM refs
JOIN objects target ON target.object = refs.to_object
GROUP BY ALL
ORDER BY referrers DESC
LIMIT 50`,
  },
]

const STACKS: readonly Example[] = [
  {
    title: 'In use, by function',
    sql: `SELECT function, library, count(*) AS stacks,
       sum(in_use_bytes) AS in_use_bytes, sum(in_use_blocks) AS blocks
FROM stacks
GROUP BY ALL
ORDER BY in_use_bytes DESC
LIMIT 50`,
  },
  {
    title: 'In use, by library anywhere in the stack',
    sql: `SELECT library, sum(in_use_bytes) AS in_use_bytes
FROM stacks
SEMI JOIN (SELECT DISTINCT stack, library FROM frames WHERE library IS NOT NULL) f USING (stack, library)
GROUP BY library
ORDER BY in_use_bytes DESC`,
  },
  {
    title: 'By kind',
    sql: `SELECT kind, count(*) AS stacks, sum(in_use_bytes) AS in_use_bytes, sum(in_use_blocks) AS blocks
FROM stacks
GROUP BY kind
ORDER BY in_use_bytes DESC`,
  },
  {
    title: 'Everything below one function',
    sql: `SELECT s.frames, s.in_use_bytes, s.in_use_blocks
FROM stacks s
WHERE s.stack IN (SELECT stack FROM frames WHERE function ILIKE '%main%') -- another name here
ORDER BY s.in_use_bytes DESC
LIMIT 50`,
  },
  {
    title: 'Deepest stacks',
    sql: `SELECT stack, depth, function, in_use_bytes
FROM stacks
ORDER BY depth DESC
LIMIT 50`,
  },
]

/** Statements to begin with, the first of which stands in a new editor. Each of them runs (test/unit/query). */
export const queryExamples = (kind: QueryableKind): readonly Example[] => (kind === 'heap' ? HEAP : STACKS)
