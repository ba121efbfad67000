import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { fromNodeHeaders } from 'better-auth/node'
import type { Logger } from 'pino'
import { accessOf, asWriter, userFromHeaders } from '#lib/auth/gate'
import { authSecret } from '#lib/auth/secret'
import { connectDatabase, type Database } from '#lib/db/client'
import { forgetOldAnswers, runCommand } from '#lib/db/commands'
import { type EmbeddedDatabase, startEmbedded } from '#lib/db/embedded'
import { letExpiredGo } from '#lib/db/links'
import { migrate } from '#lib/db/migrate'
import { loadPeople, loadRoomState, messagesBefore } from '#lib/db/room-state'
import { endQuietRuns } from '#lib/db/run-links'
import { repairDemos } from '#lib/demo/repair-demos'
import type { Environment } from '#lib/env'
import { checkConcluder, sweepChecks } from '#lib/http/checks'
import { SourceFetcher } from '#lib/http/source-fetcher'
import { isUploadPath, Uploads } from '#lib/http/uploads'
import { Conclusions } from '#lib/jobs/conclusions'
import { ExperimentJudge } from '#lib/jobs/experiment-judge'
import { type ReadingNode, startReading } from '#lib/jobs/reading-node'
import { lookAtDueReminders } from '#lib/jobs/reminders'
import { SOCKET_PATH } from '#lib/realtime/protocol'
import { attachRealtime, type Realtime } from '#lib/realtime/server/realtime'
import { provideServices } from '#lib/services'
import { policyOf } from '#lib/sources/addresses'
import type { RemoteStore } from '#lib/storage/folders'
import { gibibytes } from '#lib/units/quantity'
import { type Chore, startChores } from './chores.ts'
import { FrontDesk } from './front-desk.ts'
import { createLog } from './log.ts'
import { stopParts } from './stopping.ts'

/** A running node of Leakroom. */
export interface Node {
  /** As people on this machine reach it. */
  readonly address: string
  readonly log: Logger
  /** Announces the end, saves what is open, closes everything, the embedded database last. */
  stop(): Promise<void>
}

/**
 * Puts one node together: database, migrations, reader threads, sockets, pages. The order is the order of needs; `stop`
 * goes the other way. A second start on a built app is ready in well under two seconds.
 */
export async function startNode(environment: Environment): Promise<Node> {
  const log = createLog(environment)
  const embedded = await openEmbedded(environment)
  const url = environment.DATABASE_URL ?? embedded?.url
  if (!url) throw new Error('no database') // openEmbedded gives one exactly when DATABASE_URL is unset
  const applied = await migrate(url)
  if (applied.length > 0) log.info({ migrations: applied }, 'database brought up to date')
  const database = connectDatabase(url)

  // Until the sockets are there nobody can hear of progress.
  let sockets: Pick<Realtime, 'announceProgress'> = { announceProgress: () => {} }
  // The queue's tables and the pages have nothing to do with each other: they get ready at the same time.
  const readingStarts = startReading({
    dataDir: environment.DATA_DIR,
    remote: remoteStore(environment),
    workers: environment.WORKERS,
    questionWorkers: environment.QUESTION_WORKERS,
    openHeapsMib: environment.OPEN_HEAPS_MIB,
    maxPlainGib: environment.MAX_PLAIN_GIB,
    log,
    announceProgress: (...progress) => sockets.announceProgress(...progress),
  })
  const http = createServer({ keepAliveTimeout: 65_000 })
  const desk = new FrontDesk(log)
  let isStopping = false
  const pages = await preparePages(environment, http)
  const address = `http://${environment.HOST}:${environment.PORT}`
  const realtime = attachRealtime(http, {
    log,
    nodeId: randomUUID(),
    baseUrl: environment.BASE_URL ?? address,
    secret: authSecret(),
    databaseUrl: url,
    authenticate: (headers) => userFromHeaders(fromNodeHeaders(headers)),
    roomAccess: accessOf,
    asWriter,
    loadRoomState,
    loadPeople,
    messagesBefore,
    runCommand,
    // Sockets come after the threads: `reading` is there when the first document has grown.
    compact: (snapshot, updates) =>
      reading.pool.run({ kind: 'compact', snapshot, updates }, { timeoutMs: MINUTE_MS }),
  })
  sockets = realtime
  const reading = await readingStarts
  const uploads = new Uploads({
    reading,
    log,
    maxUploadGib: environment.MAX_UPLOAD_GIB,
    announceProgress: realtime.announceProgress,
  })
  const cancelCapture = async (captureId: string) => {
    await uploads.cancel(captureId)
    await reading.cancel(captureId)
  }
  provideServices({
    log,
    announceProgress: realtime.announceProgress,
    announcePoints: realtime.announcePoints,
    // Nobody is told anything any more, and nobody asks the database what.
    peopleInside: (ids) => (isStopping ? new Map() : realtime.peopleInside(ids)),
    health: async () => ({ ...(await databaseHealth(database, realtime)), ...(await reading.health()) }),
    enqueueCapture: (captureId) => reading.enqueue(captureId),
    cancelCapture: (captureId) =>
      void cancelCapture(captureId).catch((err) => log.warn({ err }, 'work on a capture goes on')),
  })
  http.on('request', (request, response) => {
    // Without a proxy before us nobody but the socket knows where a request came from (lib/auth/address.ts).
    if (!environment.BASE_URL) request.headers['x-forwarded-for'] = request.socket.remoteAddress
    const path = request.url ?? '/'
    if (path.startsWith(`${SOCKET_PATH}/`)) return // socket.io answers these itself
    const answerer = isUploadPath(path) ? uploads : pages
    desk.take(request, response, () => answerer.handle(request, response))
  })
  const judge = new ExperimentJudge(reading.pool)
  const conclusions = new Conclusions({ concluders: [judge, checkConcluder(log)], log })
  try {
    await listen(http, environment)
  } catch (error) {
    // Nobody will call `stop`: the database that came up for this node goes down with it.
    await embedded?.stop()
    throw error
  }
  void uploads.sweep()
  const fetcher = new SourceFetcher({ log, policy: policyOf(environment), secret: authSecret() })
  const chores = [...CHORES, remind(reading), fetching(fetcher), finishExperiments(judge), checking(log)]
  const endChores = startChores(chores, (what, err) => log.warn({ err }, `${what}: later`))

  return {
    address: environment.BASE_URL ?? address,
    log,
    stop() {
      isStopping = true
      const ends = [() => fetcher.stop(), endChores, () => conclusions.close()]
      const parts = { log, http, desk, uploads, realtime, reading, pages, database, embedded }
      return stopParts({ ...parts, chores: ends })
    },
  }
}

const MINUTE_MS = 60_000
const CHORES: readonly Chore[] = [
  { what: 'telling rooms of expired links', everyMs: MINUTE_MS, work: () => letExpiredGo() },
  { what: 'finishing half-made demos', everyMs: 10 * MINUTE_MS, work: () => repairDemos() },
  { what: 'forgetting old answers', everyMs: 24 * 60 * MINUTE_MS, work: () => forgetOldAnswers() },
]

/** A minute is what people come back for: "at 18:40". */
const REMIND_EVERY_MS = 15_000
const remind = ({ series }: ReadingNode): Chore => ({
  what: 'looking again at memory graphs',
  everyMs: REMIND_EVERY_MS,
  work: () =>
    lookAtDueReminders(({ seriesId, version, samples, question }) =>
      series.reading(`${seriesId} ${version} from ${samples.t[0]}`, samples, question),
    ),
})

/** A source is due within so much of its time; asking which are is one indexed look-up. */
const FETCH_EVERY_MS = 2_000
const fetching = (fetcher: SourceFetcher): Chore => ({
  what: 'fetching from Prometheus',
  everyMs: FETCH_EVERY_MS,
  work: () => fetcher.tick(),
})

/** Live samples are no events of a room's log: what they change is found here. */
const CHECK_EVERY_MS = 15_000
const checking = (log: Logger): Chore => ({
  what: 'evaluating checks',
  everyMs: CHECK_EVERY_MS,
  work: () => sweepChecks(log),
})

/** What went down with a node, and runs whose program fell silent. */
const FINISH_EVERY_MS = 10_000
const finishExperiments = (judge: ExperimentJudge): Chore => ({
  what: 'finishing experiments',
  everyMs: FINISH_EVERY_MS,
  work: async () => {
    await endQuietRuns()
    await judge.sweep()
  },
})

/** The bucket of STORE_URL, and who uses it. */
function remoteStore(environment: Environment): RemoteStore | undefined {
  const { STORE_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION } = environment
  // Without them the environment was refused.
  if (!STORE_URL || !AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) return undefined
  return {
    settings: {
      ...STORE_URL,
      region: STORE_URL.region ?? AWS_REGION,
      accessKey: AWS_ACCESS_KEY_ID,
      secretKey: AWS_SECRET_ACCESS_KEY,
      sessionToken: AWS_SESSION_TOKEN,
    },
    cacheBytes: gibibytes(environment.STORE_CACHE_GIB),
  }
}

const openEmbedded = async (environment: Environment): Promise<EmbeddedDatabase | undefined> =>
  environment.DATABASE_URL
    ? undefined
    : startEmbedded(`${environment.DATA_DIR}/pg`, 'leakroom', environment.PG_RUN_AS)

interface Pages {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  close(): Promise<void>
}

/** Next's pages. Uploads stand in front of them (docs/decisions/009-uploads-beside-next.md). */
async function preparePages(environment: Environment, httpServer: Server): Promise<Pages> {
  process.env.NEXT_TELEMETRY_DISABLED ??= '1'
  const { default: next } = await import('next')
  const { HOST: hostname, PORT: port, NODE_ENV } = environment
  const app = next({ dev: NODE_ENV === 'development', hostname, port, httpServer })
  await app.prepare()
  const handle = app.getRequestHandler()
  return {
    handle: (request, response) => handle(request, response),
    close: () => app.close(),
  }
}

async function databaseHealth(database: Database, realtime: Realtime) {
  const counts = realtime.counts()
  const sockets = `${counts.sockets} sockets, ${counts.rooms} rooms, ${counts.documents} documents open`
  const rooms = {
    ok: counts.degraded === 0,
    detail: counts.degraded ? `${counts.degraded} documents not saving; ${sockets}` : sockets,
  }
  try {
    const from = performance.now()
    await database.pool.query('select 1')
    return { database: { ok: true, detail: `answers in ${Math.round(performance.now() - from)} ms` }, rooms }
  } catch (error) {
    return {
      database: { ok: false, detail: error instanceof Error ? error.message : 'does not answer' },
      rooms,
    }
  }
}

function listen(http: Server, { HOST, PORT }: Environment): Promise<void> {
  return new Promise((isListening, failed) => {
    http.once('error', (error) => {
      const taken = 'code' in error && error.code === 'EADDRINUSE'
      failed(
        taken
          ? new Error(`Port ${PORT} is taken. Stop what uses it, or start with PORT=${PORT + 1}.`)
          : error,
      )
    })
    http.listen(PORT, HOST, isListening)
  })
}
