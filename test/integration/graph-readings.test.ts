import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { ingest } from '#lib/http/ingest'
import { answerReading, importFile } from '#lib/http/series'
import { answerLives } from '#lib/http/series-lives'
import { buildNode, type TestNode } from '#test/build/reading'
import { normal, seeded } from '#test/unit/series/draw-series'

let node: TestNode
beforeAll(async () => {
  node = await buildNode(inject('templateUrl'))
})
afterAll(() => node.close())

const T0 = 1_795_000_000
const ask = async (query = '') =>
  answerReading(node.room.viewer, new Request(`http://localhost/api?${query}`))
const send = (lines: readonly object[]) =>
  ingest(
    node.room.machine,
    new Request('http://localhost/api/ingest', {
      method: 'POST',
      body: lines.map((line) => JSON.stringify(line)).join('\n'),
    }),
  )

/** Two lives of a container, whose pid is 1 both times; 9,000 bytes a request, which come unevenly. */
function twoLives(): object[] {
  const [traffic, noise] = [seeded(12), seeded(11)]
  let [served, rate] = [0, 0]
  return Array.from({ length: 1600 }, (_, i) => {
    if (i % 25 === 0) rate = 1 + 6 * traffic()
    served = i === 600 ? 0 : served + Math.round(rate)
    const at = { t: T0 + i, process: 'shop', pid: 1 }
    // A cold start that is hardly lower: memory alone would not tell.
    const rss = Math.round(4e8 + 9000 * served + 1e5 * normal(noise))
    return [
      { ...at, series: 'rss', v: rss },
      { ...at, series: 'requests', v: served, unit: 'count' },
    ]
  }).flat()
}

describe('the reading of a graph with counters beside it', () => {
  it('sees a restart where the pid stays and only a counter begins anew, and says what a thousand requests cost', async () => {
    await send(twoLives())
    const { reading, perThousand, label } = await ask()
    expect(label).toBe('RSS shop')
    expect(reading?.restarts).toMatchObject([{ at: (T0 + 600) * 1000, because: 'counter' }])
    if (perThousand?.state !== 'told') throw new Error(perThousand?.state ?? 'nothing')
    expect(perThousand.counter).toBe('Requests')
    expect(perThousand.low).toBeLessThan(9_000_000)
    expect(perThousand.high).toBeGreaterThan(9_000_000)
    expect(perThousand.from).toBeGreaterThanOrEqual((T0 + 600) * 1000)
  })

  it('does not mix in the counters of another process, nor those of a file', async () => {
    await send([
      { t: T0 + 100, series: 'requests', v: 5, process: 'other', unit: 'count' },
      { t: T0 + 101, series: 'requests', v: 0, process: 'other', unit: 'count' },
    ])
    const { reading } = await ask()
    expect(reading?.restarts).toHaveLength(1)
  })
})

describe('the lives of a process', () => {
  const lives = (seriesId: string, query = '') =>
    answerLives(node.room.viewer, seriesId, new Request(`http://localhost/api?${query}`))

  it('of a live process are aligned by uptime or by requests', async () => {
    const { seriesId } = await ask()
    const byUptime = await lives(seriesId!)
    expect(byUptime).toMatchObject({ label: 'RSS shop', counter: 'Requests', total: 2, by: 'uptime' })
    const byRequests = await lives(seriesId!, 'by=requests')
    expect(byRequests.lives.map(({ label }) => label)).toEqual(['Life 1', 'Life 2'])
    // One line for both: nine thousand bytes a request, whatever the pace.
    for (const { x, v } of byRequests.lives) expect((v.at(-1)! - v[0]!) / x.at(-1)!).toBeCloseTo(9000, -3)
    const part = await lives(seriesId!, `to=${(T0 + 500) * 1000}`)
    expect(part.words).toBe('No restart in this range: there is one life only.')
  })

  it('of the restart sawtooth are twelve, also from a worker thread', async () => {
    const text = readFileSync('test/fixtures/series/rss-restart-sawtooth.csv', 'utf8')
    const request = new Request('http://localhost/api?name=saw.csv&confirm=1', { method: 'POST', body: text })
    const stored = await importFile(node.room.editor, request)
    const rss = stored.state === 'stored' ? stored.series.find(({ name }) => name === 'rss') : undefined
    const here = await lives(rss!.id)
    expect(here.total).toBe(12)
    const rows = Array.from(
      { length: 24_000 },
      (_, i) => `${T0 + i},${200e6 + (i % 4000) * 1e4},${1 + Math.floor(i / 4000)}`,
    )
    const long = await importFile(
      node.room.editor,
      new Request('http://localhost/api?name=long.csv&confirm=1', {
        method: 'POST',
        body: `time,rss_bytes,pid\n${rows.join('\n')}\n`,
      }),
    )
    const far = await lives(long.state === 'stored' ? long.series[0]!.id : '')
    expect(far.total).toBe(6)
  })

  it('are not there for what is no memory of this room', async () => {
    const error = { code: 'request/not-found' }
    await expect(lives('nothing')).rejects.toMatchObject(error)
    await expect(lives('00000000-0000-4000-8000-000000000000')).rejects.toMatchObject(error)
  })
})
