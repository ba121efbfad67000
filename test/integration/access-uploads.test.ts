import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { request as ask, createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryLocker, Server as TusServer } from '@tus/server'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { forgetAuth } from '#lib/auth/auth'
import { addStoredCapture, rememberFile } from '#lib/db/captures'
import { connectDatabase, type Database } from '#lib/db/client'
import { isUploadPath, Uploads } from '#lib/http/uploads'
import { CaptureId } from '#lib/investigation/ids'
import { type ReadingNode, startReading } from '#lib/jobs/reading-node'
import { provideServices, type Services } from '#lib/services'
import { UploadStore } from '#lib/storage/upload-store'
import {
  ACTORS,
  type ActorName,
  type AtTheDoor,
  buildActors,
  lawOf,
  SENTENCES,
  type Verdict,
} from '#test/build/actors'
import { writeAccess } from '#test/build/people'
import { cloneDatabase } from '#test/build/postgres'

let database: Database
let drop: () => Promise<void>
let dataDir: string
let atTheDoor: AtTheDoor
let reading: ReadingNode
let uploads: Uploads
let server: Server

const KNOWN = 'a'.repeat(64)
const TUS = { 'Tus-Resumable': '1.0.0' }
const BYTES = { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': '0' }

/** Every request that the upload handler knows. All of them ask for the right to change the room. */
const REQUESTS = [
  { method: 'POST', path: '', headers: { ...TUS, 'Upload-Length': '9' } },
  { method: 'HEAD', path: '/:upload', headers: TUS },
  { method: 'GET', path: '/:upload', headers: TUS },
  { method: 'PATCH', path: '/:upload', headers: { ...TUS, ...BYTES }, body: 'four' },
  { method: 'HEAD', path: `/known?sha256=${KNOWN}`, headers: {} },
  { method: 'DELETE', path: '/:upload', headers: TUS },
] as const

beforeAll(async () => {
  process.env.AUTH_SECRET = 'a secret of the tests that is long enough'
  const clone = await cloneDatabase(inject('templateUrl'))
  database = connectDatabase(clone.url)
  drop = clone.drop
  dataDir = await mkdtemp(join(tmpdir(), 'leakroom-access-'))
  const log = pino({ level: 'silent' })
  const announceProgress = () => {}
  reading = await startReading({ dataDir, workers: 1, maxPlainGib: 1, warmRounds: 0, log, announceProgress })
  uploads = new Uploads({ reading, log, maxUploadGib: 1, announceProgress })
  // reason: uploads of this test reach nothing of the node but its log.
  provideServices({ log } as Services)
  server = createServer((request, response) => {
    if (isUploadPath(request.url)) void uploads.handle(request, response)
    else response.writeHead(404).end()
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  atTheDoor = await buildActors()
  const owner = await writeAccess(atTheDoor.owner, atTheDoor.place.room)
  await rememberFile({ sha256: KNOWN, storedSize: 1, encoding: 'plain' })
  const facts = {
    label: 'known',
    fileName: 'known.json',
    size: 1,
    takenAt: null,
    process: null,
    requestCount: null,
  }
  await addStoredCapture(owner, { id: CaptureId.parse(randomUUID()), ...facts }, KNOWN, undefined)
})
afterAll(async () => {
  uploads.close()
  server.closeAllConnections()
  await new Promise((closed) => server.close(closed))
  await reading.close()
  forgetAuth()
  await database.close()
  await drop()
  await rm(dataDir, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly body: string
  readonly headers: IncomingHttpHeaders
}

/** With Node's own client: `fetch` sets Origin and Host by itself. */
function send(
  who: ActorName,
  { method, path, headers, body }: { method: string; path: string; headers: object; body?: string },
): Promise<Answer> {
  // reason: a server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/api/investigations/${atTheDoor.place.room}/uploads${path}`
  return new Promise((answered, failed) => {
    const all = { ...Object.fromEntries(atTheDoor.headers[who]), ...headers }
    const request = ask(url, { method, headers: all }, (response) => {
      let said = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        said += text
      })
      response.on('end', () =>
        answered({ status: response.statusCode ?? 0, body: said, headers: response.headers }),
      )
    })
    request.once('error', failed)
    request.end(body)
  })
}

/** The address of an upload that the owner has begun. */
async function begun(): Promise<string> {
  const { headers, body } = await send('owner', REQUESTS[0])
  if (!headers.location) throw new Error(`no upload was begun: ${body}`)
  return `/${headers.location.split('/').at(-1)}`
}

/** A refusal's sentence; where an answer has no body, its status. */
function verdictOf({ status, body }: Answer, expected: Verdict): Verdict | number {
  if (body !== '') {
    try {
      const told: unknown = JSON.parse(body)
      if (typeof told === 'object' && told !== null && 'sentence' in told)
        return SENTENCES.get(String(told.sentence)) ?? 'in'
    } catch {
      // One of tus's own texts: it speaks to those who were let in only.
    }
    return 'in'
  }
  if (status < 400) return 'in'
  const statuses: Partial<Record<Verdict, number>> = {
    'sign-in': 401,
    unknown: 404,
    'read-only': 403,
    origin: 403,
  }
  return statuses[expected] === status ? expected : status
}

describe('the table of upload requests', () => {
  it('holds every method that the tus server answers', () => {
    const methods = Object.keys(
      new TusServer({ path: '/', datastore: new UploadStore(dataDir, () => {}), locker: new MemoryLocker() })
        .handlers,
    )
    // OPTIONS tells what tus version is spoken, and nothing of any room.
    expect(new Set([...REQUESTS.map(({ method }) => method), 'OPTIONS'])).toEqual(new Set(methods))
  })

  it('notices a handler without a gate, with and without words in its answers', () => {
    const refused = ACTORS.filter((who) => lawOf('write', who) !== 'in')
    for (const body of ['', '{"id":"1"}']) {
      const careless = { status: 200, body, headers: {} }
      const noticed = ACTORS.filter((who) => verdictOf(careless, lawOf('write', who)) !== lawOf('write', who))
      expect(noticed).toEqual(refused)
    }
  })

  it('OPTIONS tells nobody anything of the room', async () => {
    const { status, body } = await send('anonymous', { method: 'OPTIONS', path: '', headers: {} })
    expect([status, body]).toEqual([204, ''])
  })
})

describe.each(REQUESTS)('$method …/uploads$path', (request) => {
  it.each(ACTORS)('%s', async (who) => {
    const path = request.path === '/:upload' ? await begun() : request.path
    const law = lawOf('write', who)

    expect(verdictOf(await send(who, { ...request, path }), law)).toBe(law)
  })
})
