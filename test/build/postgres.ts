import { randomUUID } from 'node:crypto'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
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

/** The server that tests run on: TEST_DATABASE_URL's, or an embedded one of this run's own. */
async function testServer(): Promise<EmbeddedDatabase> {
  const given = process.env.TEST_DATABASE_URL
  if (given) return { url: given, adopted: true, pid: undefined, stop: async () => {} }
  const parent = resolve('.data/test-pg')
  await mkdir(parent, { recursive: true })
  await chmod(parent, 0o755)
  const folder = await mkdtemp(join(parent, 'run-'))
  const server = await startEmbedded(folder, 'postgres')
  // Tests kill processes and never pull the plug: what the system holds is as safe as what the disk holds.
  await admin(server.url, async (client) => {
    await client.query('alter system set fsync = off')
    await client.query('alter system set full_page_writes = off')
    await client.query('select pg_reload_conf()')
  })
  return {
    ...server,
    async stop() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Vitest's global set-up: one server, one freshly migrated template. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const server = await testServer()
  // A name of its own: two runs on one server must not pull the template from under each other.
  const template = `template_${randomUUID().slice(0, 8)}`
  await admin(server.url, (client) => client.query(`create database ${template}`))
  const templateUrl = named(server.url, template)
  await migrate(templateUrl)
  project.provide('templateUrl', templateUrl)
  return async () => {
    await admin(server.url, (client) => client.query(`drop database if exists ${template} with (force)`))
    await server.stop()
  }
}

/**
 * A database of the test file's own, cloned from the template in about 70 ms.
 * @param templateUrl `inject('templateUrl')`
 */
export async function cloneDatabase(templateUrl: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `test_${randomUUID().slice(0, 8)}`
  const template = new URL(templateUrl).pathname.slice(1)
  await admin(templateUrl, (client) =>
    client.query(`create database ${name} template ${template} strategy file_copy`),
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
