import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { PrismaClient } from '#prisma/generated/client'

/** The two ways to PostgreSQL: Prisma for rows, a plain pool for the document log (bytes, one round trip). */
export interface Database {
  readonly url: string
  readonly prisma: PrismaClient
  readonly pool: pg.Pool
  close(): Promise<void>
}

// The server and Next's bundles are separate module graphs in one process: they share this through globalThis.
const KEY = Symbol.for('leakroom.database')
const shared = globalThis as { [KEY]?: Database }

/** Opens the database for this process. Called once, by server.ts, a script or a test. */
export function connectDatabase(
  url: string,
  sizes: { prisma: number; pool: number } = { prisma: 10, pool: 8 },
): Database {
  const pool = new pg.Pool({ connectionString: url, max: sizes.pool })
  // An idle connection that PostgreSQL closes (restart) must not end the process; the next query opens a new one.
  pool.on('error', () => {})
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: sizes.prisma }) })
  const database: Database = {
    url,
    prisma,
    pool,
    async close() {
      if (shared[KEY] === database) delete shared[KEY]
      await Promise.all([prisma.$disconnect(), pool.end()])
    },
  }
  shared[KEY] = database
  return database
}

/** This process's database. @throws when nobody connected it: a bug in the start order. */
export function database(): Database {
  const open = shared[KEY]
  if (!open) throw new Error('connectDatabase() was not called')
  return open
}

/** This process's Prisma client. */
export const db = (): PrismaClient => database().prisma
