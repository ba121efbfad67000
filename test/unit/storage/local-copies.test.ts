import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UserError } from '#lib/errors/user-error'
import { diskStore } from '#lib/storage/disk-store'
import { LocalCopies } from '#lib/storage/local-copies'
import { localFiles } from '#lib/storage/local-files'

describe('local copies', () => {
  let folder: string
  let fetched: string[]
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'leakroom-copies-'))
    fetched = []
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const copies = (maxBytes: number) =>
    new LocalCopies({
      folder,
      maxBytes,
      async fetch(name, path) {
        fetched.push(name)
        await writeFile(path, name)
      },
    })

  it('are fetched again when somebody swept the folder', async () => {
    const kept = copies(100)
    const first = await kept.take('a', 1)
    await first.release()
    await rm(first.path)
    const second = await kept.take('a', 1)
    expect(await readFile(second.path, 'utf8')).toBe('a')
    expect(fetched).toEqual(['a', 'a'])
  })

  it('stay for those who hold them when their file is removed, and go with the last', async () => {
    const kept = copies(100)
    const [one, two] = await Promise.all([kept.take('a', 1), kept.take('a', 1)])
    await kept.forget('a')
    await one.release()
    expect(await readFile(two.path, 'utf8')).toBe('a')
    await two.release()
    expect(await readdir(folder)).toEqual([])
  })

  it('go in the order of use, and never while they are held', async () => {
    const kept = copies(2)
    const held = await kept.take('a', 1)
    for (const name of ['b', 'c', 'b', 'd']) await (await kept.take(name, 1)).release()
    expect(await readFile(held.path, 'utf8')).toBe('a')
    await held.release()
    await (await kept.take('d', 1)).release()
    expect(fetched).toEqual(['a', 'b', 'c', 'b', 'd'])
    expect(await readdir(folder)).toHaveLength(2)
  })

  it('are all let go when one of several cannot be had', async () => {
    const store = diskStore(folder)
    let held = 0
    const counting = {
      ...store,
      async local(name: string) {
        if (name === 'missing') throw new UserError('request/not-found', { what: 'file' })
        held++
        return { path: name, release: async () => void held-- }
      },
    }
    await expect(localFiles(counting, ['a', 'missing', 'b'])).rejects.toMatchObject({
      code: 'request/not-found',
    })
    expect(held).toBe(0)
    const files = await localFiles(counting, ['a', 'b'])
    expect([files.paths, held]).toEqual([['a', 'b'], 2])
    await files.release()
    expect(held).toBe(0)
  })
})
