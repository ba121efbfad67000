import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { listSeries, loadSamples } from '#lib/db/series'
import { ingest } from '#lib/http/ingest'
import { answerReading, importFile } from '#lib/http/series'
import { readSeries } from '#lib/series/read-series'
import { buildNode, type TestNode } from '#test/build/reading'

const T0 = 1_795_000_000
const MIB = 1024 ** 2

let node: TestNode
beforeAll(async () => {
  node = await buildNode(inject('templateUrl'))
})
afterAll(() => node.close())

const post = (body: string, query = ''): Request =>
  new Request(`http://localhost/api${query}`, { method: 'POST', body })

/** A file of so many rows that its memory grows by a page in every second one. */
const table = (rows: number): string =>
  `time,rss_bytes\n${Array.from({ length: rows }, (_, i) => `${T0 + i},${100 * MIB + Math.floor(i / 2) * 4096}`).join('\n')}\n`

describe('large memory graphs', () => {
  it('[SER64] are read in a worker thread, with the preview and the samples of a small file', async () => {
    const text = table(20_000)
    const shown = await importFile(node.room.editor, post(text, '?name=big.csv'))
    if (shown.state !== 'preview') throw new Error(shown.state)
    expect(shown.preview).toMatchObject({ lines: 20_000, badLines: 0 })
    expect(shown.preview.series[0]).toMatchObject({ key: 'rss_bytes', points: 20_000, unit: 'bytes' })

    const stored = await importFile(node.room.editor, post(text, '?name=big.csv&confirm=1'))
    if (stored.state !== 'stored') throw new Error(stored.state)
    const samples = await loadSamples(node.room.editor, stored.series[0]!.id)
    expect(samples.t.length).toBe(20_000)
    expect(samples.t[19_999]).toBe((T0 + 19_999) * 1000)
    expect(samples.v[19_999]).toBe(100 * MIB + 9_999 * 4096)
  })

  it('[SER65] that cannot be read are refused with the same sentence as small ones', async () => {
    const words = 'no samples in here at all\n'.repeat(5000)
    await expect(importFile(node.room.editor, post(words, '?name=notes.txt'))).rejects.toMatchObject({
      code: 'format/unknown',
      status: 422,
      message: expect.stringContaining('Leakroom reads CSV'),
    })
    await expect(importFile(node.room.editor, post(`a,b\n${'x,y\n'.repeat(40_000)}`, ''))).rejects.toThrow(
      /No samples were found/,
    )
  })

  it('[SER66] leave the event loop free while they are read', async () => {
    const body = table(400_000)
    const delay = monitorEventLoopDelay({ resolution: 5 })
    const request = post(body, '?name=huge.csv')
    delay.enable()
    const started = performance.now()
    await importFile(node.room.editor, request)
    const took = performance.now() - started
    delay.disable()
    const longest = delay.max / 1e6
    console.log(`400,000 rows previewed in ${took.toFixed(0)} ms, longest stall ${longest.toFixed(0)} ms`)
    // Read here it would stall for nearly all of the time. The machine is shared: half is the bound.
    expect(longest).toBeLessThan(Math.max(100, took / 2))
  })

  it('[SER67] are judged in a worker thread, with the reading that they have anywhere', async () => {
    const stored = await importFile(node.room.editor, post(table(30_000), '?name=judged.csv&confirm=1'))
    if (stored.state !== 'stored') throw new Error(stored.state)
    const { id } = stored.series[0]!
    const answer = await answerReading(node.room.editor, new Request(`http://localhost/reading?series=${id}`))
    expect(answer.reading).toEqual(readSeries(await loadSamples(node.room.editor, id)))
    expect(answer.reading?.reading.kind).toBe('growing')
    // Everybody in the room asks the same: computed once, and anew when there are more samples.
    const ask = (query = '') =>
      answerReading(node.room.editor, new Request(`http://localhost/reading?series=${id}${query}`))
    const all = await Promise.all([ask(), ask(), ask()])
    expect(new Set(all.map(({ reading }) => reading)).size).toBe(1)
    const part = await ask(`&to=${(T0 + 25_000) * 1000}`)
    expect(part.reading?.samples).toBe(25_001)
    await importFile(node.room.editor, post(table(31_000), '?name=judged.csv&confirm=1'))
    expect((await ask()).reading?.samples).toBe(31_000)
    // What was judged is still in the cache: its memory was copied, not given away.
    expect((await loadSamples(node.room.editor, id)).t.length).toBe(31_000)
  })

  it('[SER76] live: a backfill of many lines is counted and stored like a small batch', async () => {
    const now = Math.floor(Date.now() / 1000)
    const lines = Array.from(
      { length: 5000 },
      (_, s) => `{"t":${now - s},"series":"rss","v":${50 * MIB + s},"process":"worker"}`,
    )
    lines.splice(10, 0, '{"t":')
    const answer = await ingest(node.room.editor, post(lines.join('\n')))
    expect(answer).toMatchObject({ accepted: 5000, duplicate: 0, refused: 1, firstProblem: { line: 11 } })
    const row = (await listSeries(node.room.editor)).find((one) => one.process === 'worker')
    expect(row).toMatchObject({ points: 5000, to: now * 1000, source: 'live' })
  })
})
