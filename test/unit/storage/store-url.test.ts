import { describe, expect, it } from 'vitest'
import { readEnvironment } from '#lib/env'
import { storeUrl } from '#lib/storage/store-url'

describe('STORE_URL', () => {
  it('names a bucket at Amazon, and nothing else is needed', () => {
    expect(storeUrl('s3://leak-captures')).toEqual({
      bucket: 'leak-captures',
      prefix: '',
      endpoint: undefined,
      region: undefined,
      pathStyle: false,
    })
  })

  it('names a prefix, a region, and a server of one’s own, which is asked in path style', () => {
    const place = storeUrl('s3://captures/team/one/?endpoint=http://minio:9000&region=eu-central-1')
    expect(place).toEqual({
      bucket: 'captures',
      prefix: 'team/one/',
      endpoint: { host: 'minio', port: 9000, isSecure: false },
      region: 'eu-central-1',
      pathStyle: true,
    })
    expect(storeUrl('s3://captures?endpoint=https://s3.example.org&pathStyle=0')).toMatchObject({
      endpoint: { host: 's3.example.org', port: 443, isSecure: true },
      pathStyle: false,
    })
    expect(storeUrl('s3://captures?endpoint=http://[::1]:9000').endpoint?.host).toBe('::1')
  })

  it.each([
    ['/var/captures', 'is not of the form s3://bucket'],
    ['https://bucket.s3.amazonaws.com', 'is not of the form s3://bucket'],
    ['s3://key:secret@captures', 'must not hold credentials'],
    ['s3://Captures', 'needs a bucket'],
    ['s3:///prefix', 'needs a bucket'],
    ['s3://captures/with spaces', 'a prefix of other characters'],
    ['s3://captures?endpoint=minio:9000', 'http:// or https://'],
    ['s3://captures?endpoint=https://host/path', 'more than a host and a port'],
    ['s3://captures?endpoints=https://host', 'knows only endpoint, region and pathStyle'],
    ['s3://captures?pathStyle=yes', 'pathStyle other than 0 or 1'],
    ['s3://captures?region=eu central', 'a region that is none'],
  ])('says what is wrong with %s', (text, words) => {
    expect(() => storeUrl(text)).toThrow(words)
  })

  it('stops the start with a sentence that names the setting, and asks for the credentials that are missing', () => {
    expect(() => readEnvironment({ STORE_URL: 's3://Captures' })).toThrow('STORE_URL: needs a bucket')
    expect(() => readEnvironment({ STORE_URL: 's3://captures', AWS_ACCESS_KEY_ID: 'key' })).toThrow(
      'AWS_SECRET_ACCESS_KEY: is needed to use the bucket of STORE_URL',
    )
    // Many machines have these for other purposes.
    expect(readEnvironment({ AWS_ACCESS_KEY_ID: 'key', STORE_URL: '' }).STORE_URL).toBeUndefined()
  })
})
