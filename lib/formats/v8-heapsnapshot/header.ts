import { UserError } from '#lib/errors/user-error'

/** As its users call it; fits into "This … stops short". */
export const LABEL = 'V8 heap snapshot'

/** Where the fields of a node stand in its row; −1 = this producer does not write the field. */
export interface NodeLayout {
  readonly width: number
  readonly type: number
  readonly name: number
  readonly id: number
  readonly selfSize: number
  readonly edgeCount: number
  readonly traceNodeId: number
  readonly detachedness: number
}
export interface EdgeLayout {
  readonly width: number
  readonly type: number
  readonly name: number
  readonly to: number
}
export interface LocationLayout {
  readonly width: number
  readonly node: number
  readonly script: number
  /** The script's own node, in files of 2026. */
  readonly scriptNode: number
  readonly line: number
  readonly column: number
}
export interface TraceFunctionLayout {
  readonly width: number
  readonly name: number
  readonly scriptName: number
  readonly line: number
  readonly column: number
}
/** `children` stands for a list in brackets. */
export interface TraceNodeLayout {
  readonly width: number
  readonly id: number
  readonly functionIndex: number
  readonly children: number
}
export interface SampleLayout {
  readonly width: number
  readonly lastId: number
}

/** What the file says of itself before the first number. Counts are what it claims: nobody has seen the rows yet. */
export interface Header {
  readonly nodes: NodeLayout
  readonly edges: EdgeLayout
  readonly locations: LocationLayout | undefined
  readonly traceFunctions: TraceFunctionLayout | undefined
  readonly traceNodes: TraceNodeLayout | undefined
  readonly samples: SampleLayout | undefined
  readonly nodeTypes: readonly string[]
  readonly edgeTypes: readonly string[]
  readonly nodeCount: number
  readonly edgeCount: number
  /** Place of the root in `nodes`, a multiple of the width of a node. */
  readonly rootIndex: number
}

/** Types and kinds are kept in a byte, kinds with one bit for other use. */
const MAX_NODE_TYPES = 255
const MAX_EDGE_TYPES = 120
/** No producer writes more than 7; a row must fit into a piece. */
const MAX_FIELDS = 64

/**
 * Reads the value of "snapshot".
 * @throws UserError format/damaged when it is no JSON or lacks what nodes and edges cannot be read without.
 */
export function headerOf(json: string): Header {
  let raw: unknown
  try {
    raw = JSON.parse(json)
  } catch {
    throw damaged('its header cannot be read')
  }
  const snapshot = fields(raw)
  const meta = fields(snapshot.meta)
  const nodeFields = names(meta.node_fields)
  const edgeFields = names(meta.edge_fields)
  const nodes = {
    width: nodeFields.length,
    type: nodeFields.indexOf('type'),
    name: nodeFields.indexOf('name'),
    id: nodeFields.indexOf('id'),
    selfSize: nodeFields.indexOf('self_size'),
    edgeCount: nodeFields.indexOf('edge_count'),
    traceNodeId: nodeFields.indexOf('trace_node_id'),
    detachedness: nodeFields.indexOf('detachedness'),
  }
  const edges = {
    width: edgeFields.length,
    type: edgeFields.indexOf('type'),
    name: edgeFields.indexOf('name_or_index'),
    to: edgeFields.indexOf('to_node'),
  }
  if ([nodes.type, nodes.name, nodes.id, nodes.selfSize, nodes.edgeCount].includes(-1))
    throw damaged('its header does not name the fields of nodes')
  if ([edges.type, edges.name, edges.to].includes(-1))
    throw damaged('its header does not name the fields of edges')
  if (Math.max(nodes.width, edges.width) > MAX_FIELDS) throw damaged('its header names too many fields')
  const nodeTypes = names(listed(meta.node_types)[nodes.type]).slice(0, MAX_NODE_TYPES)
  const edgeTypes = names(listed(meta.edge_types)[edges.type]).slice(0, MAX_EDGE_TYPES)
  if (nodeTypes.length === 0 || edgeTypes.length === 0)
    throw damaged('its header does not name the types of nodes and edges')
  return {
    nodes,
    edges,
    locations: locationLayout(names(meta.location_fields)),
    traceFunctions: traceFunctionLayout(names(meta.trace_function_info_fields)),
    traceNodes: traceNodeLayout(names(meta.trace_node_fields)),
    samples: sampleLayout(names(meta.sample_fields)),
    nodeTypes,
    edgeTypes,
    nodeCount: count(snapshot.node_count),
    edgeCount: count(snapshot.edge_count),
    rootIndex: count(snapshot.root_index),
  }
}

/** The file is ours, but something in it is not as it must be. */
export const damaged = (what: string): UserError => new UserError('format/damaged', { format: LABEL, what })

function locationLayout(list: readonly string[]): LocationLayout | undefined {
  const layout = {
    width: list.length,
    node: list.indexOf('object_index'),
    script: list.indexOf('script_id'),
    scriptNode: list.indexOf('script_object_index'),
    line: list.indexOf('line'),
    column: list.indexOf('column'),
  }
  return layout.node < 0 || layout.script < 0 || layout.line < 0 ? undefined : layout
}

function traceFunctionLayout(list: readonly string[]): TraceFunctionLayout | undefined {
  const layout = {
    width: list.length,
    name: list.indexOf('name'),
    scriptName: list.indexOf('script_name'),
    line: list.indexOf('line'),
    column: list.indexOf('column'),
  }
  return layout.name < 0 || layout.scriptName < 0 ? undefined : layout
}

function traceNodeLayout(list: readonly string[]): TraceNodeLayout | undefined {
  const layout = {
    width: list.length,
    id: list.indexOf('id'),
    functionIndex: list.indexOf('function_info_index'),
    children: list.indexOf('children'),
  }
  return layout.id < 0 || layout.functionIndex < 0 || layout.children < 0 ? undefined : layout
}

function sampleLayout(list: readonly string[]): SampleLayout | undefined {
  const lastId = list.indexOf('last_assigned_id')
  return lastId < 0 ? undefined : { width: list.length, lastId }
}

/** The fields of a JSON object; of anything else, none. */
function fields(value: unknown): Partial<Record<SnapshotKey | MetaKey, unknown>> {
  // reason: only the literal keys below are ever read from it, and each value is checked where it is used.
  return typeof value === 'object' && value !== null
    ? (value as Partial<Record<SnapshotKey | MetaKey, unknown>>)
    : {}
}
type SnapshotKey = 'meta' | 'node_count' | 'edge_count' | 'root_index'
type MetaKey =
  | 'node_fields'
  | 'node_types'
  | 'edge_fields'
  | 'edge_types'
  | 'location_fields'
  | 'trace_function_info_fields'
  | 'trace_node_fields'
  | 'sample_fields'

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const names = (value: unknown): string[] =>
  listed(value)
    .slice(0, Math.max(MAX_FIELDS, MAX_NODE_TYPES))
    .map((name) => (typeof name === 'string' ? name.slice(0, 100) : ''))

const count = (value: unknown): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0
