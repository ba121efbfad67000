import { randomUUID } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { build } from 'esbuild'

/** Where the bundled reader thread stands. */
export const WORKER_FILE = resolve('dist/worker.mjs')

/**
 * Bundles lib/jobs/worker.ts into one file: a worker thread knows neither TypeScript nor `#lib`. About 50 ms. Written
 * beside and renamed, because several processes may build at once and threads may be starting from it.
 */
export async function buildWorker(target = WORKER_FILE): Promise<string> {
  const result = await build({
    entryPoints: [resolve('lib/jobs/worker.ts')],
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
  if (!output) throw new Error('esbuild gave no worker')
  await mkdir(dirname(target), { recursive: true })
  const beside = `${target}.${randomUUID().slice(0, 8)}`
  await writeFile(beside, output.contents)
  await rename(beside, target)
  return target
}
