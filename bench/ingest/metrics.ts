/**
 * Points per second that one node takes: `npx tsx bench/ingest/metrics.ts`. Our lines, Prometheus remote write and OTLP
 * (JSON), with an embedded PostgreSQL of its own and two reader threads; without HTTP.
 */
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { connectDatabase, db } from '#lib/db/client'
import { startEmbedded } from '#lib/db/embedded'
import { migrate } from '#lib/db/migrate'
import { ingest } from '#lib/http/ingest'
import { ingestOtlp, ingestRemoteWrite } from '#lib/http/ingest-metrics'
import type { WriteAccess } from '#lib/investigation/access'
import { startReading } from '#lib/jobs/reading-node'
import { provideServices, type Services } from '#lib/services'
import { packSnappy, writeRequest } from '#test/build/metrics'

const ROUNDS = 5
/** What Prometheus sends at most in one request by default. */
const SHAPES = [
  { series: 20, samples: 100 },
  { series: 1, samples: 20_000 },
] as const

const folder = await mkdtemp(join(tmpdir(), 'leakroom-bench-'))
// An ordinary user runs PostgreSQL when this runs as root.
await chmod(folder, 0o755)
const server = await startEmbedded(join(folder, 'pg'), 'leakroom')
await migrate(server.url)
const database = connectDatabase(server.url)
const log = pino({ level: 'silent' })
const reading = await startReading({
  dataDir: folder,
  workers: 2,
  maxPlainGib: 4,
  log,
  announceProgress: () => {},
})
const services: Partial<Services> = { log, announcePoints: () => {}, peopleInside: () => new Map() }
// reason: series announce points and ask who is inside; the other services are not reached.
provideServices(services as Services)

const team = await db().organization.create({
  data: { id: randomUUID(), name: 'Bench', slug: randomUUID(), createdAt: new Date() },
})
/** A token of its own for each request: the limit per token is not what is measured. */
async function machine(investigationId: string): Promise<WriteAccess> {
  const actor = { kind: 'machine', tokenId: randomUUID(), name: 'bench' } as const
  // reason: only the gate makes access values; what stands behind the gate is measured.
  return { investigationId, teamId: team.id, actor, role: 'editor' } as unknown as WriteAccess
}

interface Shape {
  readonly series: number
  readonly samples: number
}
type Send = (access: WriteAccess, shape: Shape, fromS: number) => () => Promise<unknown>

const post = (body: Uint8Array<ArrayBuffer> | string, headers: Record<string, string> = {}): Request =>
  new Request('http://localhost/x', { method: 'POST', body, headers })
const each = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i))
const PROTOBUF = { 'content-type': 'application/x-protobuf' }

const SENDS: Readonly<Record<string, Send>> = {
  'our lines': (access, { series, samples }, fromS) => {
    const line = (s: number, i: number) =>
      `{"t":${fromS + i},"series":"rss","process":"host-${s}","v":${5e7 + i},"pid":7}`
    const request = post(each(series, (s) => each(samples, (i) => line(s, i)).join('\n')).join('\n'))
    return () => ingest(access, request)
  },
  'Prometheus remote write': (access, { series, samples }, fromS) => {
    const list = each(series, (s) => ({
      labels: { __name__: 'process_resident_memory_bytes', job: 'shop', instance: `host-${s}` },
      samples: each(samples, (i) => [(fromS + i) * 1000, 5e7 + i] as const),
    }))
    const request = post(packSnappy(writeRequest(list)), PROTOBUF)
    return () => ingestRemoteWrite(access, request)
  },
  'OTLP, JSON': (access, { series, samples }, fromS) => {
    const resource = (s: number) => ({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: `host-${s}` } }] },
      scopeMetrics: [
        {
          metrics: [
            {
              name: 'process.memory.usage',
              unit: 'By',
              gauge: {
                dataPoints: each(samples, (i) => ({
                  timeUnixNano: `${fromS + i}000000000`,
                  asInt: String(5e7 + i),
                })),
              },
            },
          ],
        },
      ],
    })
    const body = JSON.stringify({ resourceMetrics: each(series, resource) })
    const request = post(body, { 'content-type': 'application/json' })
    return () => ingestOtlp(access, request)
  },
}

const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
console.log(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model}, load average ${loadavg()[0]!.toFixed(1)} at the start, Node ${process.version}, commit ${commit}, median of ${ROUNDS}.\n`,
)
console.log('| protocol | one request | median (range) | points per second |\n|---|---|---|---|')
const now = Math.floor(Date.now() / 1000)
for (const [name, send] of Object.entries(SENDS)) {
  for (const shape of SHAPES) {
    const { id } = await db().investigation.create({
      data: { id: randomUUID(), teamId: team.id, title: 'Bench', createdBy: 'u1' },
    })
    const times: number[] = []
    // The first request creates the series and is not counted.
    for (let round = 0; round <= ROUNDS; round++) {
      const run = send(await machine(id), shape, now - 1_000_000 + round * shape.samples)
      const started = performance.now()
      await run()
      if (round > 0) times.push(performance.now() - started)
    }
    times.sort((a, b) => a - b)
    const middle = times[Math.floor(times.length / 2)]!
    const points = shape.series * shape.samples
    const rate = Math.round((points / middle) * 1000).toLocaleString('en')
    const range = `${times[0]!.toFixed(0)}–${times[times.length - 1]!.toFixed(0)}`
    const what = `${shape.series} series × ${shape.samples.toLocaleString('en')}`
    console.log(`| ${name} | ${what} | ${middle.toFixed(0)} ms (${range}) | ${rate} |`)
  }
}

await reading.close()
await database.close()
await server.stop()
await rm(folder, { recursive: true, force: true })
