// One large file from a client through the upload handler to its tables, in one process tree as in production:
//   npx tsx bench/ingest/upload.ts FILE [DATABASE_URL]
// Prints the seconds and MB/s of the upload, the longest stall of the event loop meanwhile, and the time to "ready".

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, statSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cpus, totalmem } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const [, , file, role, target, token] = process.argv
if (!file) throw new Error('usage: npx tsx bench/ingest/upload.ts FILE')

if (role === 'client') await send(target ?? '', token ?? '')
else await serve(file)

/** The sender, in a process of its own: one PATCH with the whole file, as a program would. */
async function send(url: string, bearer: string): Promise<void> {
  const size = statSync(file ?? '').size
  const headers = { Authorization: `Bearer ${bearer}`, 'Tus-Resumable': '1.0.0' }
  const name = Buffer.from('bench.json').toString('base64')
  const created = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'Upload-Length': String(size), 'Upload-Metadata': `filename ${name}` },
  })
  const location = new URL(created.headers.get('location') ?? '', url)
  const started = performance.now()
  const patch = request(location, {
    method: 'PATCH',
    headers: {
      ...headers,
      'Content-Type': 'application/offset+octet-stream',
      'Upload-Offset': '0',
      'Content-Length': size,
    },
  })
  createReadStream(file ?? '', { highWaterMark: 1 << 18 }).pipe(patch)
  const [response] = await once(patch, 'response')
  const seconds = (performance.now() - started) / 1000
  process.send?.({
    status: response.statusCode,
    seconds,
    size,
    captureId: created.headers.get('leakroom-capture'),
  })
  response.resume()
}

async function serve(path: string): Promise<void> {
  process.env.BASE_URL = ''
  const { startEmbedded } = await import('#lib/db/embedded')
  const { migrate } = await import('#lib/db/migrate')
  const { connectDatabase, db } = await import('#lib/db/client')
  const { buildRoom } = await import('#test/build/room')
  const { createApiToken } = await import('#lib/db/tokens')
  const { startReading } = await import('#lib/jobs/reading-node')
  const { Uploads, isUploadPath } = await import('#lib/http/uploads')
  const { provideServices } = await import('#lib/services')
  const { default: pino } = await import('pino')

  const dataDir = process.env.BENCH_DIR ?? '/tmp/leakroom-bench'
  const server = await startEmbedded(`${dataDir}-pg`, 'postgres')
  await migrate(server.url)
  const database = connectDatabase(server.url)
  const log = pino({ level: 'warn' })
  const announceProgress = () => {}
  const reading = await startReading({ dataDir, workers: 2, maxPlainGib: 32, log, announceProgress })
  const uploads = new Uploads({ reading, log, maxUploadGib: 8, announceProgress })
  provideServices({
    log,
    announceProgress,
    announcePoints: () => {},
    peopleInside: () => new Map(),
    health: () => reading.health(),
    enqueueCapture: (id) => reading.enqueue(id),
    cancelCapture: () => {},
  })
  const http = createServer((incoming, outgoing) => {
    if (isUploadPath(incoming.url)) void uploads.handle(incoming, outgoing)
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const room = await buildRoom('Bench')
  const { token: bearer } = await createApiToken(room.owner, 'bench')
  // reason: a TCP server that listens has an address with a port.
  const { port } = http.address() as AddressInfo
  const delay = monitorEventLoopDelay({ resolution: 5 })

  for (let round = 0; round < 3; round++) {
    delay.reset()
    delay.enable()
    const url = `http://127.0.0.1:${port}/api/investigations/${room.id}/uploads`
    const client = fork(process.argv[1] ?? '', [path, 'client', url, bearer], {
      execArgv: ['--import', 'tsx'],
    })
    const [{ status, seconds, size, captureId }] = await once(client, 'message')
    const sent = performance.now()
    let state = ''
    while (state !== 'ready' && state !== 'failed') {
      const row = await db().capture.findUnique({ where: { id: captureId } })
      state = row?.state ?? 'failed'
      if (state !== 'ready') await new Promise((resolve) => setTimeout(resolve, 10))
    }
    delay.disable()
    const rate = size / 1e6 / seconds
    console.log(
      `round ${round + 1}: ${status}, ${(size / 1e6).toFixed(0)} MB in ${seconds.toFixed(2)} s = ${rate.toFixed(0)} MB/s; ${state} ${((performance.now() - sent) / 1000).toFixed(2)} s later; longest stall ${(delay.max / 1e6).toFixed(0)} ms, p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms; RSS ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`,
    )
    // The next round must not be recognised.
    await db().capture.deleteMany({})
    await reading.tidy(Date.now() + 25 * 60 * 60_000)
  }
  console.log(
    `${cpus().length} × ${cpus()[0]?.model}, ${(totalmem() / 1e9).toFixed(0)} GB, Node ${process.version}`,
  )
  http.closeAllConnections()
  http.close()
  uploads.close()
  await reading.close()
  await database.close()
  await server.stop()
}
