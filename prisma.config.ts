import { resolve } from 'node:path'
import { defineConfig } from 'prisma/config'

// Prisma's native schema engine is a download that offline machines cannot make. On every platform
// but Windows, a script that drives the same engine's WASM build from npm stands in for it.
if (process.platform !== 'win32') {
  process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= resolve(import.meta.dirname, 'scripts/schema-engine.mjs')
}
process.env.CHECKPOINT_DISABLE ??= '1'

export default defineConfig({
  schema: 'prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? '' },
})
