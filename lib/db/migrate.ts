import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'

/** The advisory lock that Prisma Migrate itself takes: the two never run at once. */
const PRISMA_LOCK = 72707369

const LEDGER = `create table if not exists "_prisma_migrations" (
  "id" varchar(36) primary key not null, "checksum" varchar(64) not null, "finished_at" timestamptz,
  "migration_name" varchar(255) not null, "logs" text, "rolled_back_at" timestamptz,
  "started_at" timestamptz not null default now(), "applied_steps_count" integer not null default 0)`

interface LedgerRow {
  readonly migration_name: string
  readonly checksum: string
  readonly finished_at: Date | null
  readonly rolled_back_at: Date | null
}

/**
 * Applies prisma/migrations/<name>/migration.sql in order and records them exactly as `prisma migrate deploy` does, which
 * afterwards says that there is nothing to do. About 20 ms on a fresh database; needs no command line and no network.
 *
 * @returns the names of the migrations that were applied now.
 * @throws Error when a migration fails, failed earlier, or was edited after it was applied.
 */
export async function migrate(url: string, folder = 'prisma/migrations'): Promise<string[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [PRISMA_LOCK])
    await client.query(LEDGER)
    const done = await appliedSoFar(client)
    const applied: string[] = []
    for (const name of await migrationNames(folder)) {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8')
      const checksum = createHash('sha256').update(sql).digest('hex')
      const before = done.get(name)
      if (before === undefined) {
        await apply(client, name, sql, checksum)
        applied.push(name)
      } else if (before !== checksum) {
        throw new Error(
          `The migration ${name} was edited after it was applied here. Add a new migration instead.`,
        )
      }
    }
    return applied
  } finally {
    await client.end() // ends the session and with it the lock
  }
}

async function migrationNames(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

async function appliedSoFar(client: pg.Client): Promise<Map<string, string>> {
  const { rows } = await client.query<LedgerRow>(
    'select migration_name, checksum, finished_at, rolled_back_at from "_prisma_migrations"',
  )
  const failed = rows.find((row) => !row.finished_at && !row.rolled_back_at)
  if (failed) {
    throw new Error(
      `The migration ${failed.migration_name} failed earlier. Mend the database, then mark it with: npm run db -- migrate resolve --rolled-back ${failed.migration_name}`,
    )
  }
  const live = rows.filter((row) => row.finished_at && !row.rolled_back_at)
  return new Map(live.map((row) => [row.migration_name, row.checksum]))
}

async function apply(client: pg.Client, name: string, sql: string, checksum: string): Promise<void> {
  const id = randomUUID()
  await client.query('insert into "_prisma_migrations" (id, checksum, migration_name) values ($1, $2, $3)', [
    id,
    checksum,
    name,
  ])
  try {
    await client.query(sql)
  } catch (cause) {
    await client.query('rollback')
    await client.query('update "_prisma_migrations" set logs = $2 where id = $1', [id, String(cause)])
    throw new Error(`The migration ${name} failed: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    })
  }
  await client.query(
    'update "_prisma_migrations" set finished_at = now(), applied_steps_count = 1 where id = $1',
    [id],
  )
}
