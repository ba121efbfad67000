import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { db } from '#lib/db/client'
import { answerPlaces } from '#lib/http/growth-places'
import { importFile } from '#lib/http/series'
import { buildNode, type TestNode } from '#test/build/reading'

let node: TestNode
beforeAll(async () => {
  node = await buildNode(inject('templateUrl'))
})
afterAll(() => node.close())

const ask = (query = '') => new Request(`http://localhost/api?${query}`)
const send = (body: string, name: string) =>
  importFile(
    node.room.editor,
    new Request(`http://localhost/api?name=${name}&confirm=1`, { method: 'POST', body }),
  )

describe('where the room’s memory grows', () => {
  it('is not said before there is resident memory', async () => {
    expect(await answerPlaces(node.room.editor, ask())).toEqual({ seriesId: null, label: '', places: null })
  })

  it('is outside of the heap for the article’s run, follows failures, inside of the outage, and little is explained', async () => {
    const text = readFileSync('test/fixtures/series/rss-3phase.csv', 'utf8')
    await send(text, 'rss-3phase.csv')
    const down = text
      .split('\n')
      .filter((line) => line.includes(',down,'))
      .map((line) => Math.round(1000 * Number(line.split(',')[0])))
    const { investigationId } = node.room.editor
    await db().mark.create({
      data: {
        id: randomUUID(),
        investigationId,
        kind: 'outage',
        label: 'memcached down',
        at: new Date(down[0]!),
        until: new Date(down[down.length - 1]!),
        createdBy: 'u1',
      },
    })
    const { places } = await answerPlaces(node.room.editor, ask())
    expect(places?.place.place).toBe('native')
    expect(places?.clock?.best?.name).toBe('failures')
    expect(places?.experiment?.verdict).toBe('faster-inside')
    const { growth, unexplained } = places!.waterfall!
    expect(growth).toBeGreaterThan(85e6)
    expect(unexplained / growth).toBeGreaterThan(0.95)
    // A part of the run in which nothing grows has nothing to explain.
    const calm = await answerPlaces(node.room.editor, ask(`to=${down[0]! - 2000}`))
    expect(calm.places?.place.place).not.toBe('native')
  })

  it('is the same from a worker thread, where long graphs are judged', async () => {
    const rows = Array.from({ length: 12_000 }, (_, i) => {
      const live = 60e6 + Math.round(i * 9000 + 3e5 * Math.sin(i))
      return `${1_795_000_000 + i},${live + 100e6 + Math.round(2e5 * Math.cos(i * 1.7))},${live + 20e6},${live}`
    })
    await db().series.deleteMany({ where: { investigationId: node.room.editor.investigationId } })
    await send(`time,rss_bytes,heap_committed_bytes,heap_live_bytes\n${rows.join('\n')}\n`, 'long.csv')
    const { places } = await answerPlaces(node.room.editor, ask())
    expect(places?.place.place).toBe('managed')
    expect(places?.place.share?.value).toBeGreaterThan(0.9)
  })
})
