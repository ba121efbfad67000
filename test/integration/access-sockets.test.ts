import { randomUUID } from 'node:crypto'
import { fromNodeHeaders } from 'better-auth/node'
import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { forgetAuth } from '#lib/auth/auth'
import { accessOf, userFromHeaders } from '#lib/auth/gate'
import { connectDatabase, type Database } from '#lib/db/client'
import { documentOf } from '#lib/db/documents'
import type { WriteAccess } from '#lib/investigation/access'
import type { DocId } from '#lib/investigation/ids'
import { COMMANDS, type CommandName, type CommandSent } from '#lib/realtime/commands'
import { Answer, PROTOCOL_VERSION, REQUESTS, type RequestName, SOCKET_PATH } from '#lib/realtime/protocol'
import type { RealtimeDeps } from '#lib/realtime/server/realtime'
import { provideServices, type Services } from '#lib/services'
import {
  ACTORS,
  type ActorName,
  type AtTheDoor,
  buildActors,
  everybody,
  lawOf,
  SAYS,
  type Verdict,
} from '#test/build/actors'
import { startTestNode, type TestNode } from '#test/build/nodes'
import { readAccess } from '#test/build/people'
import { cloneDatabase } from '#test/build/postgres'

let clone: { url: string; drop(): Promise<void> }
let database: Database
let atTheDoor: AtTheDoor
let docId: DocId
let node: TestNode
let callers: Record<ActorName, Caller>

/** A node that knows people by their session, as the server's own does. */
const startNode = (change: Partial<RealtimeDeps> = {}) =>
  startTestNode(clone.url, {
    authenticate: (headers) => userFromHeaders(fromNodeHeaders(headers)),
    ...change,
  })

beforeAll(async () => {
  process.env.AUTH_SECRET = 'a secret of the tests that is long enough'
  clone = await cloneDatabase(inject('templateUrl'))
  database = connectDatabase(clone.url)
  // reason: commands use one member of the running node.
  provideServices({ cancelCapture: () => {} } as unknown as Services)
  atTheDoor = await buildActors()
  docId = await documentOf(await readAccess(atTheDoor.owner, atTheDoor.place.room))
  node = await startNode()
  callers = await connectAll(node)
})
afterAll(async () => {
  hangUp(callers)
  await node.stop()
  forgetAuth()
  await database.close()
  await clone.drop()
})

const room = () => atTheDoor.place.room
const NO_ROW = '00000000-0000-4000-8000-000000000000'
const EMPTY = new Uint8Array([0, 0])

/** One row for every request: what it sends, and what it needs. `presence:set` and the like are for whoever may look. */
const SOCKET_DOORS: { readonly [N in RequestName]: { needs: 'read' | 'write'; sent: () => unknown } } = {
  'room:open': { needs: 'read', sent: () => ({ v: PROTOCOL_VERSION, investigationId: room() }) },
  'room:since': { needs: 'read', sent: () => ({ seq: 0 }) },
  'room:before': { needs: 'read', sent: () => ({ seq: 5 }) },
  'messages:before': { needs: 'read', sent: () => ({ seq: 5 }) },
  'room:members': { needs: 'read', sent: () => ({}) },
  'room:command': { needs: 'write', sent: () => commandOf('message:post') },
  'presence:set': { needs: 'read', sent: () => ({ panel: 'notes' }) },
  'doc:open': {
    needs: 'read',
    sent: () => ({ v: PROTOCOL_VERSION, docId, stateVector: new Uint8Array([0]), clientId: 1 }),
  },
  // Whoever may look may ask; a viewer is answered "readonly" (docs/realtime.md).
  'doc:push': { needs: 'write', sent: () => ({ docId, epoch: 1, update: EMPTY }) },
  'doc:awareness': { needs: 'read', sent: () => ({ docId, update: EMPTY }) },
  'doc:close': { needs: 'read', sent: () => ({ docId }) },
}

/** One row for every command: a body that makes sense. None of the rows that they name is there: that is told to writers. */
const BODIES: { readonly [C in CommandName]: () => CommandSent<C> } = {
  'investigation:change': () => ({ version: 1, title: 'Changed' }),
  'hypothesis:add': () => ({ id: randomUUID(), title: 'A hunch' }),
  'hypothesis:change': () => ({ id: NO_ROW, version: 1, title: 'Changed' }),
  'hypothesis:move': () => ({ id: NO_ROW, after: null, before: null }),
  'hypothesis:set-status': () => ({ id: NO_ROW, version: 1, to: 'testing' }),
  'hypothesis:remove': () => ({ id: NO_ROW, version: 1 }),
  'confidence:set': () => ({ hypothesisId: NO_ROW, value: 3 }),
  'check:add': () => ({
    id: randomUUID(),
    hypothesisId: NO_ROW,
    predicate: { kind: 'outages', range: null },
  }),
  'check:change': () => ({ id: NO_ROW, version: 1, predicate: { kind: 'outages', range: null } }),
  'check:remove': () => ({ id: NO_ROW }),
  'evidence:pin': () => ({ id: randomUUID(), title: 'A note', ref: { kind: 'note', quote: 'flat' } }),
  'evidence:link': () => ({ evidenceId: NO_ROW, hypothesisId: NO_ROW, stance: 'for' }),
  'evidence:unlink': () => ({ evidenceId: NO_ROW, hypothesisId: NO_ROW }),
  'message:post': () => ({ id: randomUUID(), body: 'hello' }),
  'message:edit': () => ({ id: NO_ROW, version: 1, body: 'hello' }),
  'message:delete': () => ({ id: NO_ROW, version: 1 }),
  'mark:add': () => ({ id: randomUUID(), kind: 'note', label: 'here', at: 1 }),
  'mark:change': () => ({ id: NO_ROW, version: 1, label: 'there' }),
  'mark:remove': () => ({ id: NO_ROW }),
  'limit:set': () => ({ id: randomUUID(), kind: 'ram', label: 'RAM', bytes: 1024 }),
  'limit:remove': () => ({ id: NO_ROW }),
  'capture:change': () => ({ id: NO_ROW, version: 1, label: 'Changed' }),
  'capture:move': () => ({ id: NO_ROW, after: null, before: null }),
  'capture:cancel': () => ({ id: NO_ROW }),
  'capture:remove': () => ({ id: NO_ROW }),
  'snapshot:ask': () => ({ id: randomUUID(), agentId: NO_ROW }),
  'series:remove': () => ({ id: NO_ROW }),
  'reminder:set': () => ({ id: randomUUID(), seriesId: NO_ROW, from: null, dueAt: 1 }),
  'reminder:remove': () => ({ id: NO_ROW }),
  'source:add': () => ({
    id: randomUUID(),
    url: 'http://127.0.0.1:1',
    query: 'up',
    stepSeconds: 15,
    refreshSeconds: 0,
    from: 1,
    series: [{ key: 'up', name: 'up', label: 'up', process: '', unit: 'count', factor: 1 }],
  }),
  'source:change': () => ({ id: NO_ROW, version: 1, paused: true }),
  'source:remove': () => ({ id: NO_ROW }),
  'experiment:add': () => ({
    id: randomUUID(),
    hypothesisId: NO_ROW,
    title: 'Memcached down',
    labelA: 'stopped',
    labelB: 'running',
    seed: 1,
  }),
  'experiment:change': () => ({ id: NO_ROW, version: 1, title: 'Changed' }),
  'experiment:set-environment': () => ({ id: NO_ROW, version: 1, side: 'production', text: 'ruby 3.1' }),
  'experiment:waive': () => ({ id: NO_ROW, version: 1, key: 'kernel\nkernel', reason: 'the same glibc' }),
  'experiment:archive': () => ({ id: NO_ROW, version: 1, archived: true }),
  'run:add': () => ({ experimentId: NO_ROW, version: 1 }),
  'run:attach': () => ({ id: NO_ROW, version: 1, memorySeriesId: NO_ROW, from: 0, to: 1 }),
  'run:detach': () => ({ id: NO_ROW, version: 1, reason: 'the wrong graph' }),
  'run:end': () => ({ id: NO_ROW, version: 1 }),
  'run:exclude': () => ({ id: NO_ROW, version: 1, reason: 'a backup ran' }),
  'run:include': () => ({ id: NO_ROW, version: 1, reason: 'no backup ran' }),
  'ledger:mark': () => ({ fingerprint: 'f', title: 'Session', verdict: 'expected', reason: 'a cache' }),
  'ledger:remove': () => ({ id: NO_ROW }),
  'query:save': () => ({ id: randomUUID(), title: 'Largest', sql: 'select 1' }),
  'query:remove': () => ({ id: NO_ROW }),
}
const commandOf = (name: CommandName) => ({ key: randomUUID(), name, body: BODIES[name]() })

/** Somebody's socket, or why she got none. */
type Caller = Socket | 'sign-in' | 'origin'

async function connect(to: TestNode, who: ActorName): Promise<Caller> {
  const { host: _host, ...headers } = Object.fromEntries(atTheDoor.headers[who])
  const socket = io(to.url, {
    path: SOCKET_PATH,
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    extraHeaders: headers,
  })
  const refused = await new Promise<Error | null>((told) => {
    socket.once('connect', () => told(null))
    socket.once('connect_error', told)
  })
  if (refused === null) return socket
  socket.disconnect()
  return refused.message === 'access/sign-in' ? 'sign-in' : 'origin'
}

async function connectAll(to: TestNode): Promise<Record<ActorName, Caller>> {
  const connected = await Promise.all(ACTORS.map((who) => connect(to, who)))
  const sockets = new Map(ACTORS.map((who, index) => [who, connected[index]]))
  return everybody((who) => sockets.get(who) ?? 'sign-in')
}

function hangUp(all: Record<ActorName, Caller>): void {
  for (const caller of Object.values(all)) if (typeof caller === 'object') caller.disconnect()
}

/** Opens the room, so far as that goes, and asks. */
async function verdictOf(caller: Caller, name: RequestName, sent: unknown): Promise<Verdict> {
  if (typeof caller === 'string') return caller
  const ask = async (request: RequestName, what: unknown) =>
    Answer.parse(await caller.timeout(10_000).emitWithAck(request, what))
  if (name !== 'room:open') await ask('room:open', SOCKET_DOORS['room:open'].sent())
  const answer = await ask(name, sent)
  if (answer.ok) {
    const { value } = answer
    const isReadOnly =
      typeof value === 'object' && value !== null && 'code' in value && value.code === 'readonly'
    return isReadOnly ? 'read-only' : 'in'
  }
  // reason: a code that is none of these belongs to somebody who was let in.
  return SAYS[answer.code as keyof typeof SAYS] ?? 'in'
}

/** Sessions only: a token is for the HTTP interface, and a page of another site gets no socket at all. */
function socketLaw(needs: 'read' | 'write', who: ActorName): Verdict {
  if (who === 'owner on a foreign page') return 'origin'
  const isMachine = [
    'machine',
    'machine of another room',
    'machine with a revoked token',
    'forged token',
  ].includes(who)
  return isMachine ? 'sign-in' : lawOf(needs, who)
}

/** What everybody is told, one after the other. */
async function told(all: Record<ActorName, Caller>, name: RequestName, sent: () => unknown) {
  const verdicts = new Map<ActorName, Verdict>()
  for (const who of ACTORS) verdicts.set(who, await verdictOf(all[who], name, sent()))
  return everybody((who) => verdicts.get(who))
}
const expected = (needs: 'read' | 'write') => everybody((who) => socketLaw(needs, who))

describe('the table of socket requests', () => {
  it('has a row for every request and every command of the protocol', () => {
    expect(Object.keys(SOCKET_DOORS).sort()).toEqual(Object.keys(REQUESTS).sort())
    expect(Object.keys(BODIES).sort()).toEqual(Object.keys(COMMANDS).sort())
  })

  it.each(Object.keys(SOCKET_DOORS) as RequestName[])('%s', async (name) => {
    const { needs, sent } = SOCKET_DOORS[name]

    expect(await told(callers, name, sent)).toEqual(expected(needs))
  })

  it.each(Object.keys(BODIES) as CommandName[])('room:command %s', async (name) => {
    expect(await told(callers, 'room:command', () => commandOf(name))).toEqual(expected('write'))
  })

  it.each(Object.keys(SOCKET_DOORS).filter((name) => name !== 'room:open') as RequestName[])(
    '%s is refused where no room is open, to everybody',
    async (name) => {
      const socket = await connect(node, 'editor')
      if (typeof socket === 'string') throw new Error('the editor has no socket')
      const answer = Answer.parse(await socket.timeout(10_000).emitWithAck(name, SOCKET_DOORS[name].sent()))
      socket.disconnect()
      expect(answer).toMatchObject({ ok: false, code: 'access/unknown' })
    },
  )

  it.each(['doc:open', 'doc:push', 'doc:awareness', 'doc:close'] as const)(
    '%s is refused for the text of another room than the open one',
    async (name) => {
      const caller = callers['owner of another team']
      if (typeof caller === 'string') throw new Error('she has no socket')
      const opened = await caller.emitWithAck('room:open', {
        v: PROTOCOL_VERSION,
        investigationId: atTheDoor.place.otherRoom,
      })
      expect(opened).toMatchObject({ ok: true })
      const answer = Answer.parse(await caller.timeout(10_000).emitWithAck(name, SOCKET_DOORS[name].sent()))
      expect(answer).toMatchObject({ ok: false, code: 'access/unknown' })
    },
  )
})

describe('the table notices', () => {
  const noticedBy = async (change: Partial<RealtimeDeps>, name: RequestName) => {
    const careless = await startNode(change)
    const all = await connectAll(careless)
    try {
      const { needs, sent } = SOCKET_DOORS[name]
      const [said, should] = [await told(all, name, sent), expected(needs)]
      return ACTORS.filter((who) => said[who] !== should[who])
    } finally {
      hangUp(all)
      await careless.stop()
    }
  }

  it('a command whose role nobody checks', async () => {
    // reason: the planted mistake: a proof without a look.
    const asWriter: RealtimeDeps['asWriter'] = (access) => access as WriteAccess
    expect(await noticedBy({ asWriter }, 'room:command')).toEqual(['viewer', 'guest viewer'])
  })

  it('a room that opens for whoever has a session', async () => {
    const owner = atTheDoor.owner.user
    const roomAccess: RealtimeDeps['roomAccess'] = (_user, id) => accessOf(owner, id)
    expect(await noticedBy({ roomAccess }, 'room:since')).toEqual([
      'stranger',
      'owner of another team',
      'guest of an expired link',
      'guest of a revoked link',
    ])
  })
})
