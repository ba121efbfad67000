import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { accessOf, asWriter } from '#lib/auth/gate'
import { connectDatabase, type Database, db } from '#lib/db/client'
import { runCommand } from '#lib/db/commands'
import { loadPeople, loadRoomState, messagesBefore } from '#lib/db/room-state'
import { listSeries, loadSamples } from '#lib/db/series'
import { ingest } from '#lib/http/ingest'
import { respond } from '#lib/http/respond'
import type { WriteAccess } from '#lib/investigation/access'
import { UserId } from '#lib/investigation/ids'
import { attachRealtime } from '#lib/realtime/server/realtime'
import { FrontDesk } from '#lib/server/front-desk'
import { stopParts } from '#lib/server/stopping'
import { provideServices, type Services } from '#lib/services'
import { cloneDatabase } from '#test/build/postgres'
import { buildRoom, type TestRoom } from '#test/build/room'
import { rawSocket, until } from '#test/build/sockets'

const NOW_S = Math.floor(Date.now() / 1000)

let clone: Awaited<ReturnType<typeof cloneDatabase>>
let database: Database
beforeAll(async () => {
  clone = await cloneDatabase(inject('templateUrl'))
  database = connectDatabase(clone.url)
})
afterAll(async () => {
  await database.close()
  await clone.drop()
})

/** What went wrong, as the log has it. That rows are told later, because a busy machine is slow, is not wrong. */
function listen() {
  const said: string[] = []
  const isWrong = (line: string) => /"level":[56]0/.test(line) || line.includes('connectDatabase()')
  const log = pino({ level: 'warn' }, { write: (line) => void (isWrong(line) && said.push(line)) })
  return { log, said }
}

/** A node with the parts that this is about: sockets, a route that stores samples, one that answers slowly. */
async function startNode(room: TestRoom, slow?: Promise<unknown>) {
  const { log, said } = listen()
  const desk = new FrontDesk(log)
  const http = createServer()
  const realtime = attachRealtime(http, {
    ...{ log, accessOf, asWriter, loadRoomState, loadPeople, messagesBefore, runCommand },
    nodeId: randomUUID(),
    baseUrl: 'http://127.0.0.1',
    secret: 'a secret of the tests, of 32 letters and more',
    databaseUrl: clone.url,
    roomAccess: accessOf,
    authenticate: async ({ 'x-test-user': sent }) => {
      const [id = '', name = ''] = String(sent).split(' ')
      return { userId: UserId.parse(id), name }
    },
  })
  const services: Partial<Services> = {
    log,
    announcePoints: realtime.announcePoints,
    peopleInside: realtime.peopleInside,
  }
  // reason: samples are announced; the other services are not reached.
  provideServices(services as Services)
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    if (request.url === '/slow') await slow
    const actor = { kind: 'machine', tokenId: randomUUID(), name: 'agent' } as const
    // reason: a token of its own for each request, because budgets are per token.
    const access = { ...room.machine, actor } as unknown as WriteAccess
    const body = Buffer.concat(parts)
    const answered = await respond(() => ingest(access, new Request('http://x/', { method: 'POST', body })))
    response.writeHead(answered.status).end(await answered.text())
  }
  http.on('request', (request, response) => {
    if (!request.url?.startsWith('/rt/')) desk.take(request, response, () => answer(request, response))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  // reason: a server that listens on a port has an address of this form.
  const { port } = http.address() as AddressInfo
  const nothing = { close: async () => {} }
  const stop = () =>
    stopParts({
      ...{ log, http, desk, realtime, database, chores: [], reading: nothing, pages: nothing },
      uploads: { close: () => {} },
      embedded: undefined,
    })
  return { url: `http://127.0.0.1:${port}`, stop, said, desk }
}

const line = (process: string, second: number) =>
  JSON.stringify({ t: NOW_S - 50_000 + second, series: 'rss', process, v: 5e7 + second })

describe('a node that stops in the middle of requests', () => {
  it('loses nothing that it acknowledged, logs no error, and turns away who comes later', async () => {
    const room = await buildRoom()
    const node = await startNode(room)
    const stored: { process: string; second: number }[] = []
    const posted: string[] = []
    const refused = new Set<number>()
    let isOver = false

    const agent = async (process: string) => {
      for (let second = 0; !isOver; second += 2) {
        const body = `${line(process, second)}\n${line(`${process}-b`, second)}`
        const answer = await fetch(`${node.url}/samples`, { method: 'POST', body }).catch(() => undefined)
        if (answer?.status === 200) {
          expect(await answer.json()).toMatchObject({ accepted: 2 })
          stored.push({ process, second }, { process: `${process}-b`, second })
        } else if (answer) refused.add(answer.status)
        // The port is closed: this agent tries again later.
        else return
      }
    }
    const person = async (access: WriteAccess) => {
      const socket = await rawSocket(node, access)
      let isConnected = true
      socket.socket.once('disconnect', () => {
        isConnected = false
      })
      for (let n = 0; isConnected; n++) {
        const text = `${access.actor.name} ${n}`
        const sent = { key: randomUUID(), name: 'message:post', body: { id: randomUUID(), body: text } }
        const answer = await Promise.race([
          socket.ask('room:command', sent).catch(() => undefined),
          until('the socket is closed', () => !isConnected, 55_000).then(() => undefined),
        ])
        if (answer?.ok) posted.push(text)
        else if (answer) throw new Error(`${answer.code}: ${answer.sentence}`)
      }
      socket.close()
    }
    const everybody = Promise.all([
      ...Array.from({ length: 4 }, (_, i) => agent(`host-${i}`)),
      ...[room.owner, room.editor, room.second].map(person),
    ])
    await until('all are at it', () => stored.length > 24 && posted.length > 5, 50_000)
    await node.stop()
    isOver = true
    await everybody
    database = connectDatabase(clone.url)

    expect(node.said).toEqual([])
    expect([...refused].filter((status) => status !== 503)).toEqual([])
    const seconds = new Map<string, Set<number>>()
    for (const row of await listSeries(room.owner)) {
      const { t } = await loadSamples(room.owner, row.id)
      seconds.set(row.process, new Set(Array.from(t, (at) => at / 1000 - NOW_S + 50_000)))
    }
    expect(stored.filter(({ process, second }) => !seconds.get(process)?.has(second))).toEqual([])
    const messages = await db().message.findMany({ where: { investigationId: room.id } })
    const texts = new Set(messages.map(({ body }) => body))
    expect(posted.filter((text) => !texts.has(text))).toEqual([])
  }, 60_000)

  it('lets a slow request come to its end before it closes the database', async () => {
    const room = await buildRoom()
    let goOn = () => {}
    const slow = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const node = await startNode(room, slow)
    const first = fetch(`${node.url}/slow`, { method: 'POST', body: line('slow', 1) })
    await until('it is being answered', async () => (await node.desk.idle(1)) === 1)
    const stopped = node.stop()
    goOn()
    const answer = await first
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close'])
    await stopped
    database = connectDatabase(clone.url)
    expect(node.said).toEqual([])
    expect((await listSeries(room.owner)).map(({ process, points }) => [process, points])).toEqual([
      ['slow', 1],
    ])
  })
})
