import { describe, expect, it } from 'vitest'
import { type RoomEvent, readRoomEvent } from '#lib/investigation/events'
import { NODE_AUTHOR } from '#lib/investigation/ids'
import { applyRoomEvent, personName, RoomState } from '#lib/investigation/room-state'
import {
  capture,
  eventOf,
  evidence,
  experiment,
  hypothesis,
  IDS,
  investigation,
  ledgerEntry,
  mark,
  message,
  query,
  reminder,
  run,
  series,
  source,
  uuid,
} from './draw.ts'

const empty = RoomState.parse({
  seq: 0,
  investigation: investigation(),
  members: [],
  hypotheses: [],
  evidence: [],
  links: [],
  messages: [],
  marks: [],
  limits: [],
  captures: [],
  series: [],
  queries: [],
  sources: [],
})

/** Facts in order, numbered from 1. */
const log = (...facts: [type: string, payload: unknown][]): RoomEvent[] =>
  facts.map(([type, payload], index) => readRoomEvent({ ...eventOf(index + 1), type, payload }))
const stateOf = (...facts: [type: string, payload: unknown][]): RoomState =>
  log(...facts).reduce(applyRoomEvent, empty)

const link = (hypothesisId: string) => ({
  link: {
    evidenceId: IDS.evidence,
    hypothesisId,
    stance: 'for',
    note: '',
    version: 1,
    createdBy: IDS.mika,
    createdAt: 0,
  },
})

describe('the state of a room', () => {
  it('keeps hypotheses in the order of their ranks, by code unit', () => {
    const rows = ['a1', 'Zz', 'a0V', 'a0'].map((rank, n) => hypothesis({ id: uuid(20 + n), rank }))
    const state = stateOf(...rows.map((row): [string, unknown] => ['hypothesis:added', { hypothesis: row }]))
    expect(state.hypotheses.map((row) => row.rank)).toEqual(['Zz', 'a0', 'a0V', 'a1'])
  })

  it('keeps the name of somebody who left, and knows her as a member again when she comes back', () => {
    const member = { userId: IDS.wes, name: 'Wes', role: 'editor' }
    const left = stateOf(['member:joined', { member }], ['member:left', { userId: IDS.wes }])
    expect(left.members).toEqual([])
    expect(personName(left, IDS.wes)).toBe('Wes')
    expect(personName(stateOf(['member:left', { userId: IDS.wes, name: 'Wes' }]), IDS.wes)).toBe('Wes')
    const back = stateOf(
      ['member:joined', { member }],
      ['member:left', { userId: IDS.wes }],
      ['member:joined', { member: { ...member, name: 'Wesley' } }],
    )
    expect(personName(back, IDS.wes)).toBe('Wesley')
  })

  it('puts a changed row in the place of the old one', () => {
    const state = stateOf(
      ['hypothesis:added', { hypothesis: hypothesis() }],
      [
        'hypothesis:changed',
        { hypothesis: hypothesis({ title: 'Memcached', version: 2 }), changed: ['title'] },
      ],
      [
        'confidence:set',
        { hypothesis: hypothesis({ title: 'Memcached', version: 2, confidence: { wes: 3 } }) },
      ],
    )
    expect(state.hypotheses).toEqual([hypothesis({ title: 'Memcached', version: 2, confidence: { wes: 3 } })])
  })

  it('takes a removed hypothesis’s links away and leaves the evidence', () => {
    const state = stateOf(
      ['hypothesis:added', { hypothesis: hypothesis() }],
      ['evidence:pinned', { evidence: evidence() }],
      ['evidence:linked', link(IDS.hypothesis)],
      ['evidence:linked', link(uuid(99))],
      ['hypothesis:removed', { hypothesisId: IDS.hypothesis, title: 'Redis' }],
    )
    expect(state.hypotheses).toEqual([])
    expect(state.links.map((row) => row.hypothesisId)).toEqual([uuid(99)])
    expect(state.evidence).toHaveLength(1)
  })

  it('keeps messages in the order of the discussion, whatever order they are told in', () => {
    const posted = [3, 1, 2].map((seq): [string, unknown] => [
      'message:posted',
      { message: message({ id: uuid(30 + seq), seq, body: `m${seq}` }) },
    ])
    expect(stateOf(...posted).messages.map((row) => row.body)).toEqual(['m1', 'm2', 'm3'])
  })

  it('adds, changes and removes everything else by its id', () => {
    const rows: [string, unknown][] = [
      ['mark:added', { mark: mark() }],
      ['limit:set', { limit: { id: IDS.mark, kind: 'ram', label: 'RAM', bytes: 1, version: 1 } }],
      ['capture:added', { capture: capture({ state: 'uploading' }) }],
      ['capture:state-changed', { capture: capture() }],
      ['series:added', { series: series() }],
      ['query:saved', { query: query() }],
      ['source:added', { source: source() }],
      ['source:changed', { source: source({ state: 'paused' }), changed: 'paused' }],
      ['member:joined', { member: { userId: IDS.wes, name: 'Wes', role: 'editor' } }],
    ]
    const full = stateOf(...rows)
    expect(
      [full.marks, full.limits, full.captures, full.series, full.queries, full.sources, full.members].map(
        (list) => list.length,
      ),
    ).toEqual([1, 1, 1, 1, 1, 1, 1])
    expect(full.sources[0]?.state).toBe('paused')
    expect(full.captures[0]?.state).toBe('ready')
    const bare = stateOf(
      ...rows,
      ['mark:removed', { markId: IDS.mark, label: 'v42' }],
      ['limit:removed', { limitId: IDS.mark, label: 'RAM' }],
      ['capture:removed', { captureId: IDS.capture, label: 'warm' }],
      ['series:removed', { seriesId: IDS.series, label: 'RSS' }],
      ['query:removed', { queryId: IDS.query, title: 'Largest' }],
      ['source:removed', { sourceId: IDS.source, host: 'prom:9090' }],
      ['member:left', { userId: IDS.wes }],
    )
    expect(bare).toEqual({ ...empty, formerNames: { [IDS.wes]: 'Wes' }, seq: 16 })
  })

  it('holds one reminder for each series: a new one takes the old one’s place, and the series takes it along', () => {
    const later = reminder({ id: uuid(11), dueAt: 90_000 })
    const told = reminder({ id: uuid(11), state: 'told', looks: 1, version: 2 })
    const rows: [string, unknown][] = [
      ['series:added', { series: series() }],
      ['reminder:set', { reminder: reminder() }],
      ['reminder:set', { reminder: later }],
    ]
    expect(stateOf(...rows).reminders).toEqual([later])
    expect(stateOf(...rows, ['reminder:due', { reminder: told }]).reminders).toEqual([told])
    const removed: [string, unknown] = ['reminder:removed', { reminderId: later.id, label: 'RSS' }]
    expect(stateOf(...rows, removed).reminders).toEqual([])
    const gone: [string, unknown] = ['series:removed', { seriesId: IDS.series, label: 'RSS' }]
    expect(stateOf(...rows, gone).reminders).toEqual([])
  })

  it('keeps experiments by their number and runs by their place, and what was measured when a graph or hypothesis goes', () => {
    const measured = run({ memorySeriesId: IDS.series, iterationsSeriesId: IDS.series, state: 'done' })
    const rows: [string, unknown][] = [
      ['experiment:added', { experiment: experiment({ id: uuid(30), number: 3 }), runs: [] }],
      ['experiment:added', { experiment: experiment(), runs: [run({ id: uuid(31), position: 2 }), run()] }],
      ['experiment:changed', { experiment: experiment({ productionSeriesId: IDS.series }), changed: [] }],
      ['run:changed', { run: measured, title: 'Memcached down', deed: 'ended' }],
      [
        'run:added',
        {
          experiment: experiment({ productionSeriesId: IDS.series }),
          runs: [run({ id: uuid(32), position: 3 })],
        },
      ],
    ]
    const full = stateOf(...rows)
    expect(full.experiments.map(({ number }) => number)).toEqual([2, 3])
    expect(full.runs.map(({ position, state }) => [position, state])).toEqual([
      [1, 'done'],
      [2, 'planned'],
      [3, 'planned'],
    ])
    const bare = stateOf(
      ...rows,
      ['series:removed', { seriesId: IDS.series, label: 'RSS' }],
      ['hypothesis:removed', { hypothesisId: IDS.hypothesis, title: 'Redis' }],
    )
    expect(bare.experiments[0]).toMatchObject({ hypothesisId: null, productionSeriesId: null })
    expect(bare.runs[0]).toMatchObject({ memorySeriesId: null, iterationsSeriesId: null, state: 'done' })
  })

  it('does not change for an event that it holds already, and never mutates', () => {
    const [first] = log(['hypothesis:added', { hypothesis: hypothesis() }])
    const state = applyRoomEvent(Object.freeze(empty), first!)
    expect(applyRoomEvent(state, first!)).toBe(state)
    expect(empty.hypotheses).toEqual([])
  })

  it('moves on over facts that change no row', () => {
    const state = stateOf(
      ['share:created', { role: 'viewer', expiresAt: null }],
      ['document:restored', { label: 'x' }],
      ['ledger:marked', { entry: ledgerEntry() }],
      ['ledger:removed', { entryId: IDS.entry, title: 'Session in the pool' }],
    )
    expect(state).toEqual({ ...empty, seq: 4 })
  })
})

it('names the server where it did something by itself', () => {
  expect(personName(empty, NODE_AUTHOR)).toBe('Leakroom')
  expect(personName(empty, 'token:another')).toBeUndefined()
})

it('a state that was kept before there were queries has none', () => {
  const { queries: _none, ...older } = empty
  expect(RoomState.parse(older).queries).toEqual([])
})

describe('an event from the wire', () => {
  it.each([
    [{ ...eventOf(1), type: 'moon:rose', payload: {} }],
    [{ ...eventOf(0), type: 'member:left', payload: { userId: 'wes' } }],
    [{ ...eventOf(1), type: 'member:left', payload: {} }],
    [
      {
        ...eventOf(1),
        type: 'hypothesis:added',
        payload: { hypothesis: { ...hypothesis(), confidence: { wes: 6 } } },
      },
    ],
    ['nothing'],
  ])('is refused when it is none: %j', (value) => {
    expect(() => readRoomEvent(value)).toThrow()
  })
})
