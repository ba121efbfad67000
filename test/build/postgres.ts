import { randomUUID } from 'node:crypto'
import pg from 'pg'
import type {} from 'vitest'
import type { TestProject } from 'vitest/node'
import { type EmbeddedDatabase, startEmbedded } from '#lib/db/embedded'
import { migrate } from '#lib/db/migrate'

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the migrated template database. Never connect to it: clone it. */
    templateUrl: string
  }
}

const TEMPLATE = 'leakroom_template'

/** The server that tests run on: DATABASE_URL's, or an embedded one under .data/test-pg. */
async function testServer(): Promise<EmbeddedDatabase> {
  const given = process.env.TEST_DATABASE_URL
  if (given) return { url: given, adopted: true, pid: undefined, stop: async () => {} }
  return startEmbedded(process.env.TEST_DATA_DIR ?? '.data/test-pg', 'postgres')
}

/** Vitest's global set-up: one server, one freshly migrated template. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const server = await testServer()
  await admin(server.url, async (client) => {
    await client.query(`drop database if exists ${TEMPLATE} with (force)`)
    await client.query(`create database ${TEMPLATE}`)
  })
  const templateUrl = named(server.url, TEMPLATE)
  await migrate(templateUrl)
  project.provide('templateUrl', templateUrl)
  return () => server.stop()
}

/**
 * A database of the test file's own, cloned from the template in about 70 ms.
 * @param templateUrl `inject('templateUrl')`
 */
export async function cloneDatabase(templateUrl: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `test_${randomUUID().slice(0, 8)}`
  await admin(templateUrl, (client) =>
    client.query(`create database ${name} template ${TEMPLATE} strategy file_copy`),
  )
  return {
    url: named(templateUrl, name),
    drop: () => admin(templateUrl, (client) => client.query(`drop database if exists ${name} with (force)`)),
  }
}

function named(url: string, database: string): string {
  const copy = new URL(url)
  copy.pathname = `/${database}`
  return copy.href
}

async function admin(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: named(url, 'postgres') })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
