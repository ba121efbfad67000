import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { accessOf, asWriter } from '#lib/auth/gate'
import { runCommand } from '#lib/db/commands'
import { loadPeople, loadRoomState, messagesBefore } from '#lib/db/room-state'
import { UserId } from '#lib/investigation/ids'
import { attachRealtime, type Realtime, type RealtimeDeps } from '#lib/realtime/server/realtime'

export const TEST_SECRET = 'a secret of the tests, the same on every node'

/** A real-time node with the real gate and the real commands; who one is stands in a header. */
export interface TestNode {
  readonly url: string
  readonly realtime: Realtime
  stop(): Promise<void>
}

/** Starts a node in this process. The database must be connected. */
export async function startTestNode(
  databaseUrl: string,
  change: Partial<RealtimeDeps> = {},
): Promise<TestNode> {
  const http = createServer()
  await new Promise<void>((listening) =>
    http.listen(change.baseUrl ? Number(new URL(change.baseUrl).port) : 0, '127.0.0.1', listening),
  )
  // reason: a server that listens on a port has an address of this form.
  const { port } = http.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const realtime = attachRealtime(http, {
    log: pino({ level: process.env.LOG_LEVEL ?? 'silent' }),
    nodeId: randomUUID(),
    baseUrl: url,
    secret: TEST_SECRET,
    databaseUrl,
    authenticate: async (headers) => userOf(headers['x-test-user']),
    roomAccess: accessOf,
    asWriter,
    loadRoomState,
    loadPeople,
    messagesBefore,
    runCommand,
    ...change,
  })
  return {
    url,
    realtime,
    async stop() {
      await realtime.drain()
      http.closeAllConnections()
      await new Promise((closed) => http.close(closed))
    },
  }
}

/** The person that a test's header names, as `id name`. */
function userOf(header: string | string[] | undefined): { userId: UserId; name: string } | null {
  if (typeof header !== 'string') return null
  const [id = '', ...name] = header.split(' ')
  return { userId: UserId.parse(id), name: name.join(' ') }
}

/** A node in a process of its own, which a test may kill. */
export interface SpawnedNode {
  readonly url: string
  readonly child: ChildProcess
  /** Ends it at once, as kill -9 and a power cut do. */
  kill(): Promise<void>
  /** Asks it to end, as a supervisor does. */
  terminate(): Promise<void>
}

/** Starts test/build/realtime-node.ts. `port` 0: any. */
export async function spawnNode(databaseUrl: string, port = 0): Promise<SpawnedNode> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/build/realtime-node.ts'], {
    env: { ...process.env, TEST_NODE_DATABASE: databaseUrl, TEST_NODE_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = await new Promise<string>((ready, failed) => {
    let said = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const found = /ready (\S+)/.exec(said)?.[1]
      if (found) ready(found)
    })
    child.once('exit', (code) =>
      failed(new Error(`the node ended with ${code} before it was ready: ${said}`)),
    )
  })
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal)
    return ended
  }
  return { url, child, kill: () => end('SIGKILL'), terminate: () => end('SIGTERM') }
}
