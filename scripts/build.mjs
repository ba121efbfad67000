// `npm run build`: the pages (Next), the server and the reader threads (esbuild).
import { spawnSync } from 'node:child_process'
import { buildServer } from './bundles.mjs'

process.env.NEXT_TELEMETRY_DISABLED = '1'
const next = spawnSync(process.execPath, ['node_modules/next/dist/bin/next', 'build'], {
  stdio: 'inherit',
  env: { ...process.env, NODE_ENV: 'production' },
})
if (next.status !== 0) process.exit(next.status ?? 1)
await buildServer()
