import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BYTES_PER_FAILED_WRITE,
  buildLeakyClient,
  freePort,
  leakingApp,
  Memcached,
  RECORDED_COST,
  recordedStory,
} from '#test/build/native-story'

/** The process that grows, and the memcached that it writes to. */
export interface LivingStory {
  /** What one failed write takes, in bytes. */
  readonly cost: { readonly least: number; readonly most: number }
  /** Runs the line that the room gave for Ruby. */
  paste(line: string): Promise<void>
  /** The moment from which every write fails, and the one until which it did: epoch milliseconds. */
  stopMemcached(): Promise<number>
  startMemcached(): Promise<number>
  /** What `leakroom experiment` is given: the same, or what stands for it, with and without its memcached. */
  readonly runs: readonly string[]
  end(): Promise<void>
}

export const PROCESS = 'shop'
const WRITES_PER_SECOND = 600
/** Ten a second, so that seconds are enough to judge by. */
const SAMPLE_EVERY = '0.1'
/** What the agent takes for a dump, and the moment at which a page is first touched. */
const NEAR = 0.1
/** Of a run of the experiment. */
const RUN_SECONDS = 5

/** A real Ruby process with the client that leaks, a real memcached, and the agent. */
export async function playedStory(): Promise<LivingStory> {
  const folder = await mkdtemp(join(tmpdir(), 'leakroom-shop-'))
  buildLeakyClient(folder)
  const memcached = new Memcached(await freePort())
  await memcached.start()
  const other = await otherMemcached(folder)
  let shop: ChildProcess | undefined
  return {
    cost: { least: BYTES_PER_FAILED_WRITE * (1 - NEAR), most: BYTES_PER_FAILED_WRITE * (1 + NEAR) },
    async paste(line) {
      const args = leakingApp(folder, memcached.port, { writesPerSecond: WRITES_PER_SECOND })
      const env = { ...process.env, LEAKROOM_PROCESS: PROCESS, LEAKROOM_EVERY: SAMPLE_EVERY }
      const own = line.replace(/app\.rb$/, args.map((arg) => `'${arg}'`).join(' '))
      shop = spawn('sh', ['-c', own], { cwd: folder, env, detached: true, stdio: 'ignore' })
    },
    async stopMemcached() {
      await memcached.stop()
      return Date.now()
    },
    async startMemcached() {
      const at = Date.now()
      await memcached.start()
      return at
    },
    runs: [
      ...['--before-a', other.stop, '--before-b', other.start, '--settle', '0.3'],
      '--',
      'ruby',
      ...leakingApp(folder, other.port, { writesPerSecond: WRITES_PER_SECOND, seconds: RUN_SECONDS }),
    ],
    async end() {
      if (shop?.pid) process.kill(-shop.pid, 'SIGTERM')
      // After a failure it would go on, and start its memcached again.
      runner?.kill('SIGKILL')
      spawnSync('sh', ['-c', other.stop])
      await memcached.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** One of the experiment's own: its runs stop and start it by a shell's line, while the shop goes on. */
async function otherMemcached(folder: string) {
  const port = await freePort()
  const pid = `'${join(folder, 'memcached.pid')}'`
  const user = process.getuid?.() === 0 ? '-u nobody' : ''
  const start = `memcached -l 127.0.0.1 -p ${port} -U 0 -m 16 -t 1 ${user} >/dev/null 2>&1 & echo $! > ${pid}`
  return {
    port,
    start: `kill -0 $(cat ${pid} 2>/dev/null) 2>/dev/null || { ${start}; }`,
    stop: `kill -9 $(cat ${pid} 2>/dev/null) 2>/dev/null; rm -f ${pid}`,
  }
}

/** Stands for the shop where it cannot be built: keeps 4,000 bytes a request in condition A. */
const STAND_IN = `
  const kept = [], ends = Date.now() + ${RUN_SECONDS * 1000}
  const timer = setInterval(() => {
    for (let i = 0; i < ${WRITES_PER_SECOND / 20}; i++) {
      if (process.env.LEAKROOM_CONDITION === 'A') kept.push(Buffer.alloc(4000, 1))
      console.log('request')
    }
    if (Date.now() > ends) clearInterval(timer)
  }, 50)
`

/** The same from a recording, for machines that cannot play it: its three phases are sent as the agent sends them. */
export function toldStory(): LivingStory {
  const phases = [...recordedStory(PROCESS, Date.now() - 1000)]
  let room: { url: string; token: string } | undefined
  const send = async () => {
    const phase = phases.shift()
    if (!room || !phase) throw new Error('the recording has no more phases, or no room')
    const headers = { Authorization: `Bearer ${room.token}` }
    const answer = await fetch(`${room.url}/api/ingest`, { method: 'POST', headers, body: phase.lines })
    if (!answer.ok) throw new Error(`the room answered ${answer.status}`)
    return phase.from
  }
  return {
    cost: RECORDED_COST,
    async paste(line) {
      const [, url = ''] = /LEAKROOM_URL='([^']+)'/.exec(line) ?? []
      const [, token = ''] = /LEAKROOM_TOKEN='([^']+)'/.exec(line) ?? []
      room = { url, token }
      await send()
    },
    stopMemcached: send,
    startMemcached: send,
    runs: ['--', 'node', '-e', STAND_IN],
    async end() {},
  }
}

let runner: ChildProcess | undefined

/** `leakroom experiment 1` for the room, by the command line of this checkout. */
export function makeRuns(room: string, token: string, runs: readonly string[]): Promise<CommandEnd> {
  const args = ['bin/leakroom.mjs', 'experiment', '1', '--quiet', '--every', SAMPLE_EVERY, ...runs]
  const env = { ...process.env, LEAKROOM_ROOM: room, LEAKROOM_TOKEN: token }
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  runner = child
  let said = ''
  let told = ''
  // What the runs print comes before what is concluded.
  child.stdout.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-10_000)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    told = (told + chunk.toString()).slice(-10_000)
  })
  return new Promise((ended) => child.once('close', (status) => ended({ status, said, told })))
}

export interface CommandEnd {
  readonly status: number | null
  readonly said: string
  readonly told: string
}
