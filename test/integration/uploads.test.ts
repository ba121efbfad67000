import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { db } from '#lib/db/client'
import { runCommand } from '#lib/db/commands'
import { byRank } from '#lib/db/ranks'
import { createApiToken } from '#lib/db/tokens'
import { attachKnownFile } from '#lib/http/captures'
import { UPLOAD_PATIENCE_MS } from '#lib/http/upload-desk'
import { warmDump } from '#lib/jobs/warm-dump'
import { attach, buildNode, captureIn, sendFile, type TestNode, until } from '#test/build/reading'
import { buildRoom } from '#test/build/room'

let made = 0
/** A dump that no other test sends. About 300 bytes an object. */
const freshDump = (objects = 500): Uint8Array<ArrayBuffer> => {
  made++
  const own = `{"address":"0x2${String(made).padStart(6, '0')}", "type":"STRING", "memsize":40}\n`
  return Buffer.concat([warmDump(objects), Buffer.from(own)])
}
const sha = (content: Uint8Array) => createHash('sha256').update(content).digest('hex')
const uploadsLeft = (node: TestNode) => readdirSync(join(node.dataDir, 'uploads'))

describe('uploads', () => {
  let node: TestNode
  beforeAll(async () => {
    node = await buildNode(inject('templateUrl'))
  })
  afterAll(() => node.close())

  const tus = (path: string, method: string, headers: Record<string, string> = {}, body?: Uint8Array) =>
    fetch(`${node.base}/uploads${path}`, {
      method,
      headers: { Authorization: `Bearer ${node.token}`, 'Tus-Resumable': '1.0.0', ...headers },
      ...(body && { body: new Uint8Array(body) }),
    })
  const meta = (facts: Record<string, string>) => ({
    'Upload-Metadata': Object.entries(facts)
      .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
      .join(','),
  })
  const chunk = (offset: number) => ({
    'Content-Type': 'application/offset+octet-stream',
    'Upload-Offset': String(offset),
  })

  it('puts captures that were dropped together in their order, whichever of them comes first', async () => {
    const ids = Array.from({ length: 3 }, () => crypto.randomUUID())
    const send = (at: number) =>
      sendFile(node, `drop-${at + 1}.json`, freshDump(), {
        metadata: {
          captureId: ids[at] ?? '',
          after: ids.slice(0, at).reverse().join(' '),
          before: ids.slice(at + 1).join(' '),
        },
      })
    await Promise.all([send(1), send(0)])
    const known = sha(warmDump(500))
    await attach(node, 'somebody-else.json', warmDump(500))
    await send(2)
    const ranks = await db().capture.findMany({ where: { investigationId: node.room.id } })
    const names = ranks.sort(byRank).map(({ fileName }) => fileName)
    expect(names).toEqual(['drop-1.json', 'drop-2.json', 'drop-3.json', 'somebody-else.json'])

    // The same for a file that need not be sent at all.
    await attachKnownFile(node.room.editor, { sha256: known, filename: 'first.json', before: ids.join(' ') })
    const after = await db().capture.findMany({ where: { investigationId: node.room.id } })
    expect(after.sort(byRank)[0]?.fileName).toBe('first.json')
  })

  it('takes a file in pieces, stores it by its hash, and reads it', async () => {
    const dump = freshDump(40_000)
    const id = await sendFile(node, 'app-1.json', dump, {
      metadata: {
        label: 'After warm-up',
        process: 'web.1',
        requestCount: '2500',
        takenAt: '2026-11-23T10:00:00Z',
      },
    })
    const row = await captureIn(id, 'ready')
    expect(row).toMatchObject({
      fileName: 'app-1.json',
      label: 'After warm-up',
      process: 'web.1',
      requestCount: 2500,
      takenAt: Date.parse('2026-11-23T10:00:00Z'),
      size: dump.length,
      sha256: sha(dump),
    })
    expect(sha(await node.reading.folders.store.read(sha(dump)))).toBe(sha(dump))
    expect(uploadsLeft(node)).toEqual([])
    expect(await db().upload.count()).toBe(0)
    const seen = node.progress.filter((progress) => progress.captureId === id)
    expect(seen.some((progress) => progress.stage === 'uploading' && progress.ratio === 1)).toBe(true)
  })

  it('goes on where a broken connection stopped', async () => {
    const dump = freshDump(60_000)
    let cuts = 0
    const id = await sendFile(node, 'broken.json', dump, {
      onProgress(sent) {
        // In the middle of the second and the third piece.
        if (cuts < 2 && sent > (cuts + 1.3) * 4 * 1024 * 1024) {
          cuts++
          node.server.closeAllConnections()
        }
      },
    })
    expect(cuts).toBe(2)
    expect((await captureIn(id, 'ready')).sha256).toBe(sha(dump))
  })

  it('goes on after a restart of the server', async () => {
    const dump = freshDump(30_000)
    const half = dump.length >> 1
    const created = await tus('', 'POST', {
      'Upload-Length': String(dump.length),
      ...meta({ filename: 'r.json' }),
    })
    const place = `/${created.headers.get('location')?.split('/').at(-1)}`
    await tus(place, 'PATCH', chunk(0), dump.subarray(0, half))
    await node.restart()
    const head = await tus(place, 'HEAD')
    expect(head.headers.get('upload-offset')).toBe(String(half))
    expect((await tus(place, 'PATCH', chunk(half), dump.subarray(half))).status).toBe(204)
    expect((await captureIn(created.headers.get('leakroom-capture') ?? '', 'ready')).sha256).toBe(sha(dump))
  })

  it('finishes an upload that was whole when the server went down', async () => {
    const dump = freshDump()
    const created = await tus('', 'POST', {
      'Upload-Length': String(dump.length),
      ...meta({ filename: 'w.json' }),
    })
    const uploadId = created.headers.get('location')?.split('/').at(-1) ?? ''
    // As a crash between the last byte and the answer leaves it.
    writeFileSync(join(node.dataDir, 'uploads', uploadId), dump)
    await node.restart()
    const row = await captureIn(created.headers.get('leakroom-capture') ?? '', 'ready')
    expect(row.sha256).toBe(sha(dump))
    const stages = node.progress.filter((progress) => progress.captureId === row.id)
    expect(stages[0]?.stage).toBe('hashing')
  })

  it('recognises the same file at once, and reads it only once', async () => {
    const dump = freshDump()
    const first = await captureIn(await sendFile(node, 'same.json', dump), 'ready')
    const before = node.progress.length
    const second = await captureIn(await sendFile(node, 'same again.json', dump), 'ready')
    expect(second.totals).toEqual(first.totals)
    expect(node.progress.slice(before).map((progress) => progress.stage)).not.toContain('reading')
  })

  it('knows by its hash a file of the team, and tells nobody else', async () => {
    const dump = freshDump()
    await captureIn(await sendFile(node, 'known.json', dump), 'ready')
    expect((await tus(`/known?sha256=${sha(dump)}`, 'HEAD')).status).toBe(204)
    expect((await tus(`/known?sha256=${'0'.repeat(64)}`, 'HEAD')).status).toBe(404)
    expect((await tus('/known?sha256=../../x', 'HEAD')).status).toBe(404)

    const stranger = await buildRoom('Another team')
    const { token } = await createApiToken(stranger.owner, 'theirs')
    const theirs = await fetch(
      `${node.base.replace(node.room.id, stranger.id)}/uploads/known?sha256=${sha(dump)}`,
      { method: 'HEAD', headers: { Authorization: `Bearer ${token}` } },
    )
    expect(theirs.status).toBe(404)
  })

  it('reads .gz and .zst as they are', async () => {
    const dump = freshDump(20_000)
    const plain = join(node.dataDir, 'plain.json')
    writeFileSync(plain, dump)
    const zst = `${plain}.zst`
    const hasZstd = (() => {
      try {
        execFileSync('zstd', ['-q', '-f', plain, '-o', zst])
        return true
      } catch {
        return false
      }
    })()
    const packed = [gzipSync(dump), hasZstd ? readFileSync(zst) : zstdStored(dump)]
    for (const [index, content] of packed.entries()) {
      const id = await sendFile(node, `packed-${index}`, content)
      const row = await captureIn(id, 'ready', 'failed')
      expect(row.problem).toBeNull()
      expect(row.totals?.objects).toBe(20_001)
      expect(row.size).toBe(content.length)
    }
  })

  it('takes two files at once', async () => {
    const dumps = [freshDump(30_000), freshDump(30_000)]
    const ids = await Promise.all(dumps.map((dump, index) => sendFile(node, `both-${index}.json`, dump)))
    const rows = await Promise.all(ids.map((id) => captureIn(id, 'ready')))
    expect(rows.map((row) => row.sha256)).toEqual(dumps.map(sha))
    expect(new Set(rows.map((row) => row.rank)).size).toBe(2)
  })

  it('shows a hostile name as text and never uses it as a path', async () => {
    const names: [string, string][] = [
      ['../../../../etc/cron.d/evil\u0000.json', 'evil.json'],
      ['C:\\Users\\me\\dump.json', 'dump.json'],
      ['\u202egnp.exe\u0007<img src=x onerror=alert(1)>', 'gnp.exe<img src=x onerror=alert(1)>'],
      ['..', 'unnamed file'],
      ['x'.repeat(5000), 'x'.repeat(200)],
    ]
    for (const [name, shown] of names) {
      const row = await captureIn(await sendFile(node, name, freshDump(10)), 'ready', 'failed')
      expect(row.fileName).toBe(shown)
    }
    expect(readdirSync(node.dataDir).sort()).toEqual([
      'files',
      'plain.json',
      'plain.json.zst',
      'uploads',
      'work',
    ])
  })

  it('throws an upload away when its sender ends it', async () => {
    const created = await tus('', 'POST', { 'Upload-Length': '1000', ...meta({ filename: 'c.json' }) })
    const place = `/${created.headers.get('location')?.split('/').at(-1)}`
    await tus(place, 'PATCH', chunk(0), new Uint8Array(10))
    expect((await tus(place, 'DELETE')).status).toBe(204)
    await captureIn(created.headers.get('leakroom-capture') ?? '', 'cancelled')
    expect((await tus(place, 'HEAD')).status).toBe(410)
    expect(uploadsLeft(node)).toEqual([])
  })

  it('cuts an upload off when somebody else cancels the capture', async () => {
    const created = await tus('', 'POST', { 'Upload-Length': '5000000', ...meta({ filename: 'd.json' }) })
    const id = created.headers.get('leakroom-capture') ?? ''
    const place = `/${created.headers.get('location')?.split('/').at(-1)}`
    await tus(place, 'PATCH', chunk(0), new Uint8Array(1000))
    await runCommand(node.room.second, crypto.randomUUID(), 'capture:cancel', {
      id: (await captureIn(id, 'uploading')).id,
    })
    await until(async () => (uploadsLeft(node).length === 0 ? true : undefined), 'the parts to go')
    const late = await tus(place, 'PATCH', chunk(1000), new Uint8Array(1000))
    expect(late.status).toBe(410)
    expect(await late.json()).toMatchObject({ code: 'upload/gone' })
    expect((await captureIn(id, 'cancelled')).state).toBe('cancelled')
  })

  it('gives up an upload that nobody continues', async () => {
    const created = await tus('', 'POST', { 'Upload-Length': '1000', ...meta({ filename: 'e.json' }) })
    const id = created.headers.get('leakroom-capture') ?? ''
    await node.uploads.sweep(Date.now() + UPLOAD_PATIENCE_MS - 60_000)
    expect((await captureIn(id, 'uploading')).state).toBe('uploading')
    await node.uploads.sweep(Date.now() + UPLOAD_PATIENCE_MS + 60_000)
    expect((await captureIn(id, 'failed')).problem).toMatch(/never finished/)
  })

  it('answers a creation that was sent twice with the same capture', async () => {
    const captureId = crypto.randomUUID()
    const headers = { 'Upload-Length': '1000', ...meta({ filename: 'twice.json', captureId }) }
    const both = [await tus('', 'POST', headers), await tus('', 'POST', headers)]
    expect(both.map((answer) => answer.status)).toEqual([201, 201])
    expect(both.map((answer) => answer.headers.get('leakroom-capture'))).toEqual([captureId, captureId])
    expect(await db().capture.count({ where: { id: captureId } })).toBe(1)
  })

  it('refuses, with a sentence, what is too large, empty, or of no known size', async () => {
    const large = await tus('', 'POST', {
      'Upload-Length': String(5 * 1024 ** 3),
      ...meta({ filename: 'l' }),
    })
    expect(large.status).toBe(413)
    expect((await large.json()).sentence).toBe('This file is 5.0 GiB. The limit here is 1.0 GiB.')
    const empty = await tus('', 'POST', { 'Upload-Length': '0', ...meta({ filename: 'e' }) })
    expect(empty.status).toBe(422)
    const unknown = await tus('', 'POST', { 'Upload-Defer-Length': '1', ...meta({ filename: 'u' }) })
    expect(unknown.status).toBe(400)
  })

  it('lets in nobody without the right to write', async () => {
    const send = (headers: Record<string, string>, room: string = node.room.id) =>
      fetch(`${node.base.replace(node.room.id, room)}/uploads`, {
        method: 'POST',
        headers: { 'Tus-Resumable': '1.0.0', 'Upload-Length': '10', ...headers },
      })
    expect((await send({})).status).toBe(401)
    expect((await send({ Authorization: 'Bearer lr_nonsense' })).status).toBe(401)
    expect((await send({ Authorization: `Bearer ${node.token}` }, crypto.randomUUID())).status).toBe(404)
    expect((await send({ Origin: 'https://evil.example', Cookie: 'x=y' })).status).toBe(403)
  })

  it('does not let one room touch the upload of another', async () => {
    const created = await tus('', 'POST', { 'Upload-Length': '1000', ...meta({ filename: 'mine.json' }) })
    const stranger = await buildRoom('Another team')
    const { token } = await createApiToken(stranger.owner, 'theirs')
    const place = created.headers.get('location')?.split('/').at(-1)
    const theirs = await fetch(`${node.base.replace(node.room.id, stranger.id)}/uploads/${place}`, {
      method: 'HEAD',
      headers: { Authorization: `Bearer ${token}`, 'Tus-Resumable': '1.0.0' },
    })
    expect(theirs.status).toBe(410)
  })
})

/** A zstd frame of raw blocks (RFC 8878 §3.1): for machines without `zstd`. */
function zstdStored(content: Uint8Array): Uint8Array<ArrayBuffer> {
  // Magic; window descriptor of 1 MiB and no content size.
  const parts: Uint8Array[] = [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50)]
  for (let at = 0; at < content.length; at += 1 << 16) {
    const block = content.subarray(at, at + (1 << 16))
    const isLast = at + (1 << 16) >= content.length
    const header = (block.length << 3) | (isLast ? 1 : 0)
    parts.push(Uint8Array.of(header & 255, (header >> 8) & 255, header >> 16), block)
  }
  return Buffer.concat(parts)
}
