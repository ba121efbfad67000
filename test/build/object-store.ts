import { createHash, createHmac } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import S3rver from 's3rver'
import type { S3Settings } from '#lib/storage/s3-bucket'

/** The only key that s3rver knows, and its secret. */
const KEY = 'S3RVER'
const WRONG_SIGNATURE =
  '<Error><Code>SignatureDoesNotMatch</Code><Message>Look at your secret.</Message></Error>'

/** A request that a test answers, or lets wait, itself; false: the server answers as usual. */
type Intercept = (request: IncomingMessage, response: ServerResponse) => boolean

/**
 * A real server of the S3 protocol (s3rver) on a free port, with its objects on disk. It looks at access keys only; the
 * signatures are checked here.
 */
export interface ObjectStore {
  /** Of its bucket; every test may take a prefix of its own. */
  readonly settings: S3Settings
  /** What was asked so far, as "PUT /bucket/key?query". */
  readonly requests: string[]
  intercept: Intercept | undefined
  /** Breaks every connection and listens no more. */
  stop(): Promise<void>
  /** Listens again, on the same port with the same objects. */
  start(): Promise<void>
  close(): Promise<void>
}

export async function startObjectStore(): Promise<ObjectStore> {
  const directory = await mkdtemp(join(tmpdir(), 'leakroom-s3-'))
  const bucket = 'captures'
  const app = new S3rver({
    directory,
    silent: true,
    vhostBuckets: false,
    configureBuckets: [{ name: bucket }],
  })
  await app.configureBuckets()
  const answer = app.callback()
  const requests: string[] = []
  let server: Server | undefined
  let port = 0

  const store = {
    requests,
    intercept: undefined as Intercept | undefined,
    async start() {
      const started = createServer((request, response) => {
        requests.push(`${request.method} ${request.url}`)
        if (store.intercept?.(request, response)) return
        if (isSigned(request)) answer(request, response)
        else request.resume().on('end', () => response.writeHead(403).end(WRONG_SIGNATURE))
      })
      await new Promise<void>((isListening) => started.listen(port, '127.0.0.1', isListening))
      // reason: a TCP server that listens has an address with a port.
      port = (started.address() as AddressInfo).port
      server = started
    },
    async stop() {
      const stopped = server
      server = undefined
      if (!stopped) return
      stopped.closeAllConnections()
      await new Promise((isClosed) => stopped.close(isClosed))
    },
    async close() {
      await store.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
  await store.start()
  const settings: S3Settings = {
    bucket,
    prefix: '',
    endpoint: { host: '127.0.0.1', port, isSecure: false },
    region: undefined,
    pathStyle: true,
    accessKey: KEY,
    secretKey: KEY,
  }
  return Object.assign(store, { settings })
}

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

/** Signature version 4, as Amazon's documentation has it ("Authenticating Requests: Using the Authorization Header"). */
function isSigned({ method, url, headers }: IncomingMessage): boolean {
  const { authorization = '' } = headers
  const [, key, day, region, names, signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=(\w+)$/.exec(
      authorization,
    ) ?? []
  if (!day || !region || !names) return false
  // Whose key this is, s3rver says itself.
  if (key !== KEY) return true
  const [path = '', query = ''] = (url ?? '').split('?')
  const sorted = query
    .split('&')
    .filter(Boolean)
    .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
    .sort()
  const signed = names.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`)
  const canonical = [method, path, sorted.join('&'), signed.join(''), names, headers['x-amz-content-sha256']]
  const digest = createHash('sha256').update(canonical.join('\n')).digest('hex')
  const scope = `${day}/${region}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, digest].join('\n')
  const signingKey = ['s3', 'aws4_request'].reduce(hmac, hmac(hmac(`AWS4${KEY}`, day), region))
  return hmac(signingKey, text).toString('hex') === signature
}
