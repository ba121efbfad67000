import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { gzipSync } from 'node:zlib'

// A server that speaks Prometheus' HTTP API of queries, as far as we ask, written from its documentation
// (https://prometheus.io/docs/prometheus/latest/querying/api/). Expressions are not computed: each answers what is given.

export interface DrawnMetric {
  readonly labels: Readonly<Record<string, string>>
  /** At a moment, epoch milliseconds; undefined: no sample there. */
  value(ms: number): number | undefined
}

/** What was asked, oldest first. */
export interface AskedQuery {
  readonly path: string
  readonly query: string
  /** Epoch milliseconds; of one moment, both are that. */
  readonly start: number
  readonly end: number
  readonly stepMs: number
  readonly authorization: string | undefined
  readonly method: string
}

export interface TestPrometheus {
  readonly url: string
  readonly port: number
  readonly asked: AskedQuery[]
  /** By expression; one that begins with a key answers the same. Others answer nothing. */
  readonly answers: Map<string, readonly DrawnMetric[]>
  warnings: readonly string[]
  /** Only with this header, when it is set. */
  authorization: string | undefined
  isGzip: boolean
  /** Answers instead, when it is set. */
  instead: ((request: IncomingMessage, response: ServerResponse) => void) | undefined
  close(): Promise<void>
}

const MOST_POINTS = 11_000

export async function startPrometheus(): Promise<TestPrometheus> {
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => void handle(request, response))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  // reason: a TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo
  const state: TestPrometheus = {
    url: `http://127.0.0.1:${port}`,
    port,
    asked: [],
    answers: new Map(),
    warnings: [],
    authorization: undefined,
    isGzip: false,
    instead: undefined,
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((closed) => server.close(() => closed()))
    },
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (state.instead) return state.instead(request, response)
    const { authorization } = request.headers
    if (state.authorization !== undefined && authorization !== state.authorization) {
      response.writeHead(401).end('Unauthorized')
      return
    }
    const address = new URL(request.url ?? '/', 'http://here')
    const parameters = new URLSearchParams(address.search)
    if (request.method === 'POST') {
      let body = ''
      for await (const chunk of request) body += chunk
      for (const [name, value] of new URLSearchParams(body)) parameters.set(name, value)
    }
    const isRange = address.pathname === '/api/v1/query_range'
    if (!isRange && address.pathname !== '/api/v1/query') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n')
      return
    }
    const query = parameters.get('query') ?? ''
    const at = (name: string) => Math.round(Number(parameters.get(name)) * 1000)
    const [start, end] = isRange ? [at('start'), at('end')] : [at('time'), at('time')]
    const stepMs = isRange ? at('step') : 1
    state.asked.push({
      path: address.pathname,
      query,
      start,
      end,
      stepMs,
      authorization,
      method: request.method ?? '',
    })
    if (query.includes('!!')) return send(response, 400, bad('1:4: parse error: unexpected "!!"'))
    if ((end - start) / stepMs > MOST_POINTS) {
      return send(response, 400, bad('exceeded maximum resolution of 11,000 points per timeseries.'))
    }
    const metrics = [...state.answers].find(([key]) => query === key || query.startsWith(key))?.[1] ?? []
    const result = metrics.flatMap((metric): object[] => {
      const values: [number, string][] = []
      for (let ms = start; ms <= end; ms += stepMs) {
        const value = metric.value(ms)
        if (value !== undefined) values.push([ms / 1000, String(value)])
      }
      if (values.length === 0) return []
      return isRange ? [{ metric: metric.labels, values }] : [{ metric: metric.labels, value: values[0] }]
    })
    const data = { resultType: isRange ? 'matrix' : 'vector', result }
    send(response, 200, {
      status: 'success',
      data,
      ...(state.warnings.length ? { warnings: state.warnings } : {}),
    })
  }

  function send(response: ServerResponse, status: number, body: object): void {
    const text = JSON.stringify(body)
    const headers = { 'content-type': 'application/json' }
    if (state.isGzip)
      response.writeHead(status, { ...headers, 'content-encoding': 'gzip' }).end(gzipSync(text))
    else response.writeHead(status, headers).end(text)
  }
  return state
}

const bad = (error: string) => ({ status: 'error', errorType: 'bad_data', error })
