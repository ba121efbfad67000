import { lookup as systemLookup } from 'node:dns'
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { createGunzip } from 'node:zlib'
import { UserError } from '#lib/errors/user-error'
import { type Bytes, mebibytes } from '#lib/units/quantity'
import { type AddressPolicy, refusedAddress } from './addresses.ts'
import { whyUnreachable } from './network-errors.ts'

/** The most that one answer may come to, unpacked. */
export const LARGEST_ANSWER = mebibytes(32)
/** From the first byte that is sent to the last that is read, redirects included. */
export const TIMEOUT_SECONDS = 10
const MOST_REDIRECTS = 3
/** An error page is read this far, for its reason. */
const LARGEST_REFUSAL = 64 * 1024

/** A request to an address that a person gave. */
export interface GuardedRequest {
  readonly url: URL
  /** A form; sent by POST. Absent: GET. */
  readonly form?: URLSearchParams
  /** The value of the `Authorization` header. */
  readonly authorization?: string | undefined
  readonly policy: AddressPolicy
  /** Ends the request when nobody waits for it any more. */
  readonly signal: AbortSignal
  readonly limit?: Bytes
  readonly timeoutMs?: number
  /** For tests: how names become addresses. */
  readonly resolve?: typeof systemLookup
}

export interface GuardedAnswer {
  readonly status: number
  readonly contentType: string
  /** Unpacked; of a refusal only its beginning. */
  readonly body: Uint8Array<ArrayBuffer>
}

/**
 * Fetches from an address that a person gave, without letting it lead elsewhere: every address that its name resolves to
 * is judged, and the one that was judged is connected to, so that a name that changes its mind in between changes nothing.
 * Redirects are followed inside the same origin only. Time and size are bounded, the latter after unpacking too.
 *
 * @throws UserError source/address · source/unreachable · source/certificate · source/timeout · source/redirected ·
 *   source/too-large
 */
export async function guardedFetch(asked: GuardedRequest): Promise<GuardedAnswer> {
  const { url, signal, timeoutMs = TIMEOUT_SECONDS * 1000 } = asked
  const deadline = AbortSignal.timeout(timeoutMs)
  const ends = AbortSignal.any([signal, deadline])
  try {
    return await follow(asked, url, ends, MOST_REDIRECTS)
  } catch (error) {
    if (signal.aborted) throw new UserError('request/given-up')
    if (deadline.aborted) {
      throw new UserError('source/timeout', { host: url.host, seconds: Math.ceil(timeoutMs / 1000) })
    }
    throw error instanceof UserError ? error : whyUnreachable(error, url.host)
  }
}

async function follow(
  asked: GuardedRequest,
  url: URL,
  ends: AbortSignal,
  redirectsLeft: number,
): Promise<GuardedAnswer> {
  const response = await connect(asked, url, ends)
  const status = response.statusCode ?? 0
  const { location } = response.headers
  if (status >= 300 && status < 400 && location !== undefined) {
    response.destroy()
    const next = URL.canParse(location, url) ? new URL(location, url) : undefined
    if (next?.origin !== url.origin || redirectsLeft === 0) {
      throw new UserError('source/redirected', {
        host: url.host,
        to: next?.origin === url.origin ? 'itself, again and again' : originOf(next),
      })
    }
    return follow(asked, next, ends, redirectsLeft - 1)
  }
  const isRefusal = status < 200 || status >= 300
  const limit = isRefusal ? LARGEST_REFUSAL : (asked.limit ?? LARGEST_ANSWER)
  const body = await readUpTo(response, limit, ends)
  if (body === 'too-large') {
    if (!isRefusal)
      throw new UserError('source/too-large', { host: url.host, limit: asked.limit ?? LARGEST_ANSWER })
    return { status, contentType: '', body: new Uint8Array(0) }
  }
  return { status, contentType: response.headers['content-type'] ?? '', body }
}

const originOf = (url: URL | undefined): string =>
  url === undefined || url.origin === 'null' ? 'somewhere that is no web address' : url.origin.slice(0, 200)

function connect(asked: GuardedRequest, url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const { form, authorization, policy, resolve = systemLookup } = asked
  // Where the host is an address already, nothing is looked up.
  const literal = url.hostname.replace(/^\[|\]$/g, '')
  const refused = isIP(literal) ? refusedAddress(literal, policy) : undefined
  if (refused) throw new UserError('source/address', { host: url.host, kind: refused })
  const body = form?.toString()
  const options: RequestOptions = {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      accept: 'application/json',
      'accept-encoding': 'gzip',
      'user-agent': 'Leakroom',
      ...(authorization === undefined ? {} : { authorization }),
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) }),
    },
    // A connection of its own each time, so that each is judged.
    agent: false,
    lookup: judgedLookup(url.host, policy, resolve),
    signal,
    maxHeaderSize: 16 * 1024,
  }
  return new Promise((answered, failed) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const request = send(url, options, answered)
    request.on('error', failed)
    request.end(body)
  })
}

/** Resolves a name for a connection, unless one of its addresses is refused. */
function judgedLookup(host: string, policy: AddressPolicy, resolve: typeof systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '')
      for (const { address } of addresses) {
        const kind = refusedAddress(address, policy)
        if (kind) return callback(new UserError('source/address', { host, kind }), '')
      }
      if (options.all) return callback(null, addresses)
      const [first] = addresses
      callback(null, first?.address ?? '', first?.family)
    })
  }
}

/** The body, unpacked; both what comes and what it unpacks to end at the limit. */
async function readUpTo(
  response: IncomingMessage,
  limit: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | 'too-large'> {
  const isGzip = /^(x-)?gzip$/i.test(response.headers['content-encoding']?.trim() ?? '')
  const unpacked = isGzip ? createGunzip() : response
  if (isGzip) {
    let packed = 0
    response.on('data', (chunk: Buffer) => {
      packed += chunk.length
      if (packed > limit) response.destroy(new TooLarge())
    })
    response.on('error', (error) => unpacked.destroy(error))
    response.on('close', () => response.complete || unpacked.destroy(new Error('it hung up in the middle')))
    // reason: a gunzip stream in this branch; the union of both kinds is not writable.
    response.pipe(unpacked as ReturnType<typeof createGunzip>)
  }
  const end = () => unpacked.destroy(new Error('ended'))
  signal.addEventListener('abort', end, { once: true })
  const parts: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of unpacked) {
      // reason: neither stream has an encoding, so that they give buffers.
      const part = chunk as Buffer
      size += part.length
      if (size > limit) return 'too-large'
      parts.push(part)
    }
  } catch (error) {
    if (error instanceof TooLarge) return 'too-large'
    throw error
  } finally {
    signal.removeEventListener('abort', end)
    response.destroy()
  }
  const body = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    body.set(part, at)
    at += part.length
  }
  return body
}

/** More came over the wire than may be read. */
class TooLarge extends Error {}
