import type { lookup } from 'node:dns'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { type GuardedRequest, guardedFetch } from '#lib/sources/guarded-fetch'
import { askRange } from '#lib/sources/prometheus'
import { kibibytes, mebibytes } from '#lib/units/quantity'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(handle)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  closing.push(() => {
    server.closeAllConnections()
    return new Promise((closed) => server.close(closed))
  })
  // reason: a TCP server that listens has an address with a port.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const fetching = (url: string, more: Partial<GuardedRequest> = {}) =>
  guardedFetch({ url: new URL(url), policy: 'loopback', signal: new AbortController().signal, ...more })
const text = (body: Uint8Array) => new TextDecoder().decode(body)

/** A resolver that answers these addresses, one list after the other. */
const resolving = (...answers: readonly string[][]) => {
  let asked = 0
  const resolve = (_name: string, _options: unknown, callback: (...said: unknown[]) => void) => {
    const list = answers[Math.min(asked++, answers.length - 1)] ?? []
    callback(
      null,
      list.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
  // reason: the one overload that is called.
  return { resolve: resolve as unknown as typeof lookup, times: () => asked }
}

describe('fetching from an address that a person gave', () => {
  it('gives status, kind and content, and sends the authorization', async () => {
    const url = await serve((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify([request.headers.authorization, request.headers['user-agent']]))
    })
    const answer = await fetching(url, { authorization: 'Bearer s3cret' })
    expect([answer.status, answer.contentType]).toEqual([200, 'application/json'])
    expect(JSON.parse(text(answer.body))).toEqual(['Bearer s3cret', 'Leakroom'])
  })

  it.each([
    ['http://127.0.0.1:1/', 'this machine itself'],
    ['http://0x7f.1/', 'this machine itself'],
    ['http://2130706433/', 'this machine itself'],
    ['http://[::1]:1/', 'this machine itself'],
    ['http://[::ffff:127.0.0.1]/', 'this machine itself'],
    ['http://169.254.169.254/latest/meta-data/', 'metadata'],
    ['http://10.0.0.7:9090/', 'a private address'],
    // A real name with a real answer.
    ['http://localhost:1/', 'this machine itself'],
  ])('%s is refused before anything is sent', async (url, kind) => {
    await expect(fetching(url, { policy: 'public' })).rejects.toThrow(kind)
  })

  it('a name is refused when one of its addresses is, and is looked up once for each connection', async () => {
    const mixed = resolving(['93.184.216.34', '10.0.0.1'])
    await expect(
      fetching('http://prometheus.example/', { policy: 'public', resolve: mixed.resolve }),
    ).rejects.toThrow('prometheus.example is a private address')

    // A name that changes its mind: what was judged is connected to, there is no second look-up in between.
    let hits = 0
    const url = await serve((_request, response) => {
      hits++
      response.end('ok')
    })
    const rebinding = resolving(['127.0.0.1'], ['169.254.169.254'])
    const { port } = new URL(url)
    const named = `http://rebind.example:${port}/`
    expect(text((await fetching(named, { resolve: rebinding.resolve })).body)).toBe('ok')
    expect([rebinding.times(), hits]).toEqual([1, 1])
    await expect(fetching(named, { resolve: rebinding.resolve })).rejects.toThrow('metadata')
    expect(hits).toBe(1)
  })

  it('follows redirects inside the origin, three at most, and none that leads elsewhere', async () => {
    const url = await serve((request, response) => {
      const left = Number(new URL(request.url ?? '/', 'http://x').searchParams.get('left'))
      if (left > 0) response.writeHead(307, { location: `/again?left=${left - 1}` }).end()
      else response.end(request.url)
    })
    expect(text((await fetching(`${url}/?left=3`)).body)).toBe('/again?left=0')
    await expect(fetching(`${url}/?left=4`)).rejects.toThrow('sends us on to itself, again and again')

    let wasAsked = false
    const elsewhere = await serve((_request, response) => {
      wasAsked = true
      response.end()
    })
    for (const location of [
      'http://169.254.169.254/latest/meta-data/',
      elsewhere,
      'https://127.0.0.1/',
      'file:///etc/passwd',
      'http://',
    ]) {
      const from = await serve((_request, response) => response.writeHead(302, { location }).end())
      await expect(fetching(from, { authorization: 'Bearer s3cret' })).rejects.toMatchObject({
        code: 'source/redirected',
      })
    }
    expect(wasAsked).toBe(false)
  })

  it('an answer that unpacks to more than the limit is stopped there, and so is a plain one', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 ** 2))
    const url = await serve((request, response) => {
      if (request.url === '/bomb') response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
      else response.end(Buffer.alloc(300 * 1024))
    })
    expect(bomb.length).toBeLessThan(100_000)
    await expect(fetching(`${url}/bomb`, { limit: mebibytes(1) })).rejects.toMatchObject({
      code: 'source/too-large',
    })
    await expect(fetching(url, { limit: kibibytes(256) })).rejects.toThrow('larger than 256.0 KiB')
    expect((await fetching(url, { limit: kibibytes(512) })).body.length).toBe(300 * 1024)
  })

  it('whoever never ends is left when the time is up: before the answer, in its headers, in its body', async () => {
    const slow = await serve((request, response) => {
      if (request.url === '/silent') return
      response.writeHead(200, { 'content-type': 'application/json' })
      const drip = setInterval(() => response.write(' '), 10)
      response.on('close', () => clearInterval(drip))
    })
    const dripping = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.write('HTTP/1.1 200 OK\r\n')
      const drip = setInterval(() => socket.write('x'), 10)
      socket.on('close', () => clearInterval(drip))
    })
    await new Promise<void>((listening) => dripping.listen(0, '127.0.0.1', listening))
    closing.push(() => new Promise((closed) => dripping.close(closed)))
    // reason: a TCP server that listens has an address with a port.
    const headers = `http://127.0.0.1:${(dripping.address() as AddressInfo).port}`
    for (const url of [`${slow}/silent`, `${slow}/body`, headers]) {
      await expect(fetching(url, { timeoutMs: 150 })).rejects.toThrow('did not answer within 1 s')
    }
  })

  it('ends at once when nobody waits for it any more', async () => {
    const ends = new AbortController()
    const url = await serve((_request, response) => {
      response.writeHead(200)
      response.write('[')
      ends.abort()
    })
    await expect(fetching(url, { signal: ends.signal })).rejects.toMatchObject({ code: 'request/given-up' })
    await expect(fetching(url, { signal: ends.signal })).rejects.toMatchObject({ code: 'request/given-up' })
  })

  it('says in words why a host cannot be reached', async () => {
    const broken = await serve((request, response) => {
      if (request.url === '/cut') {
        response.writeHead(200, { 'content-length': '100' })
        response.write('half')
        response.socket?.destroySoon()
      } else response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip at all')
    })
    const { port } = new URL(broken)
    const closed = await serve(() => {})
    await closing.pop()?.()
    await expect(fetching(closed)).rejects.toThrow('nothing listens at this port')
    await expect(fetching(`${broken}/cut`)).rejects.toMatchObject({ code: 'source/unreachable' })
    await expect(fetching(`${broken}/gzip`)).rejects.toThrow('not gzip, though it says so')
    await expect(fetching(`https://127.0.0.1:${port}/`)).rejects.toThrow('does not speak TLS; try http://')
    await expect(fetching('http://no-such-host.invalid/')).rejects.toThrow(/cannot be reached/)
  })
})

describe('asking a Prometheus', () => {
  const asking = (url: string, query = 'up') =>
    askRange(
      { url, policy: 'loopback', signal: new AbortController().signal },
      query,
      { start: 0, end: 60_000 },
      15_000,
    )
  const answering = (status: number, type: string, body: string) =>
    serve((_request, response) => response.writeHead(status, { 'content-type': type }).end(body))

  it('asks by GET, and by POST when the query is long', async () => {
    const url = await serve((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => {
        body += chunk
      })
      request.on('end', () => response.end(`${request.method} ${request.url} ${body.length > 3000}`))
    })
    expect(text(await asking(url))).toBe(
      'GET /api/v1/query_range?query=up&start=0&end=60&step=15&timeout=9s false',
    )
    expect(text(await asking(`${url}/prometheus`, 'x'.repeat(3000)))).toBe(
      'POST /prometheus/api/v1/query_range true',
    )
  })

  it.each([
    [401, 'text/plain', 'no', 'does not let us in (401)'],
    [403, 'text/html', '<html>', 'does not let us in (403)'],
    [200, 'text/html', '<!doctype html>', 'A web page was answered'],
    [200, 'text/plain', '<html>', 'A web page was answered'],
    [404, 'text/plain', 'not found', 'not Prometheus'],
    [502, 'text/html', '<html>', 'answered with 502'],
    [
      422,
      'application/json',
      '{"status":"error","error":"too many samples"}',
      'refused the query: too many samples',
    ],
    [400, 'application/json', '{"status":"error","error":7}', 'answered with 400'],
  ])('%i %s %s', async (status, type, body, sentence) => {
    await expect(asking(await answering(status, type, body))).rejects.toThrow(sentence)
  })

  it('what it says of a query is one short line of plain text', async () => {
    const hostile = JSON.stringify({ error: `\u202e<b>\n\u0000${'x'.repeat(10_000)}` })
    const url = await answering(400, 'application/json', hostile)
    const error: unknown = await asking(url).catch((thrown: unknown) => thrown)
    const words = error instanceof Error ? error.message : ''
    expect(words).toContain('refused the query: <b> xxx')
    expect(words.length).toBeLessThan(400)
    for (const mark of ['\u202e', '\n', '\u0000']) expect(words).not.toContain(mark)
  })
})
