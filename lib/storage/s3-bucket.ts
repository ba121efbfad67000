import { open, readFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from 'minio'
import { UserError } from '#lib/errors/user-error'
import { asStoreFailure, isPassing, s3Code } from './s3-errors.ts'
import type { S3Place } from './store-url.ts'

/** A bucket and who may use it. */
export interface S3Settings extends S3Place {
  readonly accessKey: string
  readonly secretKey: string
  readonly sessionToken?: string | undefined
}

/** The protocol wants 5 MiB or more in each part but the last; signing 8 MiB over plain HTTP takes about 10 ms. */
const PART_BYTES = 8 << 20
/** The protocol ends at 10,000. */
const MAX_PARTS = 9_000
const PARTS_AT_ONCE = 3
const TRIES = 3
const PAUSE_MS = 150
/** Without a byte for so long a request is given up; an answer that somebody reads slowly may rest longer. */
const IDLE_MS = 60_000
const IDLE_READING_MS = 5 * 60_000

/**
 * One bucket, over HTTP: what the store needs of the protocol, each request tried again where that helps. minio's own
 * upload in parts is not used: it goes on with unfinished uploads of the same key, which two nodes that store the same
 * content would spoil for each other.
 */
export class S3Bucket {
  private readonly settings: S3Settings
  private readonly agent: http.Agent
  private readonly idleMs: number
  private made: Promise<Client> | undefined

  /** @param idleMs for tests: how long a silent server is waited for */
  constructor(settings: S3Settings, idleMs = IDLE_MS) {
    this.settings = settings
    this.idleMs = idleMs
    const isSecure = settings.endpoint?.isSecure ?? true
    this.agent = new (isSecure ? https : http).Agent({ keepAlive: true })
  }

  /** Bytes of an object; undefined when it is not there. @throws UserError store/… */
  async size(key: string): Promise<number | undefined> {
    try {
      return (await this.ask((client) => client.statObject(this.settings.bucket, key))).size
    } catch (error) {
      if (isPassing(error)) throw asStoreFailure(error)
      // A HEAD is answered without a word why: the bucket itself may be missing, or the key be a wrong one.
      await this.probe()
      const code = s3Code(error)
      if (code === 'NotFound' || code === 'NoSuchKey') return undefined
      throw asStoreFailure(error)
    }
  }

  /** Bytes [start, end) of an object, or all. @throws UserError request/not-found · store/… */
  async get(key: string, range?: { readonly start: number; readonly end: number }): Promise<Readable> {
    const { bucket } = this.settings
    const start = range?.start ?? 0
    const count = range ? range.end - range.start : Number.POSITIVE_INFINITY
    let answer: Readable
    try {
      answer = await this.ask((client) =>
        client.getPartialObject(bucket, key, start, range ? range.end - range.start : 0),
      )
    } catch (error) {
      if (s3Code(error) === 'InvalidRange') return Readable.from([])
      throw asStoreFailure(error)
    }
    // Servers may answer a range with everything (RFC 9110, 14.2), and some answer "0-0" so.
    const isPart = 'statusCode' in answer && answer.statusCode === 206
    const content = Readable.from(cut(answer, isPart ? 0 : start, count), { objectMode: false })
    // Nobody may ever have begun to read.
    return content.once('close', () => answer.destroy())
  }

  /** Stores a local file of `size` bytes: the object appears whole, or not at all. @throws UserError store/… */
  async putFile(key: string, path: string, size: number): Promise<void> {
    const { bucket } = this.settings
    try {
      if (size > PART_BYTES) return await this.putInParts(key, path, size)
      const content = await readFile(path)
      await this.ask((client) => client.putObject(bucket, key, content, content.length))
    } catch (error) {
      throw asStoreFailure(error)
    }
  }

  /** Nothing happens when it is not there. @throws UserError store/… */
  async remove(key: string): Promise<void> {
    try {
      await this.ask((client) => client.removeObject(this.settings.bucket, key))
    } catch (error) {
      const code = s3Code(error)
      if (code !== 'NoSuchKey' && code !== 'NotFound') throw asStoreFailure(error)
    }
  }

  /**
   * Whether the bucket answers us. A listing, because its refusals have words; of what nothing here is called, because
   * nobody wants to know the names. @throws UserError store/…
   */
  async probe(): Promise<void> {
    const { bucket, prefix } = this.settings
    try {
      await this.ask((client) => client.listObjectsV2Query(bucket, `${prefix}.leakroom`, '', '', 1, ''))
    } catch (error) {
      throw asStoreFailure(error)
    }
  }

  close(): void {
    this.agent.destroy()
  }

  private async putInParts(key: string, path: string, size: number): Promise<void> {
    const { bucket } = this.settings
    const uploadId = await this.ask((client) => client.initiateNewMultipartUpload(bucket, key, {}))
    try {
      const parts = await this.putParts(key, uploadId, path, size)
      await this.ask((client) => client.completeMultipartUpload(bucket, key, uploadId, parts))
    } catch (error) {
      // The last answer may have been lost on its way.
      if ((await this.size(key).catch(() => undefined)) === size) return
      // Parts cost space until somebody sweeps them. The server that broke may well not take this, either.
      const client = await this.client()
      await client.abortMultipartUpload(bucket, key, encodeURIComponent(uploadId)).catch(() => {})
      throw error
    }
    if ((await this.size(key)) !== size)
      throw new UserError('store/answer', { why: 'it took a file in parts and did not keep all of it' })
  }

  /** Sends the parts, some at once: 24 MiB in memory, more for files of more than 70 GiB. */
  private async putParts(
    key: string,
    uploadId: string,
    path: string,
    size: number,
  ): Promise<{ part: number; etag: string }[]> {
    const partBytes = Math.max(PART_BYTES, Math.ceil(size / MAX_PARTS))
    const parts: { part: number; etag: string }[] = []
    const file = await open(path)
    let next = 0
    let hasFailed = false
    const sendParts = async () => {
      const buffer = Buffer.allocUnsafe(partBytes)
      while (!hasFailed) {
        const index = next++
        const start = index * partBytes
        if (start >= size) return
        const length = Math.min(partBytes, size - start)
        const { bytesRead } = await file.read(buffer, 0, length, start)
        if (bytesRead !== length) throw new Error(`${path} is shorter than ${size} bytes`)
        const etag = await this.putPart(key, uploadId, index + 1, buffer.subarray(0, length))
        parts[index] = { part: index + 1, etag }
      }
    }
    try {
      const senders = Array.from({ length: PARTS_AT_ONCE }, () =>
        sendParts().catch((error: unknown) => {
          hasFailed = true
          throw error
        }),
      )
      const failed = (await Promise.allSettled(senders)).find((one) => one.status === 'rejected')
      if (failed) throw failed.reason
    } finally {
      await file.close()
    }
    return parts
  }

  private async putPart(key: string, uploadId: string, part: number, content: Buffer): Promise<string> {
    const answer = await this.ask((client) =>
      client.makeRequestAsyncOmit(
        {
          method: 'PUT',
          bucketName: this.settings.bucket,
          objectName: key,
          query: `partNumber=${part}&uploadId=${encodeURIComponent(uploadId)}`,
        },
        content,
      ),
    )
    return (answer.headers.etag ?? '').replaceAll('"', '')
  }

  /** All requests here may be made twice: an object's name says what is in it. */
  private async ask<T>(request: (client: Client) => Promise<T>): Promise<T> {
    const client = await this.client()
    for (let tried = 1; ; tried++) {
      try {
        return await request(client)
      } catch (error) {
        if (tried === TRIES || !isPassing(error)) throw error
      }
      await pause(PAUSE_MS * tried * tried)
    }
  }

  /** Loaded when first needed: an installation on a disk does without. */
  private client(): Promise<Client> {
    this.made ??= import('minio').then(({ Client }) => {
      const { endpoint, region, pathStyle, accessKey, secretKey, sessionToken } = this.settings
      return new Client({
        endPoint: endpoint?.host ?? 's3.amazonaws.com',
        port: endpoint?.port ?? 443,
        useSSL: endpoint?.isSecure ?? true,
        // Said, so that nobody has to be asked.
        region: region ?? 'us-east-1',
        pathStyle,
        accessKey,
        secretKey,
        ...(sessionToken && { sessionToken }),
        // Its own retrying writes to the console and forgets what the answer said.
        retryOptions: { disableRetry: true },
        transportAgent: this.agent,
        transport: this.patientTransport(),
      })
    })
    return this.made
  }

  /** Node waits for a silent server for ever. */
  private patientTransport(): Pick<typeof https, 'request'> {
    const { request } = (this.settings.endpoint?.isSecure ?? true) ? https : http
    const ask = (options: https.RequestOptions, onAnswer: (answer: http.IncomingMessage) => void) => {
      const asked = request(options, (answer) => {
        asked.setTimeout(IDLE_READING_MS)
        onAnswer(answer)
      })
      asked.setTimeout(this.idleMs)
      asked.on('timeout', () => asked.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })))
      return asked
    }
    // reason: of the overloads of `request` minio calls this one (its internal/request.ts).
    return { request: ask as typeof https.request }
  }
}

/** `count` bytes of an answer after the first `skip`. What breaks on the way is told in a sentence. */
async function* cut(answer: Readable, skip: number, count: number): AsyncGenerator<Uint8Array> {
  let toSkip = skip
  let left = count
  try {
    for await (const chunk of answer) {
      // reason: an answer without an encoding comes in Buffers.
      const bytes = chunk as Buffer
      const wanted = bytes.subarray(toSkip, toSkip + left)
      toSkip = Math.max(0, toSkip - bytes.length)
      left -= wanted.length
      if (wanted.length > 0) yield wanted
      if (left <= 0) return
    }
  } catch (error) {
    throw asStoreFailure(error)
  }
}
