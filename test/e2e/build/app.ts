import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

/** A running Leakroom of the test's own: its own folder, database and port. */
export interface App {
  readonly url: string
  readonly folder: string
  /** Ends the server as a power cut would, without a word. The database goes on as an orphan. */
  kill9(): Promise<void>
  /** Ends it in order, as a deployment does: SIGTERM, and waits until it has gone. */
  terminate(): Promise<void>
  /** Starts it again on the same folder and port. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** Starts the built app. @throws when there is no build: `npm test` builds first. */
export async function startApp(settings: Record<string, string> = {}): Promise<App> {
  if (!existsSync('dist/server.mjs')) throw new Error('Build first: npm run build')
  await mkdir('.data', { recursive: true })
  const folder = await mkdtemp(join(resolve('.data'), 'e2e-'))
  await chmod(folder, 0o755) // as root, PostgreSQL's own account has to reach its part of it
  const port = await freePort()
  const environment = {
    ...settings,
    DATA_DIR: folder,
    PORT: String(port),
    HOST: '127.0.0.1',
    NODE_ENV: 'production',
  }
  let server = await launch(environment)
  const end = async (signal: NodeJS.Signals) => {
    if (server.exitCode !== null || server.signalCode !== null) return
    server.kill(signal)
    await once(server, 'exit')
  }
  return {
    url: `http://127.0.0.1:${port}`,
    folder,
    kill9: () => end('SIGKILL'),
    terminate: () => end('SIGTERM'),
    async restart() {
      server = await launch(environment)
    },
    async stop() {
      // Killed just before? Start and stop once more, so that the orphaned database is stopped in order.
      if (server.signalCode === 'SIGKILL') server = await launch(environment)
      await end('SIGTERM')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function launch(environment: Record<string, string>): Promise<ChildProcess> {
  const server = spawn(process.execPath, ['dist/server.mjs'], {
    env: { ...process.env, NODE_ENV: 'production', LOG_LEVEL: 'warn', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ready = new Promise<void>((isReady, failed) => {
    createInterface({ input: server.stdout }).on('line', (line) => {
      if (line.includes('Leakroom is at')) isReady()
      else if (line.trim()) console.log(`  [server] ${line}`)
    })
    server.once('exit', (code) => failed(new Error(`the server ended with ${code} before it was ready`)))
  })
  await ready
  return server
}

const freePort = () =>
  new Promise<number>((found) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => found(address && typeof address === 'object' ? address.port : 0))
    })
  })
