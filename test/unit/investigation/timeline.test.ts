import { describe, expect, it } from 'vitest'
import { ROOM_EVENTS, type RoomEvent, type RoomEventType, readRoomEvent } from '#lib/investigation/events'
import { describeEvent, namesOf } from '#lib/investigation/timeline'
import {
  capture,
  check,
  conclusion,
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

const names = namesOf({
  members: [{ userId: IDS.wes, name: 'Wes', role: 'editor' }],
  formerNames: {},
  hypotheses: [hypothesis()],
  evidence: [evidence()],
})
const say = (event: RoomEvent) => describeEvent(event, names).text
const link = {
  evidenceId: IDS.evidence,
  hypothesisId: IDS.hypothesis,
  stance: 'for' as const,
  note: '',
  version: 1,
  createdBy: IDS.mika,
  createdAt: 0,
}

/** One event of every type, and the sentence that the timeline shows for it. */
const SENTENCES: { readonly [T in RoomEventType]: readonly [payload: unknown, sentence: string] } = {
  'investigation:opened': [
    { investigation: investigation() },
    'Mika opened the investigation “Memory climbs”',
  ],
  'investigation:changed': [
    { investigation: investigation({ status: 'cause-found' }), changed: ['title', 'status'] },
    'Mika renamed the investigation to “Memory climbs” and set the investigation to “cause found”',
  ],
  'member:joined': [{ member: { userId: IDS.mika, name: 'Mika', role: 'viewer' } }, 'Mika joined as viewer'],
  'member:left': [{ userId: IDS.wes }, 'Mika removed Wes'],
  'hypothesis:added': [{ hypothesis: hypothesis() }, 'Mika added the hypothesis “Redis”'],
  'hypothesis:changed': [
    { hypothesis: hypothesis({ ownerId: IDS.wes }), changed: ['owner'] },
    'Mika gave “Redis” to Wes',
  ],
  'hypothesis:moved': [{ hypothesis: hypothesis() }, 'Mika moved “Redis” in the list'],
  'hypothesis:status-changed': [
    { hypothesis: hypothesis({ status: 'ruled-out', statusReason: 'flat without it' }), from: 'testing' },
    'Mika ruled out “Redis”: flat without it',
  ],
  'hypothesis:removed': [
    { hypothesisId: IDS.hypothesis, title: 'Redis' },
    'Mika removed the hypothesis “Redis”',
  ],
  'confidence:set': [
    { hypothesis: hypothesis({ confidence: { [IDS.mika]: 4 } }) },
    'Mika gave “Redis” a confidence of 4 of 5',
  ],
  'check:added': [{ check: check() }, 'Mika added the check “Native share of the growth over 70 %”'],
  'check:changed': [{ check: check() }, 'Mika changed a check to “Native share of the growth over 70 %”'],
  'check:evaluated': [
    { check: check(), from: 'untested' },
    'Mika found “Native share of the growth over 70 %” supported: Native: 96 % (88 to 103 %) of the growth',
  ],
  'check:removed': [
    { checkId: IDS.check, sentence: 'Count of Session grows every time' },
    'Mika removed the check “Count of Session grows every time”',
  ],
  'evidence:pinned': [{ evidence: evidence() }, 'Mika pinned “RSS climbs”'],
  'evidence:changed': [{ evidence: evidence() }, 'Mika brought “RSS climbs” up to date'],
  'evidence:linked': [{ link }, 'Mika pinned “RSS climbs” for “Redis”'],
  'evidence:unlinked': [
    { evidenceId: IDS.evidence, hypothesisId: IDS.hypothesis },
    'Mika took “RSS climbs” away from “Redis”',
  ],
  'message:posted': [{ message: message() }, 'Mika wrote “look at (pin), @Wes”'],
  'message:changed': [{ message: message({ deleted: true, body: '' }) }, 'Mika deleted a message'],
  'mark:added': [{ mark: mark() }, 'Mika marked “v42” (deploy) on the graph'],
  'mark:changed': [{ mark: mark() }, 'Mika changed the mark “v42”'],
  'mark:removed': [{ markId: IDS.mark, label: 'v42' }, 'Mika removed the mark “v42”'],
  'limit:set': [
    { limit: { id: IDS.mark, kind: 'ram', label: 'RAM', bytes: 1, version: 1 } },
    'Mika set the limit “RAM”',
  ],
  'limit:removed': [{ limitId: IDS.mark, label: 'RAM' }, 'Mika removed the limit “RAM”'],
  'capture:added': [{ capture: capture() }, 'Mika started to attach the capture “warm”'],
  'capture:changed': [
    { capture: capture(), changed: ['label', 'requests'] },
    'Mika changed the label and request count of the capture “warm”',
  ],
  'capture:state-changed': [
    { capture: capture({ state: 'failed', problem: 'It stops short.' }) },
    'Mika could not read “warm”: It stops short',
  ],
  'capture:removed': [{ captureId: IDS.capture, label: 'warm' }, 'Mika removed the capture “warm”'],
  'series:added': [{ series: series() }, 'Mika attached the series “RSS”'],
  'series:changed': [{ series: series() }, 'Mika extended the series “RSS”'],
  'series:removed': [{ seriesId: IDS.series, label: 'RSS' }, 'Mika removed the series “RSS”'],
  'reminder:set': [{ reminder: reminder() }, 'Mika asked the room to look at “RSS” again'],
  'reminder:due': [
    {
      reminder: reminder({
        state: 'told',
        looks: 1,
        outcome: { at: 1, verdict: 'decided', words: 'Growing so far: +1.0 MiB/h.' },
      }),
    },
    'Mika looked at “RSS” again: Growing so far: +1.0 MiB/h',
  ],
  'reminder:removed': [{ reminderId: IDS.reminder, label: 'RSS' }, 'Mika took back the reminder of “RSS”'],
  'source:added': [{ source: source() }, 'Mika began to fetch from “prom:9090” every 30 s'],
  'source:changed': [
    { source: source({ state: 'failing', problem: 'It hung up.' }), changed: 'failing' },
    'Mika could not fetch from “prom:9090”: It hung up',
  ],
  'source:removed': [{ sourceId: IDS.source, host: 'prom:9090' }, 'Mika ended fetching from “prom:9090”'],
  'experiment:added': [
    { experiment: experiment(), runs: [run(), run({ id: uuid(22), position: 2 })] },
    'Mika planned the experiment “Memcached down” with 2 runs for “Redis”',
  ],
  'experiment:changed': [
    { experiment: experiment(), changed: ['production', 'waived'] },
    'Mika changed the environment of production of the experiment “Memcached down” and changed the differences that do not matter of the experiment “Memcached down”',
  ],
  'experiment:concluded': [
    { experiment: experiment({ conclusion: conclusion() }) },
    'Mika read the experiment “Memcached down”: Reproduced in 4 of 4',
  ],
  'run:added': [
    { experiment: experiment(), runs: [run({ position: 9 }), run({ position: 10, condition: 'B' })] },
    'Mika added run 9 (A) and run 10 (B) to the experiment “Memcached down”',
  ],
  'run:changed': [
    { run: run(), title: 'Memcached down', deed: 'excluded', reason: 'a backup ran' },
    'Mika excluded run 1 (A) of “Memcached down”: a backup ran',
  ],
  'ledger:marked': [
    { entry: ledgerEntry() },
    'Mika marked “Session in the pool” as expected up to 1,000: the pool is bounded',
  ],
  'ledger:removed': [
    { entryId: IDS.entry, title: 'Session in the pool' },
    'Mika took “Session in the pool” out of the team’s ledger',
  ],
  'query:saved': [{ query: query() }, 'Mika saved the query “Largest”'],
  'query:removed': [{ queryId: IDS.query, title: 'Largest' }, 'Mika removed the query “Largest”'],
  'value:revealed': [
    { captureId: IDS.capture, captureLabel: 'warm', object: 7, key: '0x7f01', what: 'String' },
    'Mika looked at the value of String 0x7f01 in “warm”',
  ],
  'agent:appeared': [
    { process: 'app-07', host: 'web-1' },
    'Mika began to send the memory of “app-07” on web-1',
  ],
  'snapshot:asked': [{ requestId: IDS.capture, process: 'app-07' }, 'Mika asked “app-07” for a snapshot'],
  'snapshot:failed': [
    { requestId: IDS.capture, process: 'app-07', problem: 'no space left.' },
    'Mika could not take a snapshot of “app-07”: no space left',
  ],
  'share:created': [{ role: 'viewer', expiresAt: null }, 'Mika made a share link for the role viewer'],
  'share:revoked': [{ role: 'viewer' }, 'Mika ended a share link for the role viewer'],
  'document:version-saved': [{ label: 'daily', seq: 3 }, 'Mika kept the notes as they stand (daily)'],
  'document:restored': [{ label: 'daily' }, 'Mika brought the notes back to “daily”'],
}

describe('the timeline', () => {
  it.each([
    [conclusion('reproduced'), 'for'],
    [conclusion('reproduced', { runsLeft: 1 }), 'quiet'],
    [conclusion('not-reproduced', { parity: 0.8 }), 'against'],
    [conclusion('not-reproduced', { parity: 0.6 }), 'plain'],
    [conclusion('not-reproduced'), 'plain'],
    [conclusion('grows-in-both', { parity: 1 }), 'plain'],
    [null, 'quiet'],
  ] as const)('gives an experiment the tone of what it says of its hypothesis', (said, tone) => {
    const payload = { experiment: experiment({ conclusion: said }) }
    const event = readRoomEvent({ ...eventOf(1), type: 'experiment:concluded', payload })
    expect(describeEvent(event, names).tone).toBe(tone)
  })

  it.each([
    [
      { state: 'done', endedBy: 'quiet' },
      'ended',
      'ended run 1 (A) of “Memcached down”, for nothing was heard of it any more',
    ],
    [{ state: 'done', endedBy: 'mark' }, 'ended', 'ended run 1 (A) of “Memcached down”'],
    [{ state: 'running' }, 'started', 'began run 1 (A) of “Memcached down”'],
    [{}, 'detached', 'took the graph away from run 1 (A) of “Memcached down”'],
    [{}, 'included', 'counts run 1 (A) of “Memcached down” again'],
  ])('tells of a run what was done: %o %s', (given, deed, sentence) => {
    const payload = { run: run(given), title: 'Memcached down', deed }
    const event = readRoomEvent({ ...eventOf(1), type: 'run:changed', payload })
    expect(describeEvent(event, names).deed).toBe(sentence)
  })

  it.each(Object.entries(SENTENCES))('says what happened: %s', (type, [payload, sentence]) => {
    expect(say(readRoomEvent({ ...eventOf(1), type, payload }))).toBe(sentence)
  })

  it('has a sentence for every type of event', () => {
    expect(Object.keys(SENTENCES).sort()).toEqual(Object.keys(ROOM_EVENTS).sort())
  })

  it('names what it does not know by its kind', () => {
    const event = readRoomEvent({ ...eventOf(1), type: 'evidence:linked', payload: { link } })
    const nobody = namesOf({ members: [], formerNames: {}, hypotheses: [], evidence: [] })
    expect(describeEvent(event, nobody).text).toBe('Mika pinned a piece of evidence for a hypothesis')
  })

  it('tells a reopening from a first test', () => {
    const testing = { hypothesis: hypothesis({ status: 'testing' }) }
    const event = (from: string) =>
      readRoomEvent({ ...eventOf(1), type: 'hypothesis:status-changed', payload: { ...testing, from } })
    expect(say(event('hunch'))).toBe('Mika started testing “Redis”')
    expect(say(event('ruled-out'))).toBe('Mika reopened “Redis” as testing')
  })

  it('gives evidence the tone of its stance', () => {
    const tone = (stance: string) =>
      describeEvent(
        readRoomEvent({ ...eventOf(1), type: 'evidence:linked', payload: { link: { ...link, stance } } }),
        names,
      ).tone
    expect(['for', 'against', 'neutral'].map(tone)).toEqual(['for', 'against', 'plain'])
  })
})
