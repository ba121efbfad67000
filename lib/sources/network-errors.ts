import { UserError } from '#lib/errors/user-error'

/** Node's codes of a connection that failed, in words that follow "cannot be reached:". */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['ENOTFOUND', 'there is no host of this name'],
  ['EAI_AGAIN', 'its name cannot be looked up at the moment'],
  ['ECONNREFUSED', 'nothing listens at this port'],
  ['ECONNRESET', 'it hung up'],
  ['EPIPE', 'it hung up'],
  ['ETIMEDOUT', 'it does not answer'],
  ['EHOSTUNREACH', 'there is no way to it'],
  ['ENETUNREACH', 'there is no way to it'],
  ['EPROTO', 'it does not speak TLS; try http://'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'it does not speak TLS; try http://'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'it does not speak TLS; try http://'],
  ['HPE_HEADER_OVERFLOW', 'its headers are too long'],
  ['Z_DATA_ERROR', 'its answer is not gzip, though it says so'],
  ['Z_BUF_ERROR', 'its answer stops short'],
])

/** Node's codes of a certificate that is not trusted (`tls` documentation, "X509 certificate error codes"). */
const CERTIFICATE_WORDS: ReadonlyMap<string, string> = new Map([
  ['CERT_HAS_EXPIRED', 'it has expired'],
  ['CERT_NOT_YET_VALID', 'it is not valid yet'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'it is signed by itself'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'its authority is not known here'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'its authority is not known here'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'its authority is not known here'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'its authority is not known here'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'it is for another name'],
  ['CERT_REVOKED', 'it was revoked'],
])

/** A network's failure as a sentence. What the other side wrote is not repeated. */
export function whyUnreachable(error: unknown, host: string): UserError {
  const code = codeOf(error)
  const certificate = CERTIFICATE_WORDS.get(code)
  if (certificate) return new UserError('source/certificate', { host, why: certificate })
  const isParse = code.startsWith('HPE_') && !WORDS.has(code)
  const why = WORDS.get(code) ?? (isParse ? 'what answers does not speak HTTP' : 'the connection broke')
  return new UserError('source/unreachable', { host, why })
}

/** Of several addresses that were tried, the first one's. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
