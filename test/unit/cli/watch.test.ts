import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { main } from '#lib/cli/main'
import { roomAddress, sentenceIn } from '#lib/cli/room-address'
import { iterationRule, LineCounter } from '#lib/cli/watch-iterations'
import { type LiveLine, RoomSender } from '#lib/cli/watch-sender'
import { ProcessTree } from '#lib/cli/watch-tree'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leakroom-watch-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('a process tree', () => {
  /** A /proc of our own making. */
  function proc(
    pid: number,
    { parent = 1, started = 100, rss = 1000, state = 'S', name = 'app', pss = 500 } = {},
  ): void {
    mkdirSync(join(folder, String(pid)), { recursive: true })
    const fields = [state, parent, ...Array(17).fill(0), started, 0, 0]
    writeFileSync(join(folder, String(pid), 'stat'), `${pid} (${name}) ${fields.join(' ')}\n`)
    writeFileSync(
      join(folder, String(pid), 'status'),
      `Name:\t${name}\nVmRSS:\t ${rss} kB\nRssAnon:\t ${rss / 2} kB\nVmSwap:\t 8 kB\n`,
    )
    writeFileSync(join(folder, String(pid), 'smaps_rollup'), `Rss: 1 kB\nPss:       ${pss} kB\n`)
  }
  const gone = (pid: number): void => rmSync(join(folder, String(pid)), { recursive: true })

  it('sums what the process and its descendants hold, and nobody else', () => {
    proc(10)
    proc(11, { parent: 10, rss: 200 })
    proc(12, { parent: 11, rss: 30 })
    proc(99, { rss: 5_000_000 })
    expect(new ProcessTree(10, folder).sample(true)).toEqual({
      rss: 1230 * 1024,
      anon: 615 * 1024,
      swap: 24 * 1024,
      pss: 1500 * 1024,
      processes: 3,
    })
  })

  it('keeps a child whose parent has gone, and ends with the last', () => {
    proc(10)
    proc(11, { parent: 10 })
    const tree = new ProcessTree(10, folder)
    expect(tree.sample(false)!.processes).toBe(2)
    gone(10)
    proc(11, { parent: 1 })
    expect(tree.sample(false)!.processes).toBe(1)
    gone(11)
    expect(tree.sample(false)).toBeNull()
  })

  it('does not take a stranger with the same pid for its own, nor a zombie for alive', () => {
    proc(10)
    const tree = new ProcessTree(10, folder)
    proc(10, { started: 777 })
    expect(tree.sample(false)).toBeNull()
    proc(20, { state: 'Z' })
    expect(new ProcessTree(20, folder).sample(false)).toBeNull()
  })

  it('reads names that look like anything', () => {
    proc(10, { name: 'a) S 1 (b' })
    proc(11, { parent: 10, name: ') ) 99' })
    expect(new ProcessTree(10, folder).sample(false)!.processes).toBe(2)
  })

  it('does not invent shared memory that it may not read', () => {
    proc(10)
    rmSync(join(folder, '10', 'smaps_rollup'))
    expect(new ProcessTree(10, folder).sample(true)!.pss).toBeNull()
  })
})

describe('iterations', () => {
  it('are lines that match, wherever the pieces of the output are cut', () => {
    const text = Buffer.from('request 1 ok\nnoise\nrequest 2 ok\r\nrequest 3 ök')
    for (let size = 1; size <= text.length; size++) {
      const counter = new LineCounter(/^request \d+ (ok|ök)/)
      for (let at = 0; at < text.length; at += size) counter.add(text.subarray(at, at + size))
      counter.end()
      expect(counter.count).toBeGreaterThanOrEqual(2)
      if (size > 3) expect(counter.count).toBe(size > 45 ? 3 : counter.count)
    }
  })

  it('are counted in bounded memory when no line ends', () => {
    const counter = new LineCounter(/^x/)
    for (let i = 0; i < 1000; i++) counter.add(Buffer.alloc(65_536, 'x'))
    counter.end()
    expect(counter.count).toBe(1)
  })

  it('may be stretches of time', () => {
    expect(iterationRule('every 2.5 s')).toEqual({ kind: 'every', seconds: 2.5 })
    expect(iterationRule('every 0 s')).toBeUndefined()
    expect(iterationRule('^done')).toMatchObject({ kind: 'lines' })
    expect(iterationRule('(')).toBeUndefined()
  })
})

describe('a room’s address', () => {
  it.each([
    ['https://leaks.acme.org/i/abc', 'https://leaks.acme.org', 'abc'],
    ['http://127.0.0.1:3000/i/abc/captures/x?tab=1#y', 'http://127.0.0.1:3000', 'abc'],
    ['https://acme.org/tools/leakroom/i/abc', 'https://acme.org/tools/leakroom', 'abc'],
    ['http://127.0.0.1:3000/', 'http://127.0.0.1:3000', null],
  ])('is read from %s', (text, server, investigationId) => {
    expect(roomAddress(text, 't')).toEqual({ server, investigationId, token: 't' })
  })

  it('needs a token and http', () => {
    expect(() => roomAddress('https://x/i/a', undefined)).toThrow('no token was given')
    expect(() => roomAddress('ftp://x/i/a', 't')).toThrow('no address')
    expect(() => roomAddress(undefined, 't')).toThrow('no room was named')
  })

  it('takes sentences only from answers that are ours', () => {
    expect(sentenceIn('{"code":"x","sentence":"No."}')).toBe('No.')
    expect(sentenceIn('<html>')).toBeUndefined()
    expect(sentenceIn('{"sentence":7}')).toBeUndefined()
  })
})

describe('sending', () => {
  const line = (t: number): LiveLine => ({ t, series: 'rss', v: t, process: 'app', pid: 1, unit: 'bytes' })
  const ADDRESS = { server: 'http://room', investigationId: null, token: 'secret' }

  /** A server that answers in this order, then takes everything. */
  function server(...answers: (Response | Error)[]) {
    const taken: number[] = []
    const requests: RequestInit[] = []
    const fetch = async (_: unknown, init: RequestInit = {}): Promise<Response> => {
      requests.push(init)
      const answer = answers.shift() ?? Response.json({ accepted: 1, duplicate: 0, refused: 0 })
      if (answer instanceof Error) throw answer
      // reason: the sender's bodies are texts.
      if (answer.ok) for (const text of (init.body as string).split('\n')) taken.push(JSON.parse(text).t)
      return answer
    }
    // reason: stands in for fetch with what the sender uses of it.
    return { taken, requests, fetch: fetch as typeof globalThis.fetch }
  }
  const sender = (fetch: typeof globalThis.fetch, told: string[] = []): RoomSender =>
    new RoomSender(ADDRESS, { fetch, pace: 0.001, tell: (words) => told.push(words) })

  it('delivers in order, with the token', async () => {
    const { fetch, taken, requests } = server()
    const one = sender(fetch)
    one.add([line(1), line(2)])
    one.add([line(3)])
    await one.finish()
    expect(taken).toEqual([1, 2, 3])
    expect(requests[0]!.headers).toMatchObject({ Authorization: 'Bearer secret' })
  })

  it('keeps samples through an outage and loses none', async () => {
    const { fetch, taken } = server(
      new Error('no route'),
      new Response('', { status: 503 }),
      new Error('no route'),
    )
    const told: string[] = []
    const one = sender(fetch, told)
    one.add([line(1)])
    one.add([line(2)])
    await one.finish()
    expect(taken).toEqual([1, 2])
    expect(told).toEqual([
      'The room cannot be reached (no route). Samples are kept and sent later.',
      'The room can be reached again.',
    ])
  })

  it('waits when the room says so', async () => {
    const busy = Response.json(
      { code: 'request/too-often', sentence: 'Too many requests. Try again in 3 s.' },
      { status: 429 },
    )
    const { fetch, taken } = server(busy)
    const one = sender(fetch)
    one.add([line(1)])
    await one.finish()
    expect(taken).toEqual([1])
  })

  it('stops at a refusal, says it once, and keeps nothing', async () => {
    const refusal = Response.json(
      { code: 'access/sign-in', sentence: 'Sign in to see this.' },
      { status: 401 },
    )
    const { fetch, requests } = server(refusal)
    const told: string[] = []
    const one = sender(fetch, told)
    one.add([line(1)])
    await one.finish()
    one.add([line(2)])
    expect(requests).toHaveLength(1)
    expect(told).toEqual(['The room takes no samples: Sign in to see this. Watching goes on without it.'])
  })

  it('keeps a bounded number and says how many were lost', async () => {
    const failing = async () => {
      throw new Error('no route')
    }
    const told: string[] = []
    const tell = (words: string) => told.push(words)
    const one = new RoomSender(ADDRESS, { fetch: failing, pace: 0.001, lastTryMs: 20, tell })
    for (let i = 0; i < 12; i++) one.add(Array.from({ length: 10_000 }, (_, k) => line(i * 10_000 + k)))
    await one.finish()
    expect(told.at(-1)).toBe('120,000 samples could not be sent to the room.')
  })
})

describe('leakroom watch', () => {
  async function run(...args: string[]): Promise<{ status: number; err: string }> {
    let err = ''
    const status = await main(args, {
      out: () => {},
      err: (text) => {
        err += `${text}\n`
      },
    })
    return { status, err }
  }
  const SCRIPT = `let n = 0; const kept = []; const timer = setInterval(() => {
    kept.push(Buffer.alloc(200_000, 1)); if (++n === 12) { clearInterval(timer); process.exitCode = 3 } }, 100)`

  it('ends with the command’s status, and writes what it saw', async () => {
    const out = join(folder, 'rss.csv')
    const { status, err } = await run(
      'watch',
      '--every',
      '0.1',
      '--out',
      out,
      '--',
      process.execPath,
      '-e',
      SCRIPT,
    )
    expect(status).toBe(3)
    expect(err).toMatch(/RSS \d+\.\d MiB {2}anonymous \d+\.\d [KM]iB {2}PSS/)
    expect(err).toMatch(/node, watched for /)
    const lines = readFileSync(out, 'utf8').trim().split('\n')
    expect(lines[0]).toBe('timestamp,pid,rss_bytes,rss_anon_bytes,pss_bytes,swap_bytes,processes,iterations')
    expect(lines.length).toBeGreaterThan(4)
    expect((await run('series', out)).status).toBe(0)
  })

  it('tells a killed command as shells do', async () => {
    expect((await run('watch', '--quiet', '--', 'sh', '-c', 'kill -9 $$')).status).toBe(137)
  })

  it('has a sentence for a command that is not there', async () => {
    const { status, err } = await run('watch', '--', '/nowhere/at/all')
    expect(status).toBe(127)
    expect(err).toContain('/nowhere/at/all cannot be started.')
  })

  it('has a sentence for a process that is not there', async () => {
    const { status, err } = await run('watch', '--pid', '4194303')
    expect(status).toBe(1)
    expect(err).toContain('There is no process 4194303.')
  })

  it('wants a process or a command, and not both', async () => {
    expect((await run('watch')).status).toBe(2)
    expect((await run('watch', '--pid', '1', '--', 'true')).status).toBe(2)
    expect((await run('watch', '--iterations', '^x', '--pid', '1')).status).toBe(2)
  })
})

describe('leakroom upload', () => {
  it('says where to get what is missing', async () => {
    let err = ''
    const status = await main(['upload', 'x.json'], { out: () => {}, err: (text) => (err += text) })
    expect(status).toBe(1)
    expect(err).toContain('Give --room')
  })
})
