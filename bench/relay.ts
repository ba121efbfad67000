import { type ChildProcess, spawn } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import pg from 'pg'
import { startEmbedded } from '#lib/db/embedded'
import { migrate } from '#lib/db/migrate'
import { spawnNode } from '#test/build/nodes'

// npm install --prefix bench/relay && npx tsx bench/relay.ts [seconds] [rounds]
// One system after the other, server and clients in processes of their own, all on this machine.

const seconds = Number(process.argv[2] ?? 6)
/** Each plan is played so often, the systems taking turns; the round with the median p99 is shown. */
const rounds = Number(process.argv[3] ?? 3)
const PLANS = [
  { name: '10 in one room', rooms: 1, perRoom: 10, writers: 1, everyMs: 50 },
  { name: '50 in one room', rooms: 1, perRoom: 50, writers: 1, everyMs: 50 },
  { name: '200 in one room', rooms: 1, perRoom: 200, writers: 1, everyMs: 50 },
  { name: '50 in one room, 10 write', rooms: 1, perRoom: 50, writers: 10, everyMs: 200 },
  { name: '50 in 10 rooms', rooms: 10, perRoom: 5, writers: 1, everyMs: 200 },
  { name: '200 in 20 rooms', rooms: 20, perRoom: 10, writers: 1, everyMs: 200 },
]

process.setMaxListeners(0)
const children = new Set<ChildProcess>()
function start(args: string[], env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.add(child)
  return child
}
const said = (child: ChildProcess, pattern: RegExp) =>
  new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const found = pattern.exec(text)
      if (found) resolve(found[1] ?? '')
    })
    child.once('exit', () => reject(new Error(`ended without a word: ${text}`)))
  })
const result = (child: ChildProcess) => said(child, /(\{.*\})\n/).then((json) => JSON.parse(json))

const server = await startEmbedded('.data/bench-pg', 'postgres')
const admin = new pg.Client({ connectionString: server.url })
await admin.connect()
await admin.query('drop database if exists bench_relay with (force)')
await admin.query('create database bench_relay')
await admin.end()
const url = new URL(server.url)
url.pathname = '/bench_relay'
await migrate(url.href)

interface Row {
  readonly system: string
  readonly plan: string
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly ack50: number
  readonly ack99: number
  readonly missing: number
  readonly rssMiB: number
  /** Least and greatest p99 of the rounds. */
  readonly spread?: string
}
const rows: Row[] = []
const rssOf = async (pid: number | undefined) => {
  const { readFile } = await import('node:fs/promises')
  return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
}

const node = await spawnNode(url.href)
const hocuspocus = start(['bench/relay/hocuspocus-server.mjs'], { PORT: '43101' })
const ywebsocket = start(['bench/relay/y-websocket-server.mjs'], { PORT: '43102' })
const hocuspocusUrl = await said(hocuspocus, /ready (\S+)/)
const ywebsocketUrl = await said(ywebsocket, /ready (\S+)/)
const tsx = ['--import', 'tsx']
try {
  for (const plan of PLANS) {
    const text = JSON.stringify({ ...plan, seconds })
    const systems: [string, number | undefined, string[]][] = [
      ['leakroom', node.child.pid, [...tsx, 'bench/relay-client.ts', node.url, text, url.href]],
      ['hocuspocus 3.4.4', hocuspocus.pid, ['bench/relay/hocuspocus-client.mjs', hocuspocusUrl, text]],
      ['y-websocket 0.1.1', ywebsocket.pid, ['bench/relay/y-websocket-client.mjs', ywebsocketUrl, text]],
    ]
    const played = new Map<string, Row[]>()
    for (let round = 0; round < rounds; round++) {
      for (const [system, pid, args] of systems) {
        const row = { system, plan: plan.name, ...(await result(start(args))), rssMiB: await rssOf(pid) }
        played.set(system, [...(played.get(system) ?? []), row])
        console.error(JSON.stringify(row))
      }
    }
    for (const each of played.values()) {
      const byP99 = each.sort((a, b) => a.p99 - b.p99)
      const median = byP99[Math.floor(each.length / 2)]!
      rows.push({ ...median, spread: `${byP99[0]!.p99.toFixed(1)}–${byP99.at(-1)!.p99.toFixed(1)}` })
    }
  }
  const extra = [...tsx, 'bench/relay-extra.ts', node.url, url.href, String(node.child.pid)]
  const live = await result(start([...extra, 'live']))
  const cold = await result(start([...extra, 'cold']))
  const f = (value: number | null) => (value == null || Number.isNaN(value) ? '–' : value.toFixed(1))
  console.log(
    `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, load ${loadavg()
      .map((l) => l.toFixed(1))
      .join(' ')}, ${seconds} s each, median of ${rounds} rounds\n`,
  )
  console.log(
    '| plan | system | edit→peer p50 | p95 | p99 ms | p99 of the rounds | durable ack p50 | p99 ms | not delivered | server RSS MiB |',
  )
  console.log('|---|---|---|---|---|---|---|---|---|---|')
  for (const r of rows) {
    console.log(
      `| ${r.plan} | ${r.system} | ${f(r.p50)} | ${f(r.p95)} | ${f(r.p99)} | ${r.spread} | ${f(r.ack50)} | ${f(r.ack99)} | ${r.missing} | ${f(r.rssMiB)} |`,
    )
  }
  console.log(`\n${JSON.stringify(live)}\n${JSON.stringify(cold)}`)
} finally {
  for (const child of children) child.kill()
  await node.kill()
  await server.stop()
}
process.exit(0)
