import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { main } from '#lib/cli/main'
import { listSeries, loadSamples } from '#lib/db/series'
import { buildNode, captureIn, type TestNode } from '#test/build/reading'
import { rubyFixturePath } from '#test/build/ruby-dump'
import { POST } from '../../app/api/ingest/route.ts'

let node: TestNode
let folder = ''
/** The ingest route as Next would serve it, and how often it is to be down before that. */
let live: Server
let outages = 0
let liveRoom = ''

beforeAll(async () => {
  node = await buildNode(inject('templateUrl'))
  folder = mkdtempSync(join(tmpdir(), 'leakroom-cli-'))
  live = createServer(async (request, response) => {
    const body = await bodyOf(request)
    if (outages > 0) {
      outages--
      response.writeHead(503).end()
      return
    }
    const headers = { authorization: request.headers.authorization ?? '' }
    const answer = await POST(new Request('http://room/api/ingest', { method: 'POST', headers, body }))
    response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(await answer.text())
  })
  await new Promise<void>((resolve) => live.listen(0, '127.0.0.1', resolve))
  // reason: a TCP server that listens has an address with a port.
  liveRoom = `http://127.0.0.1:${(live.address() as AddressInfo).port}/i/${node.room.id}`
})
afterAll(async () => {
  live.closeAllConnections()
  await new Promise((resolve) => live.close(resolve))
  await node.close()
  rmSync(folder, { recursive: true, force: true })
})

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const piece of request) body += piece
  return body
}

async function run(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const said = { out: '', err: '' }
  const status = await main(args, {
    out: (text) => {
      said.out += `${text}\n`
    },
    err: (text) => {
      said.err += `${text}\n`
    },
  })
  return { status, ...said }
}

/** Grows by 100 kB every 50 ms, twenty times, and says so; ends with 4. */
const GROWS = `const kept = []; const timer = setInterval(() => {
  kept.push(Buffer.alloc(100_000, 1)); console.log('request ' + kept.length)
  if (kept.length === 20) { clearInterval(timer); process.exitCode = 4 } }, 50)`
const grows = ['--', process.execPath, '-e', GROWS]

describe('leakroom upload', () => {
  it('attaches files in order, with what was said of them, and prints where they are', async () => {
    const files = ['trace-1-warm', 'trace-2-after-4000'].map(rubyFixturePath)
    const { status, out, err } = await run(
      'upload',
      ...files,
      '--room',
      node.base,
      '--token',
      node.token,
      '--requests',
      '2500,6500',
      '--process',
      'app-7',
    )
    expect(err).toContain('sent.')
    expect(status).toBe(0)
    const ids = [...out.matchAll(/\/i\/[^/]+\/captures\/(\S+)/g)].map(([, id]) => id!)
    expect(ids).toHaveLength(2)
    const [first, second] = await Promise.all(ids.map((id) => captureIn(id, 'ready')))
    expect(first).toMatchObject({ process: 'app-7', requestCount: 2500 })
    expect(second).toMatchObject({ process: 'app-7', requestCount: 6500 })
    expect(first!.rank < second!.rank).toBe(true)
  })

  it('says in the server’s words why a file was not taken', async () => {
    const file = join(folder, 'heap.json')
    writeFileSync(file, '{}')
    const wrong = await run('upload', file, '--room', node.base, '--token', 'lr_wrong')
    expect(wrong.status).toBe(1)
    expect(wrong.err).toMatch(/heap\.json was not attached: .*Sign in/)
    const other = await run(
      'upload',
      file,
      '--room',
      node.base.replace(node.room.id, randomUUID()),
      '--token',
      node.token,
    )
    expect(other.status).toBe(1)
    expect(other.err).toContain('not attached')
  })

  it('sends nothing when one of the files is not there', async () => {
    const { status, err } = await run(
      'upload',
      rubyFixturePath('trace-1-warm'),
      join(folder, 'nowhere'),
      '--room',
      node.base,
      '--token',
      node.token,
    )
    expect(status).toBe(1)
    expect(err).toContain('there is no such file')
    expect(err).not.toContain('sent.')
  })
})

describe('leakroom watch', () => {
  it('streams a command’s memory and iterations to the room, and ends with its status', async () => {
    const { status, err } = await run(
      'watch',
      '--quiet',
      '--every',
      '0.1',
      '--room',
      liveRoom,
      '--token',
      node.token,
      '--run',
      '3',
      '--condition',
      'A',
      '--iterations',
      '^request',
      ...grows,
    )
    expect(err).not.toContain('refused')
    expect(status).toBe(4)
    const rows = (await listSeries(node.room.owner)).filter(({ process }) => process === 'node, run 3 (A)')
    const named = (name: string) => rows.find((row) => row.name === name)!
    expect(rows.map(({ name }) => name).sort()).toEqual(
      expect.arrayContaining(['iterations', 'rss', 'rss-anon']),
    )
    const rss = await loadSamples(node.room.owner, named('rss').id)
    const iterations = await loadSamples(node.room.owner, named('iterations').id)
    expect(rss.t.length).toBeGreaterThan(4)
    expect(rss.pids!.every((pid) => pid > 0 && pid === rss.pids![0])).toBe(true)
    expect(named('rss').unit).toBe('bytes')
    expect(named('iterations').unit).toBe('count')
    expect(iterations.v.at(-1)!).toBeGreaterThan(10)
  })

  it('keeps samples while the room is down and delivers all of them', async () => {
    outages = 2
    const out = join(folder, 'rss.csv')
    const { status, err } = await run(
      'watch',
      '--quiet',
      '--every',
      '0.1',
      '--out',
      out,
      '--process',
      'outage',
      '--room',
      liveRoom,
      '--token',
      node.token,
      ...grows,
    )
    expect(status).toBe(4)
    expect(err).toContain('Samples are kept and sent later.')
    expect(err).toContain('The room can be reached again.')
    const row = (await listSeries(node.room.owner)).find(
      (one) => one.process === 'outage' && one.name === 'rss',
    )!
    const { memory } = await import('#lib/cli/open-series').then(({ openSeries }) =>
      openSeries(out, { answers: new Map() }),
    )
    expect([...(await loadSamples(node.room.owner, row.id)).t]).toEqual([...memory[0]!.samples.t])
  })

  it('never disturbs the command when the room refuses', async () => {
    const { status, err } = await run(
      'watch',
      '--quiet',
      '--every',
      '0.1',
      '--room',
      liveRoom,
      '--token',
      'lr_wrong',
      ...grows,
    )
    expect(status).toBe(4)
    expect(err).toContain('The room takes no samples: Sign in to see this. Watching goes on without it.')
  })
})
