// npm run db -- migrate dev --name x      Prisma's command line against DATABASE_URL, or the embedded database.
import { spawnSync } from 'node:child_process'
import { startEmbedded } from '#lib/db/embedded'
import { env } from '#lib/env'

const embedded = env().DATABASE_URL
  ? undefined
  : await startEmbedded(`${env().DATA_DIR}/pg`, 'leakroom', env().PG_RUN_AS)
const url = env().DATABASE_URL ?? embedded?.url
const result = spawnSync('npx', ['prisma', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, DATABASE_URL: url },
})
await embedded?.stop()
process.exit(result.status ?? 1)
