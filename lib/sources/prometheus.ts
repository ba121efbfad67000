import { UserError } from '#lib/errors/user-error'
import { hostOf } from '#lib/investigation/sources'
import { type GuardedAnswer, type GuardedRequest, guardedFetch } from './guarded-fetch.ts'
import type { RangeWindow } from './windows.ts'

// The HTTP API of Prometheus and of those that speak it (Thanos, Mimir, VictoriaMetrics):
// https://prometheus.io/docs/prometheus/latest/querying/api/

/** Which Prometheus, and how it is asked. */
export interface PrometheusAccess
  extends Pick<GuardedRequest, 'authorization' | 'policy' | 'signal' | 'timeoutMs' | 'limit' | 'resolve'> {
  /** Up to where /api/v1 begins. */
  readonly url: string
}

/** A longer address is refused by some proxies; what is longer goes by POST. */
const LONGEST_ADDRESS = 1800

/**
 * The body of `/api/v1/query_range`, as it came: JSON of one matrix, most likely. The event loop does not parse it.
 * @throws UserError source/*
 */
export async function askRange(
  access: PrometheusAccess,
  query: string,
  { start, end }: RangeWindow,
  stepMs: number,
): Promise<Uint8Array<ArrayBuffer>> {
  return ask(access, 'query_range', {
    query,
    start: String(start / 1000),
    end: String(end / 1000),
    step: String(stepMs / 1000),
  })
}

/** The body of `/api/v1/query`: the values of one moment. @throws UserError source/* */
export async function askMoment(
  access: PrometheusAccess,
  query: string,
  at: number,
): Promise<Uint8Array<ArrayBuffer>> {
  return ask(access, 'query', { query, time: String(at / 1000) })
}

async function ask(
  { url: base, ...rest }: PrometheusAccess,
  what: string,
  parameters: Record<string, string>,
): Promise<Uint8Array<ArrayBuffer>> {
  const form = new URLSearchParams({ ...parameters, timeout: '9s' })
  const plain = `${base}/api/v1/${what}`
  const whole = `${plain}?${form}`
  const asked = whole.length <= LONGEST_ADDRESS ? { url: new URL(whole) } : { url: new URL(plain), form }
  const answer = await guardedFetch({ ...asked, ...rest })
  refuseOthers(answer, hostOf(base))
  return answer.body
}

/** Whatever is no answer of a Prometheus to a query that it can compute. */
function refuseOthers({ status, contentType, body }: GuardedAnswer, host: string): void {
  if (status === 401 || status === 403) throw new UserError('source/denied', { host, status })
  const isPage = /html/i.test(contentType) || body[0] === 0x3c // <
  if (status === 200) {
    if (isPage) throw new UserError('source/not-prometheus', { host, what: 'A web page' })
    return
  }
  const why = isPage ? undefined : reasonIn(body)
  if (why !== undefined) throw new UserError('source/query-refused', { host, why })
  if (status === 404 || status === 405 || status === 410) {
    throw new UserError('source/not-prometheus', { host, what: `“${status}, nothing here”` })
  }
  throw new UserError('source/status', { host, status })
}

/** Prometheus' own words for why it refuses: hostile text, like everything from outside. */
function reasonIn(body: Uint8Array): string | undefined {
  try {
    const answer: unknown = JSON.parse(new TextDecoder().decode(body))
    if (typeof answer !== 'object' || answer === null || !('error' in answer)) return undefined
    return typeof answer.error === 'string' ? plainWords(answer.error) : undefined
  } catch {
    return undefined
  }
}

/** One line without control characters and without marks that turn text around, at most 300 characters. */
export const plainWords = (text: string): string =>
  [
    ...text
      .slice(0, 2000)
      .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
      .trim(),
  ]
    .slice(0, 300)
    .join('') || 'it gave no reason'
