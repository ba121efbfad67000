import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { loadRoomState } from '#lib/db/room-state'
import { listSeries } from '#lib/db/series'
import { importFile } from '#lib/http/series'
import type { CheckOutcome, CheckPredicate } from '#lib/hypotheses/checks'
import type { WriteAccess } from '#lib/investigation/access'
import type { CheckRow } from '#lib/investigation/checks'
import type { SeriesRow } from '#lib/investigation/rows'
import { command, type TestRoom } from './room.ts'

/** For evaluations in which nothing may fail. */
export const mustNotFail = (error: unknown): never => {
  throw error
}

export const NATIVE: Extract<CheckPredicate, { kind: 'place' }> = {
  kind: 'place',
  part: 'native',
  side: 'over',
  percent: 70,
  range: null,
}

export const growsEveryTime = (className: string): CheckPredicate => ({
  kind: 'group',
  group: { by: 'class', className },
  process: null,
  measure: 'count',
  claim: { is: 'grows-every-time' },
})

/** A hypothesis with one check. */
export async function buildCheck(room: TestRoom, predicate: CheckPredicate): Promise<CheckRow> {
  const hypothesis = await command(room.editor, 'hypothesis:add', { id: randomUUID(), title: 'It is native' })
  return command(room.editor, 'check:add', { id: randomUUID(), hypothesisId: hypothesis.id, predicate })
}

/** What the room knows of a check; undefined when it is gone. */
export const outcomeOf = async (room: TestRoom, id: string): Promise<CheckOutcome | null | undefined> =>
  (await loadRoomState(room.viewer)).checks.find((row) => row.id === id)?.outcome

/** The article's run of 330 s, in whose middle memcached was stopped. */
export async function attachArticle(access: WriteAccess): Promise<void> {
  const body = readFileSync('test/fixtures/series/rss-3phase.csv', 'utf8')
  const url = 'http://localhost/api?name=rss-3phase.csv&confirm=1'
  await importFile(access, new Request(url, { method: 'POST', body }))
}

export async function seriesNamed(room: TestRoom, name: string): Promise<SeriesRow> {
  const row = (await listSeries(room.viewer)).find((one) => one.name === name)
  if (!row) throw new Error(`no series is called ${name}`)
  return row
}
