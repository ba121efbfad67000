// The bundles beside Next's: the server, the reader threads, the query process, the command line.
import { readdirSync, renameSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const common = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  sourcemap: true,
  logLevel: 'warning',
}

/** dist/server.mjs, dist/worker.mjs and dist/query.mjs; about 0.3 s. */
export async function buildServer() {
  await Promise.all([
    build({ ...common, entryPoints: ['server.ts'], outfile: 'dist/server.mjs' }),
    build({ ...common, entryPoints: ['lib/jobs/worker.ts'], outfile: 'dist/worker.mjs' }),
    build({ ...common, entryPoints: ['lib/query/child.ts'], outfile: 'dist/query.mjs' }),
  ])
}

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** dist/cli.mjs; about 0.1 s. Others may run it or make it at the same moment: they see the old one or the new one. */
export async function buildCommandLine() {
  const own = resolve(root, `dist/cli-${process.pid}.mjs`)
  await build({
    ...common,
    absWorkingDir: root,
    entryPoints: ['lib/cli/main.ts'],
    outfile: own,
    sourcemap: 'inline',
  })
  renameSync(own, resolve(root, 'dist/cli.mjs'))
}

/** When the newest file below a folder was written, in epoch milliseconds. */
export function newestSource(folder) {
  let newest = 0
  for (const entry of readdirSync(resolve(root, folder), { recursive: true, withFileTypes: true }))
    if (entry.isFile()) newest = Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs)
  return newest
}
