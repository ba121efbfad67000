// `npm start`: builds when there is no build of these sources, then serves it.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { newestSource } from './bundles.mjs'

process.env.NODE_ENV = 'production'
const BUILT = ['.next/BUILD_ID', 'dist/server.mjs', 'dist/worker.mjs']
const isFirst = !BUILT.every((file) => existsSync(file))
if (isFirst || isStale()) {
  console.log(`${isFirst ? 'First start' : 'The sources changed'}: building the pages, about half a minute.`)
  const result = spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' })
  if (result.status !== 0) process.exit(result.status ?? 1)
}
await import('../dist/server.mjs')

/** After `git pull`, say. What is installed from elsewhere has no sources that change. */
function isStale() {
  if (!existsSync('.git')) return false
  const built = Math.min(...BUILT.map((file) => statSync(file).mtimeMs))
  const files = ['server.ts', 'next.config.js', 'package-lock.json', 'prisma/schema.prisma']
  const newest = Math.max(
    ...['app', 'components', 'lib', 'prisma/models'].map(newestSource),
    ...files.map((file) => statSync(file).mtimeMs),
  )
  return newest > built
}
