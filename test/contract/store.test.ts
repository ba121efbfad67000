import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { diskStore, sweepFolder } from '#lib/storage/disk-store'
import type { Store } from '#lib/storage/store'

const sha = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex')
const collect = async (stream: Readable) => Buffer.concat(await stream.toArray()).toString()

/** What every store keeps, whatever it stands on. */
function storeContract(name: string, make: (folder: string) => Store): void {
  describe(`store on ${name}`, () => {
    let folder: string
    let store: Store
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'leakroom-store-'))
      store = make(join(folder, 'files'))
    })
    afterAll(() => rm(folder, { recursive: true, force: true }))

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

    it('knows how much room is left', async () => {
      expect(await store.freeBytes()).toBeGreaterThan(0)
    })
  })
}

storeContract('a local disk', diskStore)

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
