// The bundles beside Next's: the server, the reader threads, the query process, the command line.
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
