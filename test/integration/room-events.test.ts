import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { connectDatabase, type Database } from '#lib/db/client'
import { eventsAfter, eventsBefore, inRoom, loadEventsAfter } from '#lib/db/events'
import { onHint } from '#lib/db/hints'
import { loadRoomState } from '#lib/db/room-state'
import { UserError } from '#lib/errors/user-error'
import { evaluateChecks } from '#lib/http/checks'
import { applyRoomEvent, type RoomState } from '#lib/investigation/room-state'
import { provideServices, type Services } from '#lib/services'
import { cloneDatabase } from '#test/build/postgres'
import {
  buildCapture,
  buildRoom,
  buildSeries,
  command,
  emptyState,
  idOf,
  type TestRoom,
} from '#test/build/room'

let database: Database
let drop: () => Promise<void>

beforeAll(async () => {
  const clone = await cloneDatabase(inject('templateUrl'))
  drop = clone.drop
  database = connectDatabase(clone.url)
  // reason: the only member that a command uses; anything else in this test is a bug and throws.
  provideServices({ cancelCapture: () => {} } as unknown as Services)
})
afterAll(async () => {
  await database.close()
  await drop()
})

/** The room as somebody knows it who has read nothing but its log. */
async function replayed(room: TestRoom, like: RoomState): Promise<RoomState> {
  const events = await loadEventsAfter(room.id, 0, 10_000)
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1))
  return events.reduce(applyRoomEvent, emptyState(like))
}

/** What the log does not tell: who was a member before, and captures and series that a test put there by hand. */
const comparable = (state: RoomState, known: RoomState) => ({
  ...state,
  members: [],
  captures: state.captures.filter((row) => known.captures.some((other) => other.id === row.id)),
  series: [],
})

// A step is drawn as numbers and acts on whatever rows there are by then: most do something, some are refused.
const step = fc.record({
  what: fc.integer({ min: 0, max: 21 }),
  who: fc.integer({ min: 0, max: 2 }),
  a: fc.nat(50),
  b: fc.nat(50),
})
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

async function take(room: TestRoom, { what, who, a, b }: Step): Promise<void> {
  const state = await loadRoomState(room.viewer)
  const access = [room.owner, room.editor, room.second][who] ?? room.owner
  const pick = <T>(rows: readonly T[], n: number): T | undefined => rows[n % Math.max(1, rows.length)]
  const [h, h2] = [pick(state.hypotheses, a), pick(state.hypotheses, b)]
  const [e, m, mark, limit] = [
    pick(state.evidence, b),
    pick(state.messages, a),
    pick(state.marks, a),
    pick(state.limits, a),
  ]
  const capture = pick(state.captures, a)
  const query = pick(state.queries, a)
  const id = randomUUID()
  const statuses = ['testing', 'supported', 'ruled-out', 'parked', 'confirmed', 'hunch'] as const
  switch (what) {
    case 0:
    case 1:
      return void (await command(access, 'hypothesis:add', { id, title: `h${a}` }))
    case 2:
      return void (
        h && (await command(access, 'hypothesis:move', { id: h.id, after: h2?.id ?? null, before: null }))
      )
    case 3: {
      const to = statuses[b % 6] ?? 'testing'
      return void (
        h && (await command(access, 'hypothesis:set-status', { id: h.id, version: h.version, to }))
      )
    }
    case 4:
      return void (
        h &&
        (await command(access, 'hypothesis:change', {
          id: h.id,
          version: h.version,
          title: `t${b}`,
          ownerId: b % 2 ? idOf(access) : null,
        }))
      )
    case 5:
      return void (
        h &&
        b % 4 === 0 &&
        (await command(access, 'hypothesis:remove', { id: h.id, version: h.version }))
      )
    case 6:
      return void (
        h &&
        (await command(access, 'confidence:set', { hypothesisId: h.id, value: b % 6 === 0 ? null : b % 6 }))
      )
    case 7:
      return void (await command(access, 'evidence:pin', {
        id,
        title: `e${a}`,
        ref: { kind: 'note', quote: 'q' },
      }))
    case 8: {
      if (!h || !e) return
      const ids = { evidenceId: e.id, hypothesisId: h.id }
      const link = state.links.find((row) => row.evidenceId === e.id && row.hypothesisId === h.id)
      const stance = (['for', 'against', 'neutral'] as const)[a % 3] ?? 'for'
      return void (await command(access, 'evidence:link', { ...ids, stance, version: link?.version }))
    }
    case 9: {
      const link = pick(state.links, a)
      if (!link) return
      const { evidenceId, hypothesisId } = link
      return void (await command(access, 'evidence:unlink', { evidenceId, hypothesisId }))
    }
    case 10:
      return void (await command(access, 'message:post', { id, body: `m${a}` }))
    case 11:
      return void (
        m && (await command(access, 'message:edit', { id: m.id, version: m.version, body: `x${b}` }))
      )
    case 12:
      return void (
        m &&
        b % 3 === 0 &&
        (await command(access, 'message:delete', { id: m.id, version: m.version }))
      )
    case 13:
      if (mark && b % 3 === 0) return void (await command(access, 'mark:remove', { id: mark.id }))
      if (mark && b % 3 === 1)
        return void (await command(access, 'mark:change', { id: mark.id, version: mark.version, at: a }))
      return void (await command(access, 'mark:add', { id, kind: 'note', label: `k${a}`, at: b }))
    case 14:
      if (limit && b % 3 === 0) return void (await command(access, 'limit:remove', { id: limit.id }))
      return void (await command(access, 'limit:set', {
        id: limit && b % 3 === 1 ? limit.id : id,
        kind: 'ram',
        label: 'L',
        bytes: a + 1,
      }))
    case 15: {
      if (query && b % 4 === 0) return void (await command(access, 'query:remove', { id: query.id }))
      const known = b % 4 === 1 ? query : undefined
      const words = { title: `q${b}`, sql: `select ${b}` }
      return void (await command(access, 'query:save', {
        id: known?.id ?? id,
        version: known?.version,
        ...words,
      }))
    }
    case 18: {
      const predicate = { kind: 'place', part: 'native', side: 'over', percent: b, range: null } as const
      const check = pick(state.checks, a)
      if (check && b % 4 === 0) return void (await command(access, 'check:remove', { id: check.id }))
      if (check && b % 4 === 1)
        return void (await command(access, 'check:change', {
          id: check.id,
          version: check.version,
          predicate,
        }))
      if (check && b % 4 === 2) return void (await evaluateChecks(room.id, refusedOrDone))
      return void (h && (await command(access, 'check:add', { id, hypothesisId: h.id, predicate })))
    }
    case 19: {
      const experiment = pick(state.experiments, a)
      if (experiment && b % 4 !== 0) {
        const { id: experimentId, version } = experiment
        if (b % 4 === 1)
          return void (await command(access, 'experiment:change', {
            id: experimentId,
            version,
            title: `x${b}`,
          }))
        if (b % 4 === 2) return void (await command(access, 'run:add', { experimentId, version }))
        const text = `ruby 3.1.${b}\nLinux 6.${b}`
        const side = b % 8 === 3 ? 'production' : 'reproduction'
        return void (await command(access, 'experiment:set-environment', {
          id: experimentId,
          version,
          side,
          text,
        }))
      }
      const words = { title: `x${a}`, labelA: 'a', labelB: 'b', perArm: 1 + (a % 3), seed: a }
      return void (h && (await command(access, 'experiment:add', { id, hypothesisId: h.id, ...words })))
    }
    case 20: {
      const run = pick(state.runs, a)
      if (!run) return
      const { id: runId, version } = run
      const name = run.excluded ? 'run:include' : 'run:exclude'
      return void (await command(access, name, { id: runId, version, reason: `r${b}` }))
    }
    case 16:
      return void (await command(access, 'ledger:mark', {
        fingerprint: `f${a % 3}`,
        title: 'g',
        verdict: b % 2 ? 'expected' : 'not-expected',
        reason: 'r',
      }))
    case 21: {
      const source = pick(state.sources, a)
      if (source && b % 4 === 0) return void (await command(access, 'source:remove', { id: source.id }))
      if (source && b % 4 !== 1) {
        const { id: sourceId, version } = source
        const refreshSeconds = b % 8 === 3 ? 60 : 300
        const change = b % 4 === 2 ? { paused: b % 8 === 2 } : ({ refreshSeconds } as const)
        return void (await command(access, 'source:change', { id: sourceId, version, ...change }))
      }
      const one = { key: 'rss{}', name: 'rss', label: 'RSS', process: '', unit: 'bytes', factor: 1 } as const
      return void (await command(access, 'source:add', {
        id,
        url: 'http://127.0.0.1:1',
        query: `q${a}`,
        stepSeconds: 60,
        refreshSeconds: 30,
        from: Date.now() - 60_000,
        series: [one],
      }))
    }
    default:
      if (!capture) return
      if (b % 3 === 0)
        return void (await command(access, 'capture:move', { id: capture.id, after: null, before: null }))
      if (b % 3 === 1) return void (await command(access, 'capture:cancel', { id: capture.id }))
      return void (await command(access, 'capture:change', {
        id: capture.id,
        version: capture.version,
        label: `c${a}`,
      }))
  }
}

const refusedOrDone = (error: unknown) => {
  if (!(error instanceof UserError)) throw error
}

describe('the log of a room', () => {
  it('replayed from its start gives the very rows, after any sequence of commands by several people', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const room = await buildRoom()
        for (const rank of ['a0', 'a1', 'a2']) await buildCapture(room.editor, 'reading', rank)
        for (const one of steps) await take(room, one).catch(refusedOrDone)
        const state = await loadRoomState(room.viewer)
        const told = await replayed(room, state)
        expect(comparable(told, told)).toEqual(comparable(state, told))
        expect(told.seq).toBe(state.seq)
      }),
      { numRuns: 15, seed: Number(process.env.FC_SEED ?? 20261123), verbose: 1 },
    )
  }, 120_000)

  it('replayed gives the very rows also when the commands come at once', async () => {
    const room = await buildRoom()
    const steps = fc.sample(step, { numRuns: 120, seed: 7 })
    for (let at = 0; at < steps.length; at += 12) {
      await Promise.all(steps.slice(at, at + 12).map((one) => take(room, one).catch(refusedOrDone)))
    }
    const state = await loadRoomState(room.viewer)
    expect(comparable(await replayed(room, state), state)).toEqual(comparable(state, state))
  }, 60_000)

  it('has no gap and no fork when changes roll back in between', async () => {
    const room = await buildRoom()
    await Promise.allSettled(
      Array.from({ length: 30 }, (_, n) =>
        inRoom(room.editor, async (_tx, emit) => {
          await emit('share:created', { role: `r${n}`, expiresAt: null })
          if (n % 3 === 0) throw new Error('changed my mind')
        }),
      ),
    )
    const events = await eventsAfter(room.viewer, 1)
    expect(events.map((event) => event.seq)).toEqual(Array.from({ length: 20 }, (_, n) => n + 2))
  })

  it('is never seen with a hole by somebody who tails it while others write', async () => {
    const room = await buildRoom()
    const seen: number[] = []
    let isDone = false
    const tail = async () => {
      for (let last = 0; ; ) {
        const wasDone = isDone
        const events = await loadEventsAfter(room.id, last, 500)
        for (const event of events) seen.push(event.seq)
        last = seen.at(-1) ?? 0
        if (wasDone && events.length === 0) return
      }
    }
    const tailing = tail()
    await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        command(n % 2 ? room.editor : room.second, 'message:post', { id: randomUUID(), body: 'x' }),
      ),
    )
    isDone = true
    await tailing
    expect(seen).toEqual(Array.from({ length: 61 }, (_, n) => n + 1))
  })

  it('pages forwards and backwards', async () => {
    const room = await buildRoom()
    for (let n = 0; n < 9; n++)
      await command(room.editor, 'message:post', { id: randomUUID(), body: `m${n}` })
    expect((await eventsAfter(room.viewer, 2, 3)).map((event) => event.seq)).toEqual([3, 4, 5])
    expect((await eventsBefore(room.viewer, 5, 3)).map((event) => event.seq)).toEqual([4, 3, 2])
  })

  it('hints at the room after the commit, so that whoever looks then finds the event', async () => {
    const room = await buildRoom()
    const heads: Promise<number>[] = []
    const stop = onHint((what) => {
      if (what.kind === 'room' && what.investigationId === room.id)
        heads.push(loadEventsAfter(room.id, 0).then((events) => events.length))
    })
    await command(room.editor, 'message:post', { id: randomUUID(), body: 'x' })
    stop()
    expect(await Promise.all(heads)).toEqual([2])
  })

  it('loads rows and sequence of one moment, whatever is written meanwhile', async () => {
    const room = await buildRoom()
    await buildSeries(room.editor)
    const writing = Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        command(room.editor, 'hypothesis:add', { id: randomUUID(), title: `h${n}` }),
      ),
    )
    const states = await Promise.all(Array.from({ length: 10 }, () => loadRoomState(room.viewer)))
    await writing
    for (const state of states) expect(state.hypotheses.length).toBe(state.seq - 1)
  })
})
