// Dumps as memprof would have written them. No file of a real process was to be had: the shapes are those of memprof's
// source code (ext/memprof.c, `obj_dump` and the rows around it; ext/json.c prints pointers with "%x", so only 32 bits).

/** What a row holds; a string is written as JSON would, a Buffer as its raw bytes between quotes. */
export type Cell = string | number | boolean | null | Buffer | readonly Cell[] | Row
export interface Row {
  readonly [key: string]: Cell
}

/** One row as a line, without newline. Bytes stay as they are: memprof writes strings in no particular encoding. */
export function memprofLine(row: Row): Buffer {
  return written(row)
}

function written(cell: Cell): Buffer {
  if (Buffer.isBuffer(cell)) return Buffer.concat([QUOTE, escapedBytes(cell), QUOTE])
  if (isList(cell)) return Buffer.concat([Buffer.from('['), ...between(cell.map(written)), Buffer.from(']')])
  if (typeof cell === 'object' && cell !== null) {
    const fields = Object.entries(cell).map(([key, value]) =>
      Buffer.concat([Buffer.from(`${JSON.stringify(key)}:`), written(value)]),
    )
    return Buffer.concat([Buffer.from('{'), ...between(fields), Buffer.from('}')])
  }
  // yajl prints what C prints for a float that is none.
  if (typeof cell === 'number' && !Number.isFinite(cell))
    return Buffer.from(Number.isNaN(cell) ? 'nan' : 'inf')
  return Buffer.from(JSON.stringify(cell))
}
const QUOTE = Buffer.from('"')
const isList = (cell: Cell): cell is readonly Cell[] => Array.isArray(cell)
const between = (parts: readonly Buffer[]): Buffer[] =>
  parts.flatMap((part, at) => (at === 0 ? [part] : [Buffer.from(','), part]))
const escapedBytes = (raw: Buffer): Buffer =>
  Buffer.from(
    raw.toString('latin1').replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n').replace(/\0/g, '\\u0000'),
    'latin1',
  )

/** The address of the `n`th slot of a heap, as memprof prints it. */
export const pointer = (n: number): string => `0x${(0x2a10_0000 + n * 40).toString(16)}`

export interface Planted {
  /** Entries that the audit trail has kept: the leak. */
  readonly entries: number
  /** Entries of a cache that is bounded. */
  readonly cached: number
  /** Strings of requests in flight, which no listed root reaches. Others in every capture. */
  readonly inFlight?: number
  /** Where this capture's objects in flight stand; they must not be where older ones stood. */
  readonly firstFree?: number
}

/**
 * A process with a planted leak: the array in the constant AuditTrail::ENTRIES. A class holds constants in its `ivars`; a
 * cache hangs in a global variable. Rows come in memprof's order: finalizers, globals, frames, objects, lsof, ps.
 */
export function memprofDump(planted: Planted): Buffer {
  const rows: Row[] = []
  const object = (n: number, row: Row) => rows.push({ _id: pointer(n), ...row })
  const classRow = (name: string, ivars: Row = {}): Row => ({
    type: 'class',
    class: pointer(CLASS),
    class_name: 'Class',
    name,
    super: name === 'Object' ? null : pointer(OBJECT),
    ...(name === 'Object' ? {} : { super_name: 'Object' }),
    ...(Object.keys(ivars).length > 0 && { ivars }),
    methods: { call: pointer(NODE) },
    code: 3,
  })
  const entries = Array.from({ length: planted.entries }, (_, n) => FIRST_ENTRY + n * 2)
  const cached = Array.from({ length: planted.cached }, (_, n) => FIRST_CACHED + n)
  const names = {
    String: pointer(STRING),
    Array: pointer(ARRAY),
    AuditTrail: pointer(TRAIL),
    Class: pointer(CLASS),
  }
  rows.push({ _id: 'finalizers', type: 'finalizers', data: [[pointer(FILE), pointer(PROCS)]] })
  rows.push({
    _id: 'globals',
    type: 'globals',
    variables: { ':$stdout': pointer(FILE), ':$cache': pointer(CACHE), ':$DEBUG': false, ':$,': null },
  })
  rows.push({
    _id: '0xbf001000',
    type: 'frame',
    self: pointer(APP),
    last_class: pointer(APP_CLASS),
    orig_func: ':call',
    node: pointer(NODE),
    prev: '0xbf002000',
  })
  rows.push({ _id: '0xbf002000', type: 'frame', self: pointer(APP), last_func: ':main' })
  object(OBJECT, classRow('Object', { __classid__: ':Object', ...names, App: pointer(APP_CLASS) }))
  object(CLASS, classRow('Class'))
  object(STRING, classRow('String'))
  object(ARRAY, classRow('Array'))
  object(ENTRY_CLASS, classRow('AuditTrail::Entry'))
  object(APP_CLASS, classRow('App'))
  object(TRAIL, {
    ...classRow('AuditTrail', { ENTRIES: pointer(ENTRIES), Entry: pointer(ENTRY_CLASS) }),
    type: 'module',
    code: 5,
  })
  object(ENTRIES, {
    ...instanceOf('array', ARRAY, 'Array'),
    length: planted.entries,
    ...(planted.entries > 0 && { data: entries.map(pointer) }),
    code: 9,
  })
  for (const n of entries) {
    object(n, {
      file: '/app/audit.rb',
      line: 12,
      time: 1_262_304_000_000_000 + n,
      ...instanceOf('object', ENTRY_CLASS, 'AuditTrail::Entry'),
      ivars: { '@path': pointer(n + 1), '@status': 200, '@verb': ':get' },
      code: 2,
    })
    const path = Buffer.from(`/orders/${n}/caf\u00e9`, 'latin1')
    object(n + 1, { ...instanceOf('string', STRING, 'String'), length: path.length, data: path, code: 7 })
  }
  object(CACHE, {
    ...instanceOf('hash', 0, 'Hash'),
    length: planted.cached,
    default: null,
    ...(planted.cached > 0 && { data: cached.map((n, at) => [at % 2 ? `:key${at}` : at, pointer(n)]) }),
    code: 11,
  })
  for (const n of cached)
    object(n, { ...instanceOf('string', STRING, 'String'), length: 6, data: 'cached', code: 7 })
  object(APP, { ...instanceOf('object', APP_CLASS, 'App'), ivars: { '@handler': pointer(PROC) }, code: 2 })
  object(PROC, {
    ...instanceOf('data', 0, 'Proc'),
    data: '0x9f3c440',
    nd_body: pointer(NODE),
    scope: pointer(SCOPE),
    self: pointer(APP),
    klass: pointer(APP_CLASS),
    thread: null,
    code: 34,
  })
  object(SCOPE, { type: 'scope', node: pointer(NODE), variables: { ':env': pointer(VARMAP) }, code: 38 })
  object(VARMAP, { type: 'varmap', data: { ':request': pointer(FLOAT) }, code: 37 })
  object(FLOAT, { ...instanceOf('float', 0, 'Float'), data: 1.5, code: 6 })
  object(NODE, {
    type: 'node',
    node_type: 'CFUNC',
    file: '/app/app.rb',
    line: 3,
    node_code: 2,
    n1: '0x8048000: rb_call',
    n2: 0,
    n3: null,
    code: 63,
  })
  object(PROCS, { ...instanceOf('array', ARRAY, 'Array'), length: 1, data: [pointer(PROC)], code: 9 })
  object(FILE, { ...instanceOf('file', 0, 'IO'), fileno: 1, mode: ['writable', 'sync'], code: 14 })
  const firstFree = planted.firstFree ?? FIRST_FREE
  for (let n = 0; n < (planted.inFlight ?? 0); n++)
    object(firstFree + n, { ...instanceOf('string', STRING, 'String'), length: 3, data: 'req', code: 7 })
  rows.push({ _id: 'lsof:1', type: 'lsof', fd: 'cwd', fd_type: 'DIR', fd_name: '/app' })
  rows.push({ _id: 'lsof:2', type: 'lsof', fd: '5u', fd_type: 'IPv4', fd_name: '10.0.0.1:80' })
  rows.push({ _id: 'ps', type: 'ps', rss: '40960', vsize: '99999' })
  return Buffer.concat(rows.flatMap((row) => [memprofLine(row), NEWLINE]))
}
const NEWLINE = Buffer.from('\n')

const instanceOf = (type: string, classSlot: number, className: string): Row => ({
  type,
  ...(classSlot > 0 && { class: pointer(classSlot) }),
  class_name: className,
})

// Slots of the process. What grows comes last.
const [OBJECT, CLASS, STRING, ARRAY, ENTRY_CLASS, APP_CLASS, TRAIL, ENTRIES] = [1, 2, 3, 4, 5, 6, 7, 8]
const [CACHE, APP, PROC, SCOPE, VARMAP, FLOAT, NODE, PROCS, FILE] = [9, 10, 11, 12, 13, 14, 15, 16, 17]
const FIRST_CACHED = 1000
const FIRST_ENTRY = 100_000
const FIRST_FREE = 1_000_000
