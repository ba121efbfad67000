import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { env } from '#lib/env'

/** The bundled reader thread: in production as built, otherwise built again now, so that edits count. */
export async function workerFile(): Promise<string> {
  const built = resolve('dist/worker.mjs')
  if (env().NODE_ENV === 'production' && existsSync(built)) return built
  const { buildWorker } = await import('#scripts/build-worker')
  return buildWorker()
}
