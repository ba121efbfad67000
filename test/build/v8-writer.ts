/** A node as one draws it; its edges in order. `to` is the place of a node in the drawing. */
export interface DrawnNode {
  readonly type: string
  readonly name: string
  readonly id?: number
  readonly size?: number
  readonly detachedness?: number
  readonly trace?: number
  readonly edges?: readonly DrawnEdge[]
}
export interface DrawnEdge {
  readonly kind: string
  /** A number for elements and hidden edges. */
  readonly name: string | number
  readonly to: number
}

/** How a drawing becomes a file; what is left out is as Node 20 does it. */
export interface V8Layout {
  readonly nodeFields?: readonly string[]
  readonly nodeTypes?: readonly string[]
  readonly edgeFields?: readonly string[]
  readonly edgeTypes?: readonly string[]
  /** 'v8': a row a line. 'compact': no white space. 'pretty': a number a line. */
  readonly style?: 'v8' | 'compact' | 'pretty'
  /** Order of the sections after the header; names that are not known here must be in `more`. */
  readonly sections?: readonly string[]
  /** Other sections, and other values for the known ones: JSON texts. */
  readonly more?: ReadonlyMap<string, string>
  /** Instead of what is true. */
  readonly nodeCount?: number
  readonly edgeCount?: number
  /** JSON text of further members of "meta" and of "snapshot". */
  readonly meta?: string
  readonly header?: string
}

export const NODE_TYPES = [
  'hidden',
  'array',
  'string',
  'object',
  'code',
  'closure',
  'regexp',
  'number',
  'native',
  'synthetic',
  'concatenated string',
  'sliced string',
  'symbol',
  'bigint',
  'object shape',
  'wasm object',
]
export const EDGE_TYPES = ['context', 'element', 'property', 'internal', 'hidden', 'shortcut', 'weak']
const NODE_FIELDS = ['type', 'name', 'id', 'self_size', 'edge_count', 'trace_node_id', 'detachedness']
const EDGE_FIELDS = ['type', 'name_or_index', 'to_node']
const SECTIONS = ['nodes', 'edges', 'trace_function_infos', 'trace_tree', 'samples', 'locations', 'strings']

/** A heap snapshot as V8 would write it for the drawn graph. Fields that are not known hold 7. */
export function v8Text(nodes: readonly DrawnNode[], layout: V8Layout = {}): string {
  const {
    nodeFields = NODE_FIELDS,
    nodeTypes = NODE_TYPES,
    edgeFields = EDGE_FIELDS,
    edgeTypes = EDGE_TYPES,
    style = 'v8',
    sections = SECTIONS,
    more = new Map<string, string>(),
    meta = '',
    header = '',
  } = layout
  const strings = ['<dummy>']
  const places = new Map<string, number>()
  const place = (text: string): number => {
    const known = places.get(text)
    if (known !== undefined) return known
    places.set(text, strings.length)
    return strings.push(text) - 1
  }
  const nodeRows = nodes.map((node, i) =>
    nodeFields.map((field) => {
      switch (field) {
        case 'type':
          return nodeTypes.indexOf(node.type)
        case 'name':
          return place(node.name)
        case 'id':
          return node.id ?? i * 2 + 1
        case 'self_size':
          return node.size ?? 16
        case 'edge_count':
          return node.edges?.length ?? 0
        case 'trace_node_id':
          return node.trace ?? 0
        case 'detachedness':
          return node.detachedness ?? 0
        default:
          return 7
      }
    }),
  )
  const edgeRows = nodes.flatMap((node) =>
    (node.edges ?? []).map((edge) =>
      edgeFields.map((field) => {
        switch (field) {
          case 'type':
            return edgeTypes.indexOf(edge.kind)
          case 'name_or_index':
            return typeof edge.name === 'number' ? edge.name : place(edge.name)
          case 'to_node':
            return edge.to * nodeFields.length
          default:
            return 7
        }
      }),
    ),
  )
  const rows = (list: readonly (readonly number[])[]): string => {
    if (style === 'compact') return `[${list.flat().join(',')}]`
    if (style === 'pretty') return JSON.stringify(list.flat(), null, 1)
    return `[${list.map((row) => `${row.join(',')}\n`).join(',')}]`
  }
  const known = new Map([
    ['nodes', rows(nodeRows)],
    ['edges', rows(edgeRows)],
    ['trace_function_infos', '[]'],
    ['trace_tree', '[]'],
    ['samples', '[]'],
    ['locations', '[]'],
    ['strings', `[${strings.map((text) => JSON.stringify(text)).join(style === 'compact' ? ',' : ',\n')}]`],
  ])
  const fullMeta = `{"node_fields":${JSON.stringify(nodeFields)},"node_types":${JSON.stringify(
    nodeFields.map((field) => (field === 'type' ? nodeTypes : field === 'name' ? 'string' : 'number')),
  )},"edge_fields":${JSON.stringify(edgeFields)},"edge_types":${JSON.stringify(
    edgeFields.map((field) => (field === 'type' ? edgeTypes : 'node')),
  )},"trace_function_info_fields":["function_id","name","script_name","script_id","line","column"],"trace_node_fields":["id","function_info_index","count","size","children"],"sample_fields":["timestamp_us","last_assigned_id"],"location_fields":["object_index","script_id","line","column"]${meta}}`
  const counts = `"node_count":${layout.nodeCount ?? nodeRows.length},"edge_count":${layout.edgeCount ?? edgeRows.length},"trace_function_count":0${header}`
  const parts = sections.map((name) => `"${name}":${more.get(name) ?? known.get(name) ?? 'null'}`)
  return `{"snapshot":{"meta":${fullMeta},${counts}},\n${parts.join(',\n')}}`
}

/** The same as bytes. */
export const v8Bytes = (nodes: readonly DrawnNode[], layout: V8Layout = {}): Uint8Array =>
  new TextEncoder().encode(v8Text(nodes, layout))

/** "(root)" with a window as its shortcut: the first two nodes of most drawings. */
export const root = (...edges: readonly DrawnEdge[]): DrawnNode => ({
  type: 'synthetic',
  name: '',
  size: 0,
  edges,
})
