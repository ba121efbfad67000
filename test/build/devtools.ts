import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'

const TOP = join(import.meta.dirname, '../..')
const WORKER = 'chrome-devtools-frontend/front_end/entrypoints/heap_snapshot_worker'

/** What we ask of DevTools' own heap, after its initialization. Nodes are ordinals, sizes bytes. */
export interface DevToolsHeap {
  readonly nodeCount: number
  readonly totalSize: number
  readonly dominatorsTree: Uint32Array
  readonly retainedSizes: Float64Array
  /** By ordinal. */
  className(node: number): string
  selfSize(node: number): number
  detachedness(node: number): number
}

interface Loaded {
  readonly nodeCount: number
  readonly totalSize: number
  readonly nodeFieldCount: number
  readonly dominatorsTree: Uint32Array
  readonly retainedSizes: Float64Array
  createNode(index: number): { className(): string; selfSize(): number; detachedness(): number }
}
interface DevToolsModule {
  load(chunks: Iterable<string>, movesSizes: boolean, infersInterfaces: boolean): Promise<Loaded>
}

/** The bundle's entry: DevTools' loader and second worker in one thread, with three of its steps optional. */
const ENTRY = `
import * as Snapshot from '${WORKER}/HeapSnapshot.js'
import { HeapSnapshotLoader } from '${WORKER}/HeapSnapshotLoader.js'
const { JSHeapSnapshot, SecondaryInitManager } = Snapshot
const measure = JSHeapSnapshot.prototype.calculateDistances
const moveSizes = JSHeapSnapshot.prototype.calculateShallowSizes
const infer = JSHeapSnapshot.prototype.inferInterfaceDefinitions
export async function load(chunks, movesSizes, infersInterfaces) {
  JSHeapSnapshot.prototype.calculateShallowSizes = movesSizes ? moveSizes : () => {}
  JSHeapSnapshot.prototype.inferInterfaceDefinitions = infersInterfaces ? infer : () => []
  // Its search of distances gives up when the root refers to one node twice, which drawn graphs do.
  JSHeapSnapshot.prototype.calculateDistances = movesSizes ? measure : () => {}
  const loader = new HeapSnapshotLoader({ sendEvent() {} })
  for (const chunk of chunks) loader.write(chunk)
  loader.close()
  const channel = new MessageChannel()
  new SecondaryInitManager(channel.port2)
  try {
    return await loader.buildSnapshot(channel.port1)
  } finally {
    channel.port1.close()
    channel.port2.close()
  }
}
`

/** DevTools' build makes this module; the package lacks it. The heap worker translates nothing. */
const LOCALES: Plugin = {
  name: 'locales',
  setup(plugins) {
    plugins.onResolve({ filter: /\/locales\.js$/ }, ({ path }) => ({ path, namespace: 'locales' }))
    plugins.onLoad({ filter: /.*/, namespace: 'locales' }, () => ({
      contents: `export const LOCALES = ['en-US'], DEFAULT_LOCALE = 'en-US', BUNDLED_LOCALES = ['en-US'],
        REMOTE_FETCH_PATTERN = '', LOCAL_FETCH_PATTERN = ''`,
    }))
  },
}

let bundled: Promise<DevToolsModule> | undefined

/** Bundles DevTools' heap worker from npm (chrome-devtools-frontend, TypeScript sources) for Node, once a process. */
async function devTools(): Promise<DevToolsModule> {
  const folder = mkdtempSync(join(tmpdir(), 'leakroom-devtools-'))
  try {
    const outfile = join(folder, 'worker.mjs')
    const result = await build({
      stdin: { contents: ENTRY, resolveDir: TOP, loader: 'js' },
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      write: false,
      logLevel: 'silent',
      plugins: [LOCALES],
      outfile,
    })
    const code = result.outputFiles[0]?.text ?? ''
    writeFileSync(outfile, `${POLYFILL}\n${code}`)
    // reason: the shape of our own entry above.
    return (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as DevToolsModule
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Node 20 has no Promise.withResolvers. */
const POLYFILL = `Promise.withResolvers ??= function () {
  let resolve, reject
  const promise = new Promise((yes, no) => { resolve = yes; reject = no })
  return { promise, resolve, reject }
}`

function* textPieces(data: Uint8Array): Iterable<string> {
  const decoder = new TextDecoder()
  const step = 1 << 22
  for (let at = 0; at < data.length; at += step)
    yield decoder.decode(data.subarray(at, at + step), { stream: at + step < data.length })
}

/**
 * Reads a snapshot, its bytes or its text in pieces, with DevTools' own code. `movesSizes`: as people see it in DevTools, sizes of hidden parts are added
 * to their owner; without, every node has the size that V8 wrote, as in our columns.
 */
export async function devToolsHeap(
  file: Uint8Array | Iterable<string>,
  { movesSizes = false, infersInterfaces = false } = {},
): Promise<DevToolsHeap> {
  bundled ??= devTools()
  const { load } = await bundled
  const pieces = file instanceof Uint8Array ? textPieces(file) : file
  const heap = await load(pieces, movesSizes, infersInterfaces)
  const node = (ordinal: number) => heap.createNode(ordinal * heap.nodeFieldCount)
  return {
    nodeCount: heap.nodeCount,
    totalSize: heap.totalSize,
    dominatorsTree: heap.dominatorsTree,
    retainedSizes: heap.retainedSizes,
    className: (ordinal) => node(ordinal).className(),
    selfSize: (ordinal) => node(ordinal).selfSize(),
    detachedness: (ordinal) => node(ordinal).detachedness(),
  }
}
