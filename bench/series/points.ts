/**
 * Memory graphs on one node: `npx tsx bench/series/points.ts`. Uses an embedded PostgreSQL of its own in the system's
 * temporary folder and the built worker thread. Prints the table of bench/README.md, "Memory graphs"; bench/graph.ts measures how they are opened and moved.
 */
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import pino from 'pino'
import { connectDatabase, db } from '#lib/db/client'
import { startEmbedded } from '#lib/db/embedded'
import { migrate } from '#lib/db/migrate'
import { loadReadingInput, storeSeries } from '#lib/db/series'
import { ingest } from '#lib/http/ingest'
import { answerReading, importFile } from '#lib/http/series'
import type { WriteAccess } from '#lib/investigation/access'
import { startReading } from '#lib/jobs/reading-node'
import { readSeries } from '#lib/series/read-series'
import { median } from '#lib/series/statistics'
import { provideServices, type Services } from '#lib/services'
import { normal, seeded } from '#test/unit/series/draw-series'

const T0 = 1_795_000_000_000
const MILLION = 1_000_000
const WEEK = 604_800
const ROUNDS = 7

/** Noisy memory in pages that grows a little, one sample a second. */
function samples(count: number) {
  const random = seeded(1)
  const t = Float64Array.from({ length: count }, (_, i) => T0 + i * 1000)
  const v = t.map((_, i) => 4096 * Math.round(50_000 + i * 0.01 + 200 * normal(random)))
  return { t, v }
}

interface Lap {
  readonly ms: number
  /** Longest time that the event loop did nothing else. */
  readonly stall: number
}

async function lap(work: () => Promise<unknown>): Promise<Lap> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  // The measuring timer has to run before the work does, or a stall at the very beginning is not seen.
  await new Promise((resolve) => setTimeout(resolve, 5))
  const started = performance.now()
  await work()
  const ms = performance.now() - started
  // One turn more, so that a stall at the very end is counted.
  await new Promise((resolve) => setTimeout(resolve, 5))
  delay.disable()
  return { ms, stall: delay.max / 1e6 }
}

async function row(what: string, work: () => Promise<unknown>, before = async (): Promise<void> => {}) {
  const laps: Lap[] = []
  for (let round = 0; round < ROUNDS; round++) {
    await before()
    laps.push(await lap(work))
  }
  const times = laps.map(({ ms }) => ms).sort((a, b) => a - b)
  const middle = median(Float64Array.from(times))
  const stall = median(Float64Array.from(laps, (one) => one.stall))
  console.log(
    `| ${what} | ${middle.toFixed(0)} ms | ${times[0]!.toFixed(0)}–${times[times.length - 1]!.toFixed(0)} | ${stall.toFixed(0)} ms |`,
  )
  return middle
}

async function room(): Promise<WriteAccess> {
  const team = await db().organization.create({
    data: { id: randomUUID(), name: 'Bench', slug: randomUUID(), createdAt: new Date() },
  })
  const id = randomUUID()
  await db().investigation.create({ data: { id, teamId: team.id, title: 'Bench', createdBy: 'u1' } })
  const actor = { kind: 'machine', tokenId: randomUUID(), name: 'bench' } as const
  // reason: only the gate makes access values; what stands behind the gate is measured.
  return { investigationId: id, teamId: team.id, actor, role: 'editor' } as unknown as WriteAccess
}

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

const access = await room()
const get = (query: string) => new Request(`http://localhost/x?${query}`)
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
console.log(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model}, load average ${loadavg()[0]!.toFixed(1)} at the start, Node ${process.version}, commit ${commit}, median of ${ROUNDS}.\n`,
)
console.log('| what | median | range (ms) | longest stall of the event loop |\n|---|---|---|---|')

const [week] = await storeSeries(access, [
  { name: 'rss', label: 'RSS', process: 'week', unit: 'bytes', samples: samples(WEEK) },
])
const input = await loadReadingInput(access, { seriesId: week!.id })
await row('first reading of a week at 1 Hz (604,800), computing alone', async () => {
  readSeries(input!.samples, input!.question)
})
// Another end each time: the same reading is not computed twice.
let end = T0 + WEEK * 1000
await row('the same as a request, warm', () => {
  end -= 1000
  return answerReading(access, get(`series=${week!.id}&to=${end}`))
})

const { t, v } = samples(MILLION)
const csv = `time,rss_bytes\n${Array.from(t, (at, i) => `${at / 1000},${v[i]}`).join('\n')}\n`
const post = (body: string, query = '') =>
  new Request(`http://localhost/x?${query}`, { method: 'POST', body })
const megabytes = (csv.length / 1e6).toFixed(0)
let request = post('')
let target = access
await row(
  `preview of a CSV of 1,000,000 rows (${megabytes} MB)`,
  () => importFile(access, request),
  async () => {
    request = post(csv, 'name=million.csv')
  },
)
await row(
  'import of the same, into a new room',
  () => importFile(target, request),
  async () => {
    target = await room()
    request = post(csv, 'name=million.csv&confirm=1')
  },
)

const now = Math.floor(Date.now() / 1000)
let from = now - 5_000_000
/** Lines of one series after the last ones. */
const lines = (count: number, name = 'rss') =>
  Array.from({ length: count }, (_, i) => `{"t":${from + i},"series":"${name}","v":${50_000_000 + i}}`)
/** A token of its own for each request: the limit per token is not what is measured. */
const machine = (): WriteAccess => ({
  ...access,
  actor: { kind: 'machine', tokenId: randomUUID(), name: 'bench' },
})
const BACKFILL = 50_000
const backfill = await row(
  `ingest: ${BACKFILL.toLocaleString('en')} lines of one series in one request`,
  () => ingest(machine(), request),
  async () => {
    request = post(lines(BACKFILL).join('\n'))
    from += BACKFILL
  },
)
const AGENTS = 200
const single = await row(`ingest: ${AGENTS} agents send one sample each, 8 at a time`, async () => {
  let next = 0
  const agent = async () => {
    while (next < AGENTS) {
      const name = `s${next++}`
      await ingest(machine(), post(lines(1, name).join('\n')))
    }
  }
  from += 1
  await Promise.all(Array.from({ length: 8 }, agent))
})
console.log(
  `\nPoints per second on one node: ${Math.round(BACKFILL / (backfill / 1000)).toLocaleString('en')} in large batches, ${Math.round(AGENTS / (single / 1000)).toLocaleString('en')} one by one. Load average at the end: ${loadavg()[0]!.toFixed(1)}.`,
)

await reading.close()
await database.close()
await server.stop()
await rm(folder, { recursive: true, force: true })
