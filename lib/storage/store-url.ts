/** Where a bucket is, as STORE_URL says it. Without credentials: those have variables of their own. */
export interface S3Place {
  readonly bucket: string
  /** Before every key: empty, or ends with a slash. */
  readonly prefix: string
  /** Undefined: Amazon. */
  readonly endpoint: S3Endpoint | undefined
  /** Undefined: AWS_REGION, or us-east-1. */
  readonly region: string | undefined
  /** `host/bucket/key` instead of `bucket.host/key`. */
  readonly pathStyle: boolean
}

export interface S3Endpoint {
  readonly host: string
  readonly port: number
  readonly isSecure: boolean
}

const FORM = 's3://bucket/prefix?endpoint=https://host:9000&region=…&pathStyle=1'
/** As Amazon and others have it for new buckets. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
const PREFIX = /^[\w.-]+(\/[\w.-]+)*$/
const REGION = /^[\w-]{1,40}$/

/**
 * Reads `s3://bucket/prefix?endpoint=…&region=…&pathStyle=…`. Only the bucket is needed. Path style is what stores other
 * than Amazon understand, so it is the default as soon as there is an endpoint.
 * @throws Error that says what is wrong with it, for the operator
 */
export function storeUrl(text: string): S3Place {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 's3:') throw new Error(`is not of the form ${FORM}`)
  if (url.username || url.password)
    throw new Error('must not hold credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY')
  if (!BUCKET.test(url.host)) throw new Error('needs a bucket: 3 to 63 of a-z, 0-9, "." and "-"')
  const prefix = url.pathname.replace(/^\/+|\/+$/g, '')
  if (prefix && !PREFIX.test(prefix))
    throw new Error('has a prefix of other characters than a-z, 0-9, . _ - /')
  for (const name of url.searchParams.keys())
    if (name !== 'endpoint' && name !== 'region' && name !== 'pathStyle')
      throw new Error(`has "${name.slice(0, 40)}", and knows only endpoint, region and pathStyle`)
  const given = url.searchParams.get('endpoint')
  const endpoint = given === null ? undefined : endpointOf(given)
  const region = url.searchParams.get('region') ?? undefined
  if (region !== undefined && !REGION.test(region)) throw new Error('has a region that is none')
  const style = url.searchParams.get('pathStyle')
  if (style !== null && !/^[01]$/.test(style)) throw new Error('has a pathStyle other than 0 or 1')
  return {
    bucket: url.host,
    prefix: prefix && `${prefix}/`,
    endpoint,
    region,
    pathStyle: style === null ? endpoint !== undefined : style === '1',
  }
}

function endpointOf(text: string): S3Endpoint {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isSecure = url?.protocol === 'https:'
  if (!url || (!isSecure && url.protocol !== 'http:') || !url.hostname)
    throw new Error('needs an endpoint with http:// or https:// before it')
  if (url.pathname !== '/' || url.search || url.username)
    throw new Error('has an endpoint with more than a host and a port')
  // An IPv6 address stands in brackets in an address only.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return { host, port: url.port ? Number(url.port) : isSecure ? 443 : 80, isSecure }
}
