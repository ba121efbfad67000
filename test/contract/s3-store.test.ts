import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { S3Settings } from '#lib/storage/s3-bucket'
import { s3Store } from '#lib/storage/s3-store'
import type { Store } from '#lib/storage/store'
import { type ObjectStore, startObjectStore } from '#test/build/object-store'

const sha = (content: Uint8Array) => createHash('sha256').update(content).digest('hex')
const streamOf = (content: Uint8Array) => Readable.from([content])
const LARGE = 20_000_000
/** The files of a folder, which may never have been needed. */
const left = (folder: string) => readdir(folder).catch(() => [])

/** What only a store behind a network has to keep; the rest is in store.test.ts. */
describe('a store in a bucket', () => {
  let server: ObjectStore
  let folder: string
  let nodes = 0
  const stores: Store[] = []

  beforeAll(async () => {
    server = await startObjectStore()
    folder = await mkdtemp(join(tmpdir(), 'leakroom-store-'))
  })
  afterEach(() => {
    server.intercept = undefined
    server.requests.length = 0
  })
  afterAll(async () => {
    for (const store of stores) await store.close()
    await server.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** A node with folders of its own, on the one bucket. */
  function node(over: Partial<S3Settings> = {}, more: { cacheBytes?: number; idleMs?: number } = {}) {
    const home = join(folder, `node-${nodes++}`)
    const [work, cache] = [join(home, 'work'), join(home, 'cache')]
    const settings = { ...server.settings, ...over }
    const store = s3Store({ settings, work, cache, cacheBytes: 1e9, ...more })
    stores.push(store)
    return { store, work, cache }
  }
  const asked = (what: RegExp) => server.requests.filter((request) => what.test(request)).length

  it('is one for two nodes: what one stores the other reads, and what one removes is gone for both', async () => {
    const [here, there] = [node(), node()]
    const content = randomBytes(100_000)
    const { sha256 } = await here.store.put(streamOf(content))
    const copy = await there.store.local(sha256)
    expect(sha(await readFile(copy.path))).toBe(sha256)
    await copy.release()
    await here.store.remove(sha256)
    expect(await there.store.has(sha256)).toBe(false)
    await expect(there.store.local(sha256)).rejects.toMatchObject({ code: 'request/not-found' })
    expect(await left(there.cache)).toEqual([])
  })

  it('takes the same large content from two nodes at the same time', async () => {
    const content = randomBytes(LARGE)
    const blobs = await Promise.all([node(), node()].map(({ store }) => store.put(streamOf(content))))
    expect(blobs).toEqual(Array(2).fill({ sha256: sha(content), size: LARGE }))
    expect(sha(await node().store.read(sha(content)))).toBe(sha(content))
  })

  it('sends large files in parts, small ones at once, and known ones not at all', async () => {
    const { store, work } = node()
    const content = randomBytes(LARGE)
    await store.put(streamOf(content))
    expect([asked(/^POST .*\?uploads/), asked(/^PUT .*partNumber=\d/)]).toEqual([1, 3])
    await store.put(streamOf(content))
    expect(asked(/^PUT/)).toBe(3)
    await store.put(streamOf(randomBytes(1000)))
    expect([asked(/^POST .*\?uploads/), asked(/^PUT/)]).toEqual([1, 4])
    expect(await left(work)).toEqual([])
  })

  it('keeps its objects below the prefix, and hides them from another one', async () => {
    const here = node({ prefix: 'team/one/' })
    const { sha256 } = await here.store.put(streamOf(randomBytes(10)))
    expect(asked(new RegExp(`^PUT /captures/team/one/${sha256.slice(0, 2)}/${sha256.slice(2)}`))).toBe(1)
    expect(await here.store.has(sha256)).toBe(true)
    expect(await node({ prefix: 'team/two/' }).store.has(sha256)).toBe(false)
  })

  it('says what is wrong with the key, the secret or the bucket, and what to do', async () => {
    const content = () => streamOf(randomBytes(10))
    const cases = [
      [{ accessKey: 'NOBODY' }, 'store/refused', 'does not know the access key'],
      [{ secretKey: 'wrong' }, 'store/refused', 'the secret does not fit'],
      [{ bucket: 'elsewhere' }, 'store/no-bucket', 'STORE_URL'],
      [{ endpoint: { host: '127.0.0.1', port: 1, isSecure: false } }, 'store/unreachable', 'nothing listens'],
    ] as const
    for (const [over, code, words] of cases) {
      const { store, work } = node(over)
      const refusal = { code, status: 503, message: expect.stringContaining(words) }
      const name = sha(randomBytes(3))
      for (const ask of [
        () => store.check(),
        () => store.put(content()),
        () => store.has(name),
        () => store.open(name),
        () => store.local(name),
        () => store.remove(name),
      ])
        await expect(ask()).rejects.toMatchObject(refusal)
      expect(await left(work)).toEqual([])
    }
  })

  it('stores nothing half when the server goes away in the middle, and all of it when it is back', async () => {
    const { store, work } = node()
    const content = randomBytes(LARGE)
    const path = join(folder, 'upload')
    await writeFile(path, content)
    let parts = 0
    server.intercept = (request) => {
      if (!/partNumber/.test(request.url ?? '') || ++parts < 2) return false
      void server.stop()
      return true
    }
    await expect(store.adopt(path, sha(content))).rejects.toMatchObject({ code: 'store/unreachable' })
    // The upload is still there to be finished.
    expect((await stat(path)).size).toBe(LARGE)
    server.intercept = undefined
    await server.start()
    expect(await store.has(sha(content))).toBe(false)
    expect(await store.adopt(path, sha(content))).toEqual({ sha256: sha(content), size: LARGE })
    expect(sha(await store.read(sha(content)))).toBe(sha(content))
    expect(await left(work)).toEqual([])
  })

  it('gives back the parts of an upload that was refused', async () => {
    const { store } = node()
    server.intercept = (request, response) => {
      if (!/partNumber=2/.test(request.url ?? '')) return false
      request
        .resume()
        .on('end', () => response.writeHead(400).end('<Error><Code>QuotaExceeded</Code></Error>'))
      return true
    }
    await expect(store.put(streamOf(randomBytes(LARGE)))).rejects.toMatchObject({ code: 'upload/disk-full' })
    expect(asked(/^DELETE .*uploadId=/)).toBe(1)
  })

  it('believes what stands there when the last answer of an upload is lost', async () => {
    const { store } = node()
    const content = randomBytes(LARGE)
    server.intercept = (request, response) => {
      if (request.method === 'POST' && /uploadId=/.test(request.url ?? ''))
        response.writeHead = () => response.destroy()
      return false
    }
    expect(await store.put(streamOf(content))).toEqual({ sha256: sha(content), size: LARGE })
    expect(sha(await store.read(sha(content)))).toBe(sha(content))
  })

  it('asks again when the server is busy for a moment, and says so when it stays busy', async () => {
    const { store } = node()
    const { sha256 } = await store.put(streamOf(Buffer.from('patience')))
    let refused = 0
    server.intercept = (_request, response) => {
      if (refused++ >= 2) return false
      response.writeHead(503).end()
      return true
    }
    expect(Buffer.from(await store.read(sha256)).toString()).toBe('patience')
    refused = Number.NEGATIVE_INFINITY
    await expect(store.read(sha256)).rejects.toMatchObject({
      code: 'store/unreachable',
      message: expect.stringContaining('HTTP 503'),
    })
  })

  it('gives a silent server up', async () => {
    const { store } = node({}, { idleMs: 50 })
    server.intercept = () => true
    await expect(store.check()).rejects.toMatchObject({
      code: 'store/unreachable',
      message: expect.stringContaining('no answer in time'),
    })
  })

  it('has no copy of a file of which only a half came, and gets the whole one the next time', async () => {
    const { store, cache } = node()
    const { sha256 } = await store.put(streamOf(Buffer.from('0123456789')))
    server.intercept = (request, response) => {
      if (request.method !== 'GET') return false
      response.writeHead(200, { 'Content-Length': '10' }).write('01234')
      setImmediate(() => response.destroy())
      return true
    }
    await expect(store.local(sha256)).rejects.toMatchObject({ code: 'store/unreachable' })
    await expect(store.read(sha256)).rejects.toMatchObject({ code: 'store/unreachable' })
    expect(await left(cache)).toEqual([])
    server.intercept = undefined
    const file = await store.local(sha256)
    expect(await readFile(file.path, 'utf8')).toBe('0123456789')
    await file.release()
  })

  it('reads the asked range also from a server that answers with everything', async () => {
    const { store } = node()
    const { sha256 } = await store.put(streamOf(Buffer.from('0123456789')))
    server.intercept = (request, response) => {
      if (request.method !== 'GET') return false
      response.writeHead(200).end('0123456789')
      return true
    }
    const part = await store.open(sha256, { start: 3, end: 6 })
    expect(Buffer.concat(await part.toArray()).toString()).toBe('345')
  })

  it('fetches a copy once for all who ask, and keeps the most recent ones within the bound', async () => {
    const { store, cache } = node({}, { cacheBytes: 250 })
    const names: string[] = []
    for (let at = 0; at < 4; at++) names.push((await store.put(streamOf(randomBytes(100)))).sha256)
    const [first = '', ...others] = names
    const held = await Promise.all(Array.from({ length: 6 }, () => store.local(first)))
    expect(asked(/^GET .*[0-9a-f]{62}/)).toBe(1)
    for (const name of others) await (await store.local(name)).release()
    // The first is held, so it stays however old it is.
    expect((await stat(held[0]?.path ?? '')).size).toBe(100)
    expect(await left(cache)).toHaveLength(2)
    for (const file of held) await file.release()
    await (await store.local(first)).release()
    expect(asked(/^GET .*[0-9a-f]{62}/)).toBe(4)
    await store.close()
    expect(await left(cache)).toEqual([])
  })
})
