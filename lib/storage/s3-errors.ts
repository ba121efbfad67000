import { UserError } from '#lib/errors/user-error'

/** Why a key is not let in, by the codes of the protocol. */
const REFUSALS = new Map([
  ['InvalidAccessKeyId', 'it does not know the access key'],
  ['SignatureDoesNotMatch', 'the secret does not fit the access key'],
  ['AccessDenied', 'the access key may not do this'],
  ['AllAccessDisabled', 'the account is closed'],
  ['AccountProblem', 'the account has a problem'],
  ['ExpiredToken', 'the credentials have expired'],
  ['InvalidToken', 'the session token is none of its own'],
  ['RequestTimeTooSkewed', 'the clock of this server and its own differ too much'],
])
const ELSEWHERE = new Set([
  'PermanentRedirect',
  'MovedPermanently',
  'TemporaryRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
])
const FULL = new Set(['XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded', 'QuotaExceeded', 'StorageFull'])
const BUSY = new Set([
  'SlowDown',
  'InternalError',
  'ServiceUnavailable',
  'RequestTimeout',
  'OperationAborted',
])
/** What the network does, in words; other codes of Node's are told as they are. */
const NETWORK = new Map([
  ['ECONNREFUSED', 'nothing listens there'],
  ['ECONNRESET', 'the connection broke'],
  ['EPIPE', 'the connection broke'],
  ['ENOTFOUND', 'there is no such host'],
  ['EAI_AGAIN', 'its name cannot be looked up now'],
  ['ETIMEDOUT', 'no answer in time'],
])

/** The protocol's code for a failure, or Node's. A HEAD has no body: its 404 is "NotFound", its 403 "AccessDenied". */
export function s3Code(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if ('code' in error && typeof error.code === 'string' && error.code !== '') return error.code
  // minio 8 throws the body of such an answer away and says this.
  const [, status] = /Retryable HTTP status: (\d{3})/.exec(error.message) ?? []
  if (status) return `HTTP ${status}`
  return error.name === 'S3Error' ? 'no reason given' : undefined
}

/** Whether the same request may well succeed a moment later. Where nothing listens it takes longer than we wait. */
export function isPassing(error: unknown): boolean {
  const code = s3Code(error) ?? ''
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND') return false
  return BUSY.has(code) || NETWORK.has(code) || code.startsWith('HTTP ')
}

/** A failure of the object store as the sentence for it, with what it was as its cause; a bug as it is. */
export function asStoreFailure(error: unknown): unknown {
  const code = s3Code(error)
  if (code === undefined || error instanceof UserError) return error
  const failure = failureOf(code)
  failure.cause = error
  return failure
}

function failureOf(code: string): UserError {
  if (code === 'NoSuchBucket') return new UserError('store/no-bucket')
  if (code === 'NoSuchKey' || code === 'NotFound') return new UserError('request/not-found', { what: 'file' })
  if (FULL.has(code)) return new UserError('upload/disk-full')
  if (ELSEWHERE.has(code)) return new UserError('store/other-region')
  const refusal = REFUSALS.get(code)
  if (refusal) return new UserError('store/refused', { why: refusal })
  if (BUSY.has(code)) return new UserError('store/unreachable', { why: 'it is overloaded' })
  // From the network or a stranger's server: cut, and only if it is a word.
  const why = NETWORK.get(code) ?? (/^[\w ]+$/.test(code) ? code.slice(0, 60) : 'an unknown code')
  const isNetwork = NETWORK.has(code) || code.startsWith('HTTP ') || /^E[A-Z_]+$|CERT|_TLS_/.test(code)
  return new UserError(isNetwork ? 'store/unreachable' : 'store/answer', { why })
}
