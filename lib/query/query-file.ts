import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { env } from '#lib/env'

let built: Promise<string> | undefined

/** The bundled query process: in production as built, otherwise built once by this node. */
export async function queryFile(): Promise<string> {
  const file = resolve('dist/query.mjs')
  if (env().NODE_ENV === 'production' && existsSync(file)) return file
  const { buildQueryProcess } = await import('#scripts/build-worker')
  built ??= buildQueryProcess()
  return built
}
