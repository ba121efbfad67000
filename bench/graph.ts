/**
 * Storage and drawing of memory graphs: `npx tsx bench/graph.ts [ROUNDS]`, under three minutes. An embedded PostgreSQL of its
 * own in the system's temporary folder, the product's own functions behind a plain HTTP server, and a browser. Prints the
 * tables of bench/README.md, "Opening and moving memory graphs".
 */
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import pino from 'pino'
import { connectDatabase, type Database, database, db } from '#lib/db/client'
import { startEmbedded } from '#lib/db/embedded'
import { migrate } from '#lib/db/migrate'
import { storeSeries } from '#lib/db/series'
import { decodeSamples, encodeSamples } from '#lib/db/series-codec'
import { packLevels, sketchOf } from '#lib/db/series-levels'
import { answerReading } from '#lib/http/series'
import type { WriteAccess } from '#lib/investigation/access'
import type { SeriesRow } from '#lib/investigation/rows'
import { startReading } from '#lib/jobs/reading-node'
import { readSeries } from '#lib/series/read-series'
import { sliceSamples } from '#lib/series/samples'
import { provideServices, type Services } from '#lib/services'
import { dragGraph, serveGraph } from './graph/frames.ts'
import { KINDS, noisy, T0, WEEK } from './graph/series.ts'

const ROUNDS = Number(process.argv[2] ?? 5)
const MILLION = 1_000_000
const TEN_MILLION = 10 * MILLION
const CHUNK = 65_536

const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b)
const at = (values: readonly number[], share: number) =>
  sorted(values)[Math.min(values.length - 1, Math.round(share * (values.length - 1)))]!
const ms = (value: number) => (value < 10 ? value.toFixed(1) : value.toFixed(0))

/** Median and range of wall time, and the median of this process's own processor time. */
async function row(what: string, work: () => unknown, note: () => string = () => '', before?: () => unknown) {
  const walls: number[] = []
  const users: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    await before?.()
    const cpu = process.cpuUsage()
    const started = performance.now()
    await work()
    walls.push(performance.now() - started)
    const spent = process.cpuUsage(cpu)
    users.push((spent.user + spent.system) / 1000)
  }
  console.log(
    `| ${what} | ${ms(at(walls, 0.5))} ms | ${ms(at(walls, 0))}–${ms(at(walls, 1))} | ${ms(at(users, 0.5))} ms | ${note()} |`,
  )
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

const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
console.log(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model}, load average ${loadavg()[0]!.toFixed(1)} at the start, Node ${process.version}, commit ${commit}, median of ${ROUNDS}.\n`,
)

await bytesPerSample()
const folder = await mkdtemp(join(tmpdir(), 'leakroom-bench-'))
// An ordinary user runs PostgreSQL when this runs as root.
await chmod(folder, 0o755)
const server = await startEmbedded(join(folder, 'pg'), 'leakroom')
await migrate(server.url)
const first = connectDatabase(server.url)
let current: Database = first
const log = pino({ level: 'silent' })
const reading = await startReading({
  dataDir: folder,
  workers: 2,
  maxPlainGib: 4,
  log,
  announceProgress: () => {},
})
// reason: nothing else is reached.
provideServices({
  log,
  announcePoints: () => {},
  peopleInside: () => new Map(),
} as Partial<Services> as Services)
try {
  await opening()
} finally {
  await reading.close()
  if (current !== first) await current.close()
  await first.close()
  await server.stop()
  await rm(folder, { recursive: true, force: true })
}
console.log(
  `\nPeak RSS of this process ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB, load average at the end ${loadavg()[0]!.toFixed(1)}.`,
)

async function bytesPerSample(): Promise<void> {
  console.log(
    '| series of 262,144 samples | bytes a sample | with levels | pack | unpack a million |\n|---|---|---|---|---|',
  )
  for (const [name, make] of KINDS) {
    const count = 4 * CHUNK
    const whole = make(count)
    let payload = 0
    let levels = 0
    let packMs = 0
    const packed: Uint8Array[] = []
    for (let start = 0; start < count; start += CHUNK) {
      const part = sliceSamples(whole, start, start + CHUNK)
      const started = performance.now()
      const [samples, { outline, fine }] = [await encodeSamples(part), await packLevels(sketchOf(part))]
      packMs += performance.now() - started
      packed.push(samples)
      payload += samples.length
      levels += outline.length + fine.length
    }
    const unpackMs: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const started = performance.now()
      for (const one of packed) await decodeSamples(one)
      unpackMs.push((performance.now() - started) * (MILLION / count))
    }
    console.log(
      `| ${name} | ${(payload / count).toFixed(2)} | ${((payload + levels) / count).toFixed(2)} | ${ms(packMs * (MILLION / count))} ms | ${ms(at(unpackMs, 0.5))} ms |`,
    )
  }
  const plain = noisy(MILLION)
  const copies: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now()
    plain.t.slice()
    plain.v.slice()
    copies.push(performance.now() - started)
  }
  console.log(`| limit: plain doubles, copied | 16.00 | | | ${ms(at(copies, 0.5))} ms |\n`)
}

/** A node that has read nothing: caches live as long as the connection. */
async function forget(): Promise<void> {
  // The first one stays: the reader's queue works on it.
  if (current !== first) await current.close()
  current = connectDatabase(server.url)
  await db().$queryRaw`select 1`
}

async function opening(): Promise<void> {
  console.log('| what | median | range (ms) | processor time | |\n|---|---|---|---|---|')
  await rowPerSample()
  const access = await room()
  const store = async (process: string, count: number, seed = 1) => {
    const samples = noisy(count, seed)
    const [stored] = await storeSeries(access, [
      { name: 'rss', label: `RSS ${process}`, process, unit: 'bytes', samples },
    ])
    return stored!
  }
  const million = await store('million', MILLION)
  const started = performance.now()
  const ten = await store('ten', TEN_MILLION)
  console.log(`| store 10 million samples (once) | ${ms(performance.now() - started)} ms | | | |`)
  const weeks: SeriesRow[] = []
  for (let k = 0; k < 20; k++) weeks.push(await store(`week ${k}`, WEEK, k + 1))

  const served = await serveGraph(access, [ten])
  let last = ''
  const get = async (id: string, query: string) => {
    last = await (await fetch(`${served.url}/series/${id}/points?${query}`)).text()
    return JSON.parse(last)
  }
  const kib = (bytes: number) => `${(bytes / 1024).toFixed(0)} KiB`
  const noted = () => `${kib(last.length)}, ${kib(gzipSync(last).length)} packed`
  await row('open a million samples, 1,000 pixels, cold', () => get(million.id, 'width=1000'), noted, forget)
  await row('the same, warm', () => get(million.id, 'width=1000'), noted)
  await row('**open 10 million samples, 1,000 pixels, cold**', () => get(ten.id, 'width=1000'), noted, forget)
  await row('the same, warm', () => get(ten.id, 'width=1000'), noted)
  await row('10 million, 4,000 pixels, cold', () => get(ten.id, 'width=4000'), noted, forget)
  const all = () => Promise.all(weeks.map(({ id }) => get(id, 'width=1000')))
  await row('**open 20 series of a week (12 million), cold**', all, () => '20 requests at once', forget)
  await row('the same, warm', all, () => '20 requests at once')

  await forget()
  const moves: number[] = []
  for (let k = 0; k < 60; k++) {
    const span = TEN_MILLION * 1000 * 2 ** -(k % 15)
    const from = T0 + ((k * 0.618) % 1) * (TEN_MILLION * 1000 - span)
    const began = performance.now()
    await get(ten.id, `from=${Math.round(from)}&to=${Math.round(from + span)}&width=2000`)
    moves.push(performance.now() - began)
  }
  console.log(
    `| 60 views of it, everything to 10 minutes, anywhere | ${ms(at(moves, 0.5))} ms | ${ms(at(moves, 0))}–${ms(at(moves, 1))} | | p99 ${ms(at(moves, 0.99))} ms |`,
  )
  await analysis(access, ten, weeks[0]!)
  await frames(served, ten)
  await served.close()
}

/** What a table with a row for each sample costs: the layout that was not chosen. */
async function rowPerSample(): Promise<void> {
  const { pool } = database()
  await pool.query('create table plain (series int, ts timestamptz, v float8)')
  await pool.query(
    `insert into plain select 1, to_timestamp(${T0 / 1000} + i), 4096 * (50000 + i % 401) from generate_series(1, ${WEEK}) i`,
  )
  await pool.query('create index on plain (series, ts)')
  await pool.query('vacuum analyze plain')
  const { rows } = await pool.query<{ size: string }>(`select pg_total_relation_size('plain') as size`)
  await row(
    'peer: a row per sample, a week to 1,000 buckets in SQL',
    () =>
      pool.query(
        `select width_bucket(extract(epoch from ts), ${T0 / 1000}, ${T0 / 1000 + WEEK}, 1000) b, min(v), max(v) from plain where series = 1 group by b order by b`,
      ),
    () => `${(Number(rows[0]!.size) / WEEK).toFixed(0)} bytes a sample`,
  )
  await pool.query('drop table plain')
}

async function analysis(access: WriteAccess, ten: SeriesRow, week: SeriesRow): Promise<void> {
  for (const count of [3600, WEEK, TEN_MILLION]) {
    const samples = noisy(count)
    await row(`first reading of ${count.toLocaleString('en')} samples, computing alone`, () => {
      readSeries(samples)
    })
  }
  let end = T0 + WEEK * 1000
  const ask = (row: SeriesRow) => {
    // Another end each time: the same reading is not computed twice.
    end -= 1000
    return answerReading(
      access,
      new Request(`http://localhost/x?series=${row.id}&to=${row === week ? end : end + 9.3e9}`),
    )
  }
  await row(
    'a week’s reading as a request, in a thread, cold',
    () => ask(week),
    () => '',
    forget,
  )
  await row(
    'reading of 10 million as a request, cold',
    () => ask(ten),
    () => '',
    forget,
  )
}

/** A person drags the graph of 10 million samples while a sample a second comes in. */
async function frames(served: Awaited<ReturnType<typeof serveGraph>>, ten: SeriesRow): Promise<void> {
  let live = T0 + TEN_MILLION * 1000
  const timer = setInterval(() => {
    live += 1000
    void served.append(ten, live, 4096 * 150_000)
  }, 1000)
  console.log(
    '\n| moving 10 million samples in the browser, live | frames | gap p50 | p95 | p99 | longest | busy over 50 ms | requests | opened in |\n|---|---|---|---|---|---|---|---|---|',
  )
  try {
    for (const [what, zooms] of [
      ['everything', 0],
      ['a tenth of it', 6],
      ['some hours', 16],
    ] as const) {
      const { gaps, longTasks, openMs, requests } = await dragGraph(served.url, zooms, 5)
      console.log(
        `| ${what} | ${gaps.length} | ${at(gaps, 0.5).toFixed(1)} ms | ${at(gaps, 0.95).toFixed(1)} | ${at(gaps, 0.99).toFixed(1)} | ${at(gaps, 1).toFixed(0)} | ${longTasks.length} | ${requests} | ${ms(openMs)} ms |`,
      )
    }
  } finally {
    clearInterval(timer)
  }
}
