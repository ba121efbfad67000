import type { Server as HttpServer, IncomingMessage } from 'node:http'
import { Server } from 'socket.io'
import { forgetArchive } from '#lib/db/document-compaction'
import { onHint } from '#lib/db/hints'
import type { ReadAccess } from '#lib/investigation/access'
import type { Services } from '#lib/services'
import { SOCKET_PATH } from '../protocol.ts'
import { LiveAnnouncements } from './announcements.ts'
import { Bus, type BusMessage } from './bus.ts'
import { Documents } from './documents.ts'
import { LIMITS, TokenBucket } from './limits.ts'
import { announce, type RealtimeDeps, type RoomServer, type RoomSocket, TIMES } from './node.ts'
import { Presence } from './presence.ts'
import { Rooms } from './rooms.ts'
import { Timers } from './timers.ts'
import { Underway } from './underway.ts'

export type { RealtimeDeps, RealtimeTimes, SocketUser } from './node.ts'

/** Counts for health and for tests. After everybody left and the grace time, all of them are 0. */
export interface RealtimeCounts {
  readonly sockets: number
  readonly rooms: number
  readonly documents: number
  /** One-shot timers that wait; those of the node itself are not counted. */
  readonly timers: number
  /** Documents that cannot be stored at the moment. */
  readonly degraded: number
  /** How often a sequence was not the next one. Not 0: something is wrong with the log. */
  readonly sequenceGaps: number
  readonly busConnected: boolean
}

export interface Realtime extends Pick<Services, 'announceProgress' | 'announcePoints' | 'peopleInside'> {
  counts(): RealtimeCounts
  /** Tells everybody, stores what is open (at most 5 s), closes the sockets. The HTTP server is the caller's. */
  drain(): Promise<void>
}

const DRAIN_MS = 5000
/** What was asked over a socket gets so long to be answered. */
const ANSWER_MS = 5000
const PRESSURE_EVERY_MS = 250

/** Puts the real-time server on `httpServer`. The database must be connected. */
export function attachRealtime(httpServer: HttpServer, deps: RealtimeDeps): Realtime {
  const times = { ...TIMES, ...deps.times }
  const timers = new Timers()
  const underway = new Underway()
  const io: RoomServer = new Server(httpServer, {
    path: SOCKET_PATH,
    serveClient: false,
    // engine.io would end other upgrades on this port after a second: that of Next's hot reload.
    destroyUpgrade: false,
    transports: ['websocket', 'polling'],
    maxHttpBufferSize: LIMITS.messageBytes,
    perMessageDeflate: false,
    pingInterval: 15_000,
    pingTimeout: 15_000,
    // Web sockets are not covered by CORS: whoever could open one with a person's cookie could act as that person.
    allowRequest: (request, decide) => decide(null, isOwnOrigin(request, deps.baseUrl)),
  })
  const send = (message: BusMessage) => bus.send(message)
  const documents = new Documents(io, deps, timers, times.graceMs, send)
  const presence = new Presence({
    timers,
    beatMs: times.beatMs,
    tell: (room, connectionId, state) =>
      announce(io.to(`room:${room}`), 'presence:changed', { connectionId, state }),
    send: (room, id, state) => send({ t: 'presence', room, id, state }),
  })
  const rooms = new Rooms(io, deps, presence, documents)
  const live = new LiveAnnouncements(io, timers, send)
  const lookEverywhere = () => {
    rooms.tails.lookEverywhere().catch(() => {})
    for (const document of documents.registry.live()) document.pull().catch(() => {})
  }
  const bus = new Bus({
    url: deps.databaseUrl,
    nodeId: deps.nodeId,
    log: deps.log,
    timers,
    onMessage: (message, nodeId) => hear(message, nodeId, { documents, presence, rooms, live }),
    onConnected: () => {
      send({ t: 'hello' })
      presence.repeat()
      lookEverywhere()
    },
  })
  const stopHints = onHint((hint) => {
    if (hint.kind === 'room') {
      void rooms.tails.look(hint.investigationId)
      send({ t: 'room', room: hint.investigationId })
    } else if (hint.kind === 'doc') {
      documents.heard({ t: 'doc', doc: hint.docId, head: hint.head })
      send({ t: 'doc', doc: hint.docId, head: hint.head })
    } else {
      const message = { t: 'access', room: hint.investigationId, team: hint.teamId } as const
      void recheckAfter(message, rooms)
      send(message)
    }
  })
  const sweepArchive = () => {
    forgetArchive(LIMITS.archiveDays).catch((error: unknown) =>
      deps.log.warn({ err: error }, 'old updates of documents are forgotten later'),
    )
  }
  sweepArchive()
  const every = (ms: number, run: () => void) => setInterval(run, ms).unref()
  const intervals = [
    every(times.pollMs, lookEverywhere),
    every(times.beatMs, () => {
      send({ t: 'beat' })
      presence.forgetSilentNodes(Date.now())
    }),
    every(times.recheckMs, () => {
      void rooms.recheckSessions().then(() => rooms.recheck(() => true))
      void documents.registry.keepVersions(Date.now())
    }),
    every(PRESSURE_EVERY_MS, () => documents.relievePressure()),
    every(LIMITS.archiveEveryMs, sweepArchive),
  ]

  io.use((socket, next) => {
    deps.authenticate(socket.handshake.headers).then(
      (user) => {
        if (!user) return next(new Error('access/sign-in'))
        const now = Date.now()
        socket.data.user = user
        Object.assign(socket.data, {
          underway,
          requests: new TokenBucket(LIMITS.requestsPerSecond, LIMITS.requestBurst, now),
          updateBytes: new TokenBucket(LIMITS.updateBytesPerSecond, LIMITS.updateBytesBurst, now),
          strikes: new TokenBucket(LIMITS.strikesPerSecond, LIMITS.strikeBurst, now),
        })
        next()
      },
      (error: unknown) => {
        deps.log.warn({ err: error }, 'a socket cannot be authenticated now')
        next(new Error('busy'))
      },
    )
  })
  io.on('connection', (socket: RoomSocket) => {
    rooms.serve(socket)
    documents.serve(socket)
    socket.on('disconnect', () => rooms.leave(socket))
  })

  let draining: Promise<void> | undefined
  const drain = async () => {
    for (const interval of intervals) clearInterval(interval)
    announce(io, 'server:draining', {})
    const lost = await documents.registry.drain(DRAIN_MS)
    if (lost > 0) deps.log.error({ documents: lost }, 'documents could not be stored before the end')
    stopHints()
    underway.close()
    await underway.idle(ANSWER_MS)
    io.disconnectSockets(true)
    await rooms.tails.idle()
    documents.close()
    presence.close()
    live.close()
    await bus.close()
    // Not io.close(): that would close the HTTP server, which is not ours.
    io.engine.close()
    timers.clear()
  }

  return {
    announceProgress: (room, progress) => live.progress(room, progress),
    announcePoints: (room, series, t, v, pids) => live.points(room, series, { t, v, pids }),
    peopleInside: (ids) => presence.people(ids, Date.now()),
    counts: () => ({
      sockets: io.sockets.sockets.size,
      rooms: rooms.tails.size,
      documents: documents.registry.size,
      timers: timers.size,
      degraded: documents.registry.degraded,
      sequenceGaps: documents.registry.sequenceGaps,
      busConnected: bus.connected,
    }),
    drain: () => (draining ??= drain()),
  }
}

interface Parts {
  readonly documents: Documents
  readonly presence: Presence
  readonly rooms: Rooms
  readonly live: LiveAnnouncements
}

/** What another node says. */
function hear(message: BusMessage, nodeId: string, { documents, presence, rooms, live }: Parts): void {
  const now = Date.now()
  switch (message.t) {
    case 'room':
      void rooms.tails.look(message.room)
      break
    case 'access':
      void recheckAfter(message, rooms)
      break
    case 'hello':
      presence.repeat()
      presence.heard(nodeId, now)
      break
    case 'beat':
      presence.heard(nodeId, now)
      break
    case 'bye':
      presence.forgetNode(nodeId)
      break
    case 'presence':
      presence.heardOf(nodeId, message.room, message.id, message.state, now)
      break
    case 'progress':
      live.tellProgress(message.room, message.progress)
      break
    case 'points':
      live.tellPoints(message.room, message.series, { t: message.at, v: message.v, pids: message.pids })
      break
    default:
      documents.heard(message)
  }
}

async function recheckAfter(
  { room, team }: { room: string | null; team: string | null },
  rooms: Rooms,
): Promise<void> {
  const concerns = (access: ReadAccess) =>
    (room === null && team === null) || access.investigationId === room || access.teamId === team
  await rooms.recheck(concerns)
  // After those who may not stay are gone.
  rooms.membersChanged(concerns)
}

/** Browsers always send the origin with a web socket; other programs send none and hold no cookies of people. */
function isOwnOrigin(request: IncomingMessage, baseUrl: string): boolean {
  const { origin, host } = request.headers
  if (!origin) return true
  if (!URL.canParse(origin)) return false
  const asking = new URL(origin)
  return asking.origin === new URL(baseUrl).origin || asking.host === host
}
