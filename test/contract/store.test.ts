import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { diskStore, sweepFolder } from '#lib/storage/disk-store'
import { s3Store } from '#lib/storage/s3-store'
import type { Store } from '#lib/storage/store'
import { type ObjectStore, startObjectStore } from '#test/build/object-store'

const sha = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex')
const collect = async (stream: Readable) => Buffer.concat(await stream.toArray()).toString()

/** What every store keeps, whatever it stands on. */
function storeContract(name: string, make: (folder: string) => Promise<Store>, end = async () => {}): void {
  describe(`store on ${name}`, () => {
    let folder: string
    let store: Store
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'leakroom-store-'))
      store = await make(folder)
    })
    afterAll(async () => {
      await store.close()
      await end()
      await rm(folder, { recursive: true, force: true })
    })

    it('names what it stores by its hash and gives it back', async () => {
      const blob = await store.put(Readable.from([Buffer.from('hello '), Buffer.from('heap')]))
      expect(blob).toEqual({ sha256: sha('hello heap'), size: 10 })
      expect(await store.has(blob.sha256)).toBe(true)
      expect(await store.size(blob.sha256)).toBe(10)
      expect(await collect(await store.open(blob.sha256))).toBe('hello heap')
      expect(Buffer.from(await store.read(blob.sha256)).toString()).toBe('hello heap')
    })

    it('keeps the same content once, also when it comes several times at once', async () => {
      const blobs = await Promise.all(
        Array.from({ length: 8 }, () => store.put(Readable.from([Buffer.from('same')]))),
      )
      expect(new Set(blobs.map((blob) => blob.sha256))).toEqual(new Set([sha('same')]))
      expect(await collect(await store.open(sha('same')))).toBe('same')
    })

    it('reads a range, end exclusive, and nothing for an empty one', async () => {
      const { sha256 } = await store.put(Readable.from([Buffer.from('0123456789')]))
      expect(await collect(await store.open(sha256, { start: 2, end: 5 }))).toBe('234')
      expect(await collect(await store.open(sha256, { start: 9, end: 10 }))).toBe('9')
      expect(await collect(await store.open(sha256, { start: 0, end: 1 }))).toBe('0')
      expect(await collect(await store.open(sha256, { start: 8, end: 100 }))).toBe('89')
      expect(await collect(await store.open(sha256, { start: 100, end: 200 }))).toBe('')
      expect(await collect(await store.open(sha256, { start: 4, end: 4 }))).toBe('')
    })

    it('stores nothing at all as a file of no bytes', async () => {
      const blob = await store.put(Readable.from([]))
      expect(blob).toEqual({ sha256: sha(''), size: 0 })
      expect(await collect(await store.open(blob.sha256))).toBe('')
    })

    it('takes a local file over, also when it has the content already', async () => {
      for (let time = 0; time < 2; time++) {
        const path = join(folder, `upload-${time}`)
        await writeFile(path, 'adopted')
        expect(await store.adopt(path, sha('adopted'))).toEqual({ sha256: sha('adopted'), size: 7 })
        await expect(stat(path)).rejects.toThrow('ENOENT')
      }
      const local = await store.local(sha('adopted'))
      expect((await stat(local.path)).size).toBe(7)
      await local.release()
      expect(await store.has(sha('adopted'))).toBe(true)
    })

    it('keeps nothing of a stream that breaks', async () => {
      const broken = Readable.from(
        (async function* () {
          yield Buffer.from('first half')
          throw new Error('connection reset')
        })(),
      )
      await expect(store.put(broken)).rejects.toThrow('connection reset')
      expect(await store.has(sha('first half'))).toBe(false)
    })

    it('says that a file is gone in a sentence, and removes twice without complaint', async () => {
      const { sha256 } = await store.put(Readable.from([Buffer.from('short-lived')]))
      await store.remove(sha256)
      await store.remove(sha256)
      expect(await store.has(sha256)).toBe(false)
      for (const read of [store.open(sha256), store.read(sha256), store.local(sha256)])
        await expect(read).rejects.toMatchObject({ code: 'request/not-found' })
    })

    it('refuses a name that is no hash: it would become a path', async () => {
      await expect(store.has('../../etc/passwd')).rejects.toThrow('not a SHA-256')
      await expect(store.open('A'.repeat(64))).rejects.toThrow('not a SHA-256')
    })

    it('has a local file for everybody who asks, until each has let go', async () => {
      const content = 'for several threads'
      const { sha256 } = await store.put(Readable.from([Buffer.from(content)]))
      const files = await Promise.all(Array.from({ length: 5 }, () => store.local(sha256)))
      for (const file of files) {
        expect(await readFile(file.path, 'utf8')).toBe(content)
        await file.release()
        await file.release()
      }
      const again = await store.local(sha256)
      expect(await readFile(again.path, 'utf8')).toBe(content)
      await again.release()
    })

    it('keeps what is larger than one piece of any transport, byte for byte', async () => {
      const content = randomBytes(20_000_000)
      const { sha256, size } = await store.put(Readable.from([content]))
      expect([sha256, size]).toEqual([sha(content), content.length])
      expect(sha(await store.read(sha256))).toBe(sha256)
      const part = await (await store.open(sha256, { start: 8_388_600, end: 8_388_620 })).toArray()
      expect(Buffer.concat(part)).toEqual(content.subarray(8_388_600, 8_388_620))
      const local = await store.local(sha256)
      expect(sha(await readFile(local.path))).toBe(sha256)
      await local.release()
    })

    it('knows how much room is left, and that it answers', async () => {
      expect(await store.freeBytes()).toBeGreaterThan(0)
      await store.check()
      expect(store.name).toMatch(/^an? /)
    })
  })
}

storeContract('a local disk', async (folder) => diskStore(join(folder, 'files')))

let server: ObjectStore
storeContract(
  'S3',
  async (folder) => {
    server = await startObjectStore()
    const { settings } = server
    return s3Store({ settings, work: join(folder, 'work'), cache: join(folder, 'cache'), cacheBytes: 1e9 })
  },
  () => server.close(),
)

describe('sweeping a folder', () => {
  it('removes what nobody has touched for a day and keeps the rest', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'leakroom-sweep-'))
    await writeFile(join(folder, 'old'), '')
    await writeFile(join(folder, 'new'), '')
    const now = Date.now()
    await utimes(join(folder, 'old'), new Date(now - 90_000_000), new Date(now - 90_000_000))
    expect(await sweepFolder(folder, 86_400_000, now)).toBe(1)
    expect(await readdir(folder)).toEqual(['new'])
    expect(await sweepFolder(join(folder, 'missing'), 0, now)).toBe(0)
    await rm(folder, { recursive: true })
  })
})
