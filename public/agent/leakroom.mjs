// Leakroom's agent inside a Node process (18 and later): one file, no dependencies.
//
//   node --import ./leakroom.mjs app.js        or, in code:  import { countRequest } from './leakroom.mjs'
//
// Reads LEAKROOM_URL and LEAKROOM_TOKEN; without a token it does nothing. LEAKROOM_PROCESS names the process,
// LEAKROOM_EVERY is the seconds between samples (5), LEAKROOM_SNAPSHOTS=0 forbids snapshots. Timers are unref'ed: the
// agent does not keep a process alive, but for an answer that it waits for (ten seconds at most), and nothing in here
// throws into the host. A snapshot, taken only when somebody in the
// room asks for it, STOPS THE PROCESS until it is written (about a second per 100 MiB of heap) and can take as much memory
// again as the heap.
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { isMainThread } from 'node:worker_threads'
import { getHeapSpaceStatistics, getHeapStatistics, writeHeapSnapshot } from 'node:v8'
import { createGzip, gzipSync } from 'node:zlib'

/** Lines kept while the room cannot be reached: about half an hour. */
const MOST_LINES = 8_000
const CHUNK = 8 * 1024 * 1024
/** The first sample waits this long for the first word, which tells the clock's difference. */
const FIRST_WORD_MS = 5_000
/** The spaces that a program's own objects and code live in. */
const SPACES = new Set(['new_space', 'old_space', 'large_object_space', 'code_space'])

const env = process.env
const token = env.LEAKROOM_TOKEN ?? ''
const url = (env.LEAKROOM_URL ?? 'http://127.0.0.1:3000').replace(/\/+$/, '')
const name = env.LEAKROOM_PROCESS ?? (process.argv[1] ? basename(process.argv[1]) : 'node')
const everyMs = Math.max(1, Number(env.LEAKROOM_EVERY ?? 5) || 5) * 1000
const canSnapshot = env.LEAKROOM_SNAPSHOTS !== '0'

let lines = []
let skewMs = 0
let hasSpoken = false
let lastSnapshot = ''
let requests = 0
let failures = 0

/** Counts one request of the host, so that growth can be told per request: call it where responses end. */
export function countRequest(failed = false) {
  requests++
  if (failed) failures++
}

async function sample() {
  if (!hasSpoken && performance.now() < FIRST_WORD_MS) return
  const t = (Date.now() + skewMs) / 1000
  const put = (series, v, unit = 'bytes') => {
    if (Number.isFinite(v)) lines.push(JSON.stringify({ t, series, v, unit, process: name, pid: process.pid }))
  }
  const memory = process.memoryUsage()
  put('rss', memory.rss)
  put('heap-used', memory.heapUsed)
  put('heap-total', memory.heapTotal)
  put('external', memory.external)
  put('array-buffers', memory.arrayBuffers)
  put('heap-limit', getHeapStatistics().heap_size_limit)
  for (const { space_name, space_used_size } of getHeapSpaceStatistics())
    if (SPACES.has(space_name)) put(space_name.replaceAll('_', '-'), space_used_size)
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '')
  put('anon', kib(status, 'RssAnon') * 1024)
  put('swap', kib(status, 'VmSwap') * 1024)
  if (requests > 0) {
    put('requests', requests, 'count')
    put('failures', failures, 'count')
  }
  if (lines.length > MOST_LINES) lines = lines.slice(-MOST_LINES)
}

const kib = (status, field) => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? Number.NaN)

const own = { Authorization: `Bearer ${token}` }
const post = (path, body, headers = {}, ms = 10_000) =>
  fetch(url + path, {
    method: 'POST',
    body,
    headers: { ...own, 'Content-Type': 'application/json', ...headers },
    signal: AbortSignal.timeout(ms),
  })

async function speak() {
  const facts = { host: hostname(), process: name, pid: process.pid, runtime: 'node', version: process.version, canSnapshot }
  const answer = await post('/api/agent/hello', JSON.stringify(facts))
  if (!answer.ok) throw new Error(`refused: ${answer.status}`)
  const told = await answer.json()
  const off = told.serverTime - Date.now()
  skewMs = Math.abs(off) > 2_000 ? off : 0
  // Not waited for: it never rejects.
  if (canSnapshot && told.snapshot && told.snapshot !== lastSnapshot) void snapshot(told.snapshot, told.uploads)
}

async function sendLines() {
  while (lines.length > 0) {
    const batch = lines.splice(0, 2_000)
    try {
      const sent = await post('/api/ingest', gzipSync(batch.join('\n')), { 'Content-Encoding': 'gzip' })
      // What the room will never take is not sent again.
      if (!sent.ok && ![400, 413, 422].includes(sent.status)) throw new Error(`later: ${sent.status}`)
      await sent.arrayBuffer()
    } catch (error) {
      lines = [...batch, ...lines].slice(-MOST_LINES)
      throw error
    }
    if (batch.length < 2_000) break
  }
}

async function snapshot(id, uploads) {
  lastSnapshot = id
  let folder
  try {
    if (!(await step(id, 'taking'))) return
    folder = await mkdtemp(join(tmpdir(), 'leakroom-'))
    const plain = join(folder, 'now.heapsnapshot')
    const takenAt = Date.now() + skewMs
    writeHeapSnapshot(plain)
    const packed = `${plain}.gz`
    await pipeline(createReadStream(plain), createGzip({ level: 1 }), createWriteStream(packed, { mode: 0o600 }))
    await rm(plain)
    if (await step(id, 'uploading')) await upload(uploads, packed, id, takenAt)
  } catch (error) {
    await step(id, 'failed', String(error?.message ?? error).slice(0, 200)).catch(() => {})
  } finally {
    if (folder) await rm(folder, { recursive: true, force: true }).catch(() => {})
  }
}

async function step(id, state, problem) {
  const answer = await post('/api/agent/snapshot', JSON.stringify({ id, state, problem }))
  return answer.ok && (await answer.json()).goOn === true
}

/** tus 1.0: create, then pieces of 8 MiB, each of which can be sent again. */
async function upload(uploads, packed, id, takenAt) {
  const { size } = await stat(packed)
  const clock = new Date(takenAt).toISOString().slice(11, 19)
  const facts = {
    filename: `${name}.heapsnapshot.gz`,
    captureId: id,
    process: name,
    label: `${name} ${clock} UTC`,
    takenAt: String(Math.round(takenAt)),
    ...(requests > 0 && { requestCount: String(requests) }),
  }
  const metadata = Object.entries(facts).map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
  const tus = { ...own, 'Tus-Resumable': '1.0.0' }
  const made = await fetch(url + uploads, {
    method: 'POST',
    headers: { ...tus, 'Upload-Length': String(size), 'Upload-Metadata': metadata.join(',') },
    signal: AbortSignal.timeout(20_000),
  })
  if (made.status !== 201) throw new Error(`the room refused the snapshot: ${await sentence(made)}`)
  const place = new URL(made.headers.get('location'), url).href
  const file = await open(packed)
  try {
    const piece = Buffer.alloc(Math.min(CHUNK, size))
    for (let offset = 0, tries = 0; offset < size; ) {
      try {
        const { bytesRead } = await file.read(piece, 0, piece.length, offset)
        const sent = await fetch(place, {
          method: 'PATCH',
          headers: { ...tus, 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': String(offset) },
          body: piece.subarray(0, bytesRead),
          signal: AbortSignal.timeout(120_000),
        })
        if (sent.status !== 204) throw new Error(await sentence(sent))
        offset = Number(sent.headers.get('upload-offset'))
        tries = 0
      } catch (error) {
        if (++tries > 5) throw error
        await new Promise((resolve) => setTimeout(resolve, tries * 1000).unref())
        const head = await fetch(place, { method: 'HEAD', headers: tus, signal: AbortSignal.timeout(20_000) })
        offset = Number(head.headers.get('upload-offset') ?? offset)
      }
    }
  } finally {
    await file.close()
  }
}

const sentence = async (answer) => (await answer.json().catch(() => ({}))).sentence ?? String(answer.status)

/**
 * Does it once a turn, never twice at the same time, and after failures rarer and rarer, down to once in sixty turns. Sampling,
 * sending and words do not wait for each other: a room that is slow leaves no hole, and samples do not keep a snapshot waiting.
 */
function eachTurn(work) {
  let isUnderWay = false
  let failures = 0
  let pause = 0
  return async () => {
    if (isUnderWay || pause-- > 0) return
    isUnderWay = true
    try {
      await work()
      failures = 0
    } catch {
      // Quiet: the host's log is not ours. The lines wait.
      failures++
    }
    pause = failures === 0 ? 0 : Math.min(60, 2 ** failures) - 1
    isUnderWay = false
  }
}

// Worker threads load --import, too: the process has one agent.
if (token && isMainThread) {
  const talk = eachTurn(speak)
  const deliver = eachTurn(sendLines)
  const watch = eachTurn(sample)
  const spoken = talk().then(() => {
    hasSpoken = true
  })
  void spoken.then(watch)
  setInterval(() => {
    void talk()
    void watch()
    void deliver()
  }, everyMs).unref()
}
