/** A V8 snapshot of a few dozen nodes with everything that the format knows: recorded stacks, samples, places, weak edges. */
export function smallSnapshot(): Uint8Array {
  const nodeTypes = ['hidden', 'array', 'string', 'object', 'code', 'closure', 'native', 'synthetic']
  const edgeTypes = ['context', 'element', 'property', 'internal', 'hidden', 'shortcut', 'weak']
  const strings = [
    '',
    '(GC roots)',
    'Session',
    'sessions',
    'text of a session',
    'map',
    'leak',
    '/app/leak.js',
  ]
  const nodes: number[] = []
  const edges: number[] = []
  const width = 7
  const count = 40
  const node = (type: number, name: number, size: number, held: readonly [number, number, number][]) => {
    nodes.push(type, name, (nodes.length / width) * 2 + 1, size, held.length, 3, 0)
    for (const [kind, label, to] of held) edges.push(kind, label, to * width)
  }
  node(7, 0, 0, [[1, 1, 1]])
  node(7, 1, 0, [
    [1, 1, 2],
    [4, 2, 3],
    [5, 3, 2],
  ])
  node(
    3,
    3,
    32,
    Array.from({ length: count - 4 }, (_, n): [number, number, number] => [1, n, n + 4]),
  )
  node(5, 6, 64, [
    [2, 3, 2],
    [6, 5, 4],
  ])
  for (let n = 4; n < count; n++) {
    if (n % 2 === 0)
      node(
        3,
        2,
        56,
        n + 1 < count
          ? [
              [2, 4, n + 1],
              [3, 5, 3],
            ]
          : [],
      )
    else node(2, 4, 24, [])
  }
  const meta = {
    node_fields: ['type', 'name', 'id', 'self_size', 'edge_count', 'trace_node_id', 'detachedness'],
    node_types: [nodeTypes, 'string', 'number', 'number', 'number', 'number', 'number'],
    edge_fields: ['type', 'name_or_index', 'to_node'],
    edge_types: [edgeTypes, 'string_or_number', 'node'],
    trace_function_info_fields: ['function_id', 'name', 'script_name', 'script_id', 'line', 'column'],
    trace_node_fields: ['id', 'function_info_index', 'count', 'size', 'children'],
    sample_fields: ['timestamp_us', 'last_assigned_id'],
    location_fields: ['object_index', 'script_id', 'line', 'column'],
  }
  const snapshot = { meta, node_count: count, edge_count: edges.length / 3, trace_function_count: 2 }
  return text(
    JSON.stringify({
      snapshot,
      nodes,
      edges,
      trace_function_infos: [0, 0, 0, 0, 0, 0, 1, 6, 7, 12, 3, 4],
      trace_tree: [1, 0, 0, 0, [2, 1, 10, 100, [3, 1, 5, 50, []]]],
      samples: [0, 20, 1000, 81],
      locations: [21, 12, 3, 4],
      strings,
    }),
  )
}

/** A V8 sampling profile of three functions. */
export function smallProfile(): Uint8Array {
  const node = (functionName: string, line: number, size: number, children: readonly object[] = []) => ({
    callFrame: {
      functionName,
      scriptId: '12',
      url: 'file:///app/leak.js',
      lineNumber: line,
      columnNumber: 2,
    },
    selfSize: size,
    id: line + 1,
    children,
  })
  const head = node('(root)', 0, 0, [
    node('handle', 10, 640, [node('keep', 20, 4096)]),
    node('start', 3, 128),
  ])
  return text(JSON.stringify({ head, samples: [{ size: 64, nodeId: 21, ordinal: 1 }] }))
}

const text = (content: string): Uint8Array => new TextEncoder().encode(content)
