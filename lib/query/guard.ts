// Which statements may run. DuckDB's own parser writes the tree of a statement as JSON (json_serialize_sql); this walks
// it and knows by name what may be asked. The settings of the session (session.ts) forbid files, network and extensions
// once more; what this adds: functions that change the session itself are SELECTs too (`FROM enable_logging(…)`).

/** Table functions that make rows out of nothing or out of a row. Everything else reads the machine or the session. */
const TABLE_FUNCTIONS: ReadonlySet<string> = new Set(['range', 'generate_series', 'unnest', 'repeat'])
/** Scalar functions that write, wait or tell of the session. */
const FORBIDDEN_FUNCTION =
  /^(write_log|.*_setting|getenv|getvariable|nextval|currval|json_(de)?serialize_\w+|json_execute_\w+|sleep_ms|pg_sleep|setseed|add_parquet_key|query|query_table|pragma_\w+|duckdb_\w+|read_\w+|\w+_scan|which_secret|glob|in_search_path|getvariables?|st_read\w*)$/
/** More nodes than anybody writes by hand: a statement of MAX_SQL characters has fewer. */
const MAX_NODES = 400_000

/** Says why a statement with this tree may not run; undefined when it may. `tables` are all that it may name. O(nodes). */
export function refusalOfTree(tree: unknown, tables: ReadonlySet<string>): string | undefined {
  if (!isRecord(tree) || tree.error !== false) return NOT_A_SELECT
  const nodes = everyNode(tree)
  if (!nodes) return 'The statement is too large.'
  const known = new Set([...tables, ...nodes.flatMap(namesOfCtes)])
  for (const node of nodes) {
    const refusal = refusalOfNode(node, known)
    if (refusal) return refusal
  }
  return undefined
}

/** The sentence for everything that is no question. */
export const NOT_A_SELECT =
  'Only one SELECT, WITH, FROM, DESCRIBE, SUMMARIZE or EXPLAIN of a SELECT can be asked here: captures are read, never changed.'

type Node = Readonly<Record<string, unknown>>

/** Every object in the tree, without recursion; undefined when there are too many. */
function everyNode(tree: Node): Node[] | undefined {
  const nodes: Node[] = []
  const open: unknown[] = [tree]
  let seen = 0
  while (open.length > 0) {
    const next = open.pop()
    if (++seen > MAX_NODES) return undefined
    if (Array.isArray(next)) for (const entry of next) open.push(entry)
    else if (isRecord(next)) {
      nodes.push(next)
      for (const entry of Object.values(next))
        if (typeof entry === 'object' && entry !== null) open.push(entry)
    }
  }
  return nodes
}

/** `WITH name AS (…)`: the tree has them as { key, value } in a cte_map. */
function namesOfCtes({ cte_map: ctes }: Node): string[] {
  if (!isRecord(ctes) || !Array.isArray(ctes.map)) return []
  return ctes.map.flatMap((entry: unknown) =>
    isRecord(entry) && typeof entry.key === 'string' ? [entry.key.toLowerCase()] : [],
  )
}

function refusalOfNode(node: Node, known: ReadonlySet<string>): string | undefined {
  switch (node.type) {
    case 'BASE_TABLE':
      return refusalOfTable(node, known)
    case 'TABLE_FUNCTION': {
      const name = isRecord(node.function) ? nameIn(node.function, 'function_name') : ''
      return TABLE_FUNCTIONS.has(name) ? undefined : notHere(name)
    }
    case 'SHOW_REF': {
      const shown = nameIn(node, 'table_name').replaceAll('"', '')
      return shown === '' || shown === 'tables' || known.has(shown) ? undefined : unknownTable(shown, known)
    }
    case 'VALUE_PARAMETER':
      return 'The statement has a parameter ($1, ?). Write its value instead.'
    default:
      return typeof node.function_name === 'string' &&
        FORBIDDEN_FUNCTION.test(node.function_name.toLowerCase())
        ? notHere(node.function_name)
        : undefined
  }
}

function refusalOfTable(node: Node, known: ReadonlySet<string>): string | undefined {
  const name = nameIn(node, 'table_name')
  const schema = nameIn(node, 'schema_name')
  const catalog = nameIn(node, 'catalog_name')
  const isOurs = known.has(name) && (schema === '' || schema === 'main') && catalog === ''
  return isOurs ? undefined : unknownTable([catalog, schema, name].filter(Boolean).join('.'), known)
}

const unknownTable = (name: string, known: ReadonlySet<string>): string =>
  `There is no table “${name.slice(0, 80)}”. The tables are ${[...known].slice(0, 20).join(', ')}.`
const notHere = (name: string): string =>
  `The function “${name.slice(0, 80)}” cannot be used here: queries see the tables of this capture and nothing else.`

const nameIn = (node: Node, field: string): string => {
  const name = node[field]
  return typeof name === 'string' ? name.toLowerCase() : ''
}
const isRecord = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * `EXPLAIN [ANALYZE] SELECT …` without what is before its SELECT: that is what can be judged. What is left of anything else
 * is no SELECT. As many spaces come in as are taken out, so that positions in errors stay those of the whole text.
 */
export function withoutExplain(sql: string): string {
  const [before = ''] = /^\s*explain\b\s*(analyze\b)?/i.exec(sql) ?? []
  return before.replace(/[^\n]/g, ' ') + sql.slice(before.length)
}
