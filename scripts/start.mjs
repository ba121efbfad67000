// `npm start`: builds when there is no build of these sources, then serves it.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

process.env.NODE_ENV = 'production'
const built = existsSync('.next/BUILD_ID') && existsSync('dist/server.mjs') && existsSync('dist/worker.mjs')
if (!built) {
  console.log('First start: building the pages, about half a minute.')
  const result = spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' })
  if (result.status !== 0) process.exit(result.status ?? 1)
}
await import('../dist/server.mjs')
