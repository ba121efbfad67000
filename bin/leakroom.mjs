#!/usr/bin/env node
// The command line. Bundles lib/cli once when there is no bundle of these sources; then it starts in some 60 ms.
import { existsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bundle = resolve(root, 'dist/cli.mjs')
if (!existsSync(bundle) || (await isStale())) {
  const { buildCommandLine } = await import('../scripts/bundles.mjs')
  await buildCommandLine()
}
const { main } = await import(bundle)
process.exitCode = await main(process.argv.slice(2))

/** A checkout's sources change; an installed package's do not. */
async function isStale() {
  if (!existsSync(resolve(root, '.git'))) return false
  const { newestSource } = await import('../scripts/bundles.mjs')
  return newestSource('lib') > statSync(bundle).mtimeMs
}
