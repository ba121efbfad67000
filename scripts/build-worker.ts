import { randomUUID } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { build } from 'esbuild'

/** Where the bundled reader thread stands. */
export const WORKER_FILE = resolve('dist/worker.mjs')
/** Where the bundled query process stands. */
export const QUERY_FILE = resolve('dist/query.mjs')

/**
 * Bundles lib/jobs/worker.ts into one file: a worker thread knows neither TypeScript nor `#lib`. About 50 ms. Written
 * beside and renamed, because several processes may build at once and threads may be starting from it.
 */
export const buildWorker = (target = WORKER_FILE): Promise<string> => bundle('lib/jobs/worker.ts', target)

/** Bundles lib/query/child.ts, the process that queries run in. DuckDB itself is loaded from node_modules. */
export const buildQueryProcess = (target = QUERY_FILE): Promise<string> =>
  bundle('lib/query/child.ts', target)

async function bundle(entry: string, target: string): Promise<string> {
  const result = await build({
    entryPoints: [resolve(entry)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    write: false,
    legalComments: 'none',
    sourcemap: 'inline',
  })
  const output = result.outputFiles[0]
  if (!output) throw new Error(`esbuild gave nothing for ${entry}`)
  await mkdir(dirname(target), { recursive: true })
  const beside = `${target}.${randomUUID().slice(0, 8)}`
  await writeFile(beside, output.contents)
  await rename(beside, target)
  return target
}
