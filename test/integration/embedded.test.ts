import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startEmbedded } from '#lib/db/embedded'
import { migrate } from '#lib/db/migrate'

let folder: string
const stops: (() => Promise<void>)[] = []

beforeEach(async () => {
  // Not under /tmp of a private home: the account that PostgreSQL runs as has to reach it.
  folder = await mkdtemp(join(resolve('.data'), 'embedded-'))
})
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
  await rm(folder, { recursive: true, force: true })
})

async function start() {
  const started = await startEmbedded(folder)
  stops.push(() => started.stop())
  return started
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** Starts the database in a child process and reports what it got. The child stays until it is killed. */
async function startInChild(): Promise<{
  child: ReturnType<typeof spawn>
  url: string
  adopted: boolean
  pid: number
}> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/build/start-embedded.ts', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return { child, ...JSON.parse(String(line)) }
}

describe('the embedded database', () => {
  it('keeps its rows from one start to the next', async () => {
    const first = await startEmbedded(folder)
    await query(first.url, 'create table kept (n int); insert into kept values (7)')
    await first.stop()
    const second = await start()
    expect(second.adopted).toBe(false)
    expect(await query(second.url, 'select n from kept')).toEqual([{ n: 7 }])
  })

  it('gives two starts at the same moment the same database', async () => {
    const [a, b] = await Promise.all([start(), start()])
    await query(a.url, 'create table seen (n int)')
    expect(await query(b.url, 'select count(*)::int as n from seen')).toEqual([{ n: 0 }])
  })

  it('is adopted, and stopped in the end, by the next start after the first was killed with -9', async () => {
    const killed = await startInChild()
    await query(killed.url, 'create table kept (n int); insert into kept values (1)')
    killed.child.kill('SIGKILL')
    await once(killed.child, 'exit')
    const next = await startEmbedded(folder)
    expect(next.adopted).toBe(true)
    expect(await query(next.url, 'select n from kept')).toEqual([{ n: 1 }])
    await next.stop()
    await expect(query(next.url, 'select 1')).rejects.toThrow()
  })

  it('comes up again by itself, at the same address and with every committed row, after it was killed with -9', async () => {
    const { url, pid } = await start()
    await query(url, 'create table kept (n int); insert into kept values (3)')
    process.kill(pid!, 'SIGKILL')
    await expect
      .poll(() => query(url, 'select n from kept').catch(() => 'down'), { timeout: 20_000 })
      .toEqual([{ n: 3 }])
  })
})

describe('migrations', () => {
  it('are applied once, by two processes that start at the same moment', async () => {
    const { url } = await start()
    const applied = await Promise.all([migrate(url), migrate(url)])
    expect(applied.flat().length).toBeGreaterThan(0)
    expect(new Set(applied.flat()).size).toBe(applied.flat().length)
    expect(await migrate(url)).toEqual([])
  })
})
