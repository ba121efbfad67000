import { randomUUID } from 'node:crypto'
import { seedAccess } from '#lib/auth/gate'
import { runCommand } from '#lib/db/commands'
import { type DemoPerson, headOf, joinDemo, retime } from '#lib/db/demo'
import type { WriteAccess } from '#lib/investigation/access'
import { EvidenceId, type HypothesisId, type InvestigationId } from '#lib/investigation/ids'
import type { CaptureRow, EvidenceRef, HypothesisRow, SeriesRow, Stance } from '#lib/investigation/rows'
import type { CommandName, CommandReply, CommandSent } from '#lib/realtime/commands'
import { GRAPH, GROUPS, TRACED_CAPTURES } from './recordings.ts'

/** What the story is told with: the room, its people, its clock, and the ways to attach real files. */
export interface Stage {
  readonly investigationId: InvestigationId
  readonly people: { readonly mika: DemoPerson; readonly wes: DemoPerson; readonly jo: DemoPerson }
  readonly hypotheses: Record<'client' | 'audit' | 'callbacks' | 'quotes', HypothesisId>
  /** Epoch milliseconds at which the recording began, in the story's time. */
  readonly startedAt: number
  attachGraph(access: WriteAccess): Promise<readonly SeriesRow[]>
  attachGraphCaptures(access: WriteAccess): Promise<readonly CaptureRow[]>
  attachTracedCaptures(access: WriteAccess): Promise<readonly CaptureRow[]>
}

/** Plays the whole story, in order, through the same commands as real people's. */
export async function tell(stage: Stage): Promise<void> {
  const { mika, wes, jo } = await cast(stage)
  const { client, audit, callbacks, quotes } = stage.hypotheses
  await retime(mika.access, 0, mika.at(0.1))
  for (const [index, actor] of [mika, wes, jo].entries()) {
    await joinDemo(actor.access, actor.person, actor.at(0.2 + index / 4))
  }

  const series = await mika.attach(1, stage.attachGraph)
  const rss = series.find((row) => row.name === 'rss') ?? series[0]
  if (!rss) throw new Error('the demo’s graph has no series')
  const failures = series.find((row) => row.name === 'failures') ?? rss
  await mika.do(1.2, 'limit:set', {
    id: randomUUID(),
    kind: 'cgroup',
    label: 'container',
    bytes: 128 * 1024 ** 2,
  })
  await mika.say(2.4, 'RSS of app.rb has been climbing for a minute, straight up. Nobody deployed anything.')
  await wes.suspect(2.8, audit, 'The audit trail keeps an entry per request')
  await wes.suspect(3.1, callbacks, 'ActiveSupport callbacks pile up')
  await jo.say(
    3.4,
    `@[${mika.person.name}](${mika.person.userId}) did anything happen to the cache at that moment?`,
  )
  const stopped = stage.startedAt + GRAPH.stoppedAfter
  const startedAgain = stage.startedAt + GRAPH.startedAgainAfter
  await mika.do(4.1, 'mark:add', {
    id: randomUUID(),
    kind: 'outage',
    label: 'memcached stopped',
    at: stopped,
    until: startedAgain,
  })
  await mika.do(4.2, 'mark:add', {
    id: randomUUID(),
    kind: 'note',
    label: 'memcached started again',
    at: startedAgain,
  })
  await mika.say(
    4.3,
    'memcached was stopped just then. It is back now, and the curve is flat again. Flat, but not lower.',
  )
  await jo.suspect(4.6, client, 'The native cache client leaks on failed writes')
  await jo.do(4.8, 'hypothesis:set-status', { id: client, version: 1, to: 'testing', reason: '' })

  const climb = await mika.pin(5, 'RSS climbs while memcached is down', {
    kind: 'series-range',
    seriesIds: [rss.id],
    from: stopped,
    to: startedAgain,
    reading: 'RSS 18.9 → 111.3 MiB in 2 min 31 s, about 630 KiB/s',
  })
  await mika.link(5.1, climb, client, 'for', 'It begins and ends with the outage.')
  const plateau = await jo.pin(5.6, 'RSS is flat again, and not given back', {
    kind: 'series-range',
    seriesIds: [rss.id],
    from: startedAgain,
    to: stage.startedAt + GRAPH.endsAfter,
    reading: 'RSS 113.1 MiB, flat for 1 min 29 s',
  })
  await jo.link(5.7, plateau, client, 'for', 'With writes that succeed nothing grows.')

  const dumps = await wes.attach(6.5, stage.attachGraphCaptures)
  const [up, down] = dumps
  if (!up || !down) throw new Error('the demo lacks its captures')
  await wes.say(
    7,
    'Three dumps of the same process, one per phase. 18,311, 18,321 and 18,321 objects: the Ruby heap does not grow at all.',
  )
  const flat = await wes.pin(7.2, 'Ruby heap while RSS climbs: 10 objects more', {
    kind: 'capture',
    captureId: down.id,
    view: '',
  })
  await wes.link(7.3, flat, client, 'for', 'What grows is outside the Ruby heap.')
  await wes.link(7.4, flat, audit, 'against', 'This process keeps no audit entries.')
  await jo.say(
    8,
    `So it is C-land: [[pin:${climb}]] against [[pin:${flat}]]. 96.9 MB over 87,630 failed writes is about 1,105 bytes each. The values have 1,000.`,
  )
  const perFailure = await jo.pin(8.3, 'Failed writes climb with RSS', {
    kind: 'series-range',
    seriesIds: failures.id === rss.id ? [rss.id] : [rss.id, failures.id],
    from: stopped,
    to: startedAgain,
    reading: '87,630 failed writes, about 1,105 bytes of RSS each',
  })
  await jo.link(8.4, perFailure, client, 'for')
  for (const [actor, value] of [
    [mika, 4],
    [wes, 4],
    [jo, 5],
  ] as const) {
    await actor.do(9, 'confidence:set', { hypothesisId: client, value })
  }

  const traced = (await wes.attach(11, stage.attachTracedCaptures)).map((row) => row.id)
  await wes.say(11.5, 'The rehearsal with allocation tracing. It has growth of its own.')
  const row = (group: string, reading: string): EvidenceRef => ({
    kind: 'growth-row',
    captureIds: traced,
    group,
    reading,
  })
  const entries = await wes.pin(
    12,
    'AuditTrail::Entry: one per request',
    row(GROUPS.auditEntry, '2,500 → 6,500 → 10,500, one per request'),
  )
  await wes.link(12.1, entries, audit, 'for', 'Exactly the number of requests.')
  const procs = await wes.pin(
    12.6,
    'Callback procs: flat from the second dump on',
    row(GROUPS.callback, 'grew once, 765 → 765 between the last two'),
  )
  await wes.link(12.7, procs, callbacks, 'against', '4,000 requests more, not one proc more.')
  await wes.do(12.9, 'hypothesis:set-status', {
    id: callbacks,
    version: 1,
    to: 'ruled-out',
    reason: 'they are built once per model and flat between the second and the third dump',
  })
  const quoteRows = await jo.pin(
    13.4,
    'QuoteMemo::Quote: one per ten requests',
    row(GROUPS.quote, '250 → 650 → 1,050'),
  )
  await jo.suspect(13.6, quotes, 'The quote memo has no bound')
  await jo.link(13.7, quoteRows, quotes, 'for')
  const tested = await wes.do(14, 'hypothesis:set-status', {
    id: audit,
    version: 1,
    to: 'testing',
    reason: '',
  })
  const supported = await wes.do(15, 'hypothesis:set-status', {
    id: audit,
    version: tested.version,
    to: 'supported',
    reason: 'entries are exactly the requests in all three dumps',
  })
  await jo.say(16, `[[pin:${entries}]] settles it for me: ENTRIES is only ever appended to.`)
  await jo.do(16.2, 'hypothesis:set-status', {
    id: audit,
    version: supported.version,
    to: 'confirmed',
    reason: 'read audit_trail.rb: nothing takes entries out',
  })
  for (const [actor, hypothesisId, value] of [
    [wes, audit, 5],
    [jo, audit, 5],
    [jo, quotes, 3],
    [wes, callbacks, 1],
  ] as const) {
    await actor.do(17, 'confidence:set', { hypothesisId, value })
  }
  await jo.do(17.5, 'hypothesis:change', { id: client, version: 2, ownerId: jo.person.userId })
  await jo.do(17.6, 'hypothesis:move', { id: client, after: null, before: audit })
  await mika.say(
    18,
    `Two different things then. Audit trail is confirmed. @[${jo.person.name}](${jo.person.userId}) takes the cache client: Valgrind on the one-line loop is next.`,
  )
  // Last of all: the server tests them as soon as they stand here, in its own time.
  const native = { kind: 'place', part: 'native', side: 'over', percent: 70, range: null } as const
  await jo.do(18.2, 'check:add', { id: randomUUID(), hypothesisId: client, predicate: native })
  const inOutage = { kind: 'outages', range: null } as const
  await jo.do(18.3, 'check:add', { id: randomUUID(), hypothesisId: client, predicate: inOutage })
  await wes.do(18.4, 'check:add', {
    id: randomUUID(),
    hypothesisId: audit,
    predicate: {
      kind: 'group',
      group: { by: 'class', className: 'AuditTrail::Entry' },
      process: TRACED_CAPTURES[0].process,
      measure: 'count',
      claim: { is: 'grows-every-time' },
    },
  })
}

/** A person on stage: everything she does carries the minute of the story at which she does it. */
interface Actor {
  readonly person: DemoPerson
  readonly access: WriteAccess
  at(minute: number): Date
  do<C extends CommandName>(minute: number, name: C, body: CommandSent<C>): Promise<CommandReply<C>>
  say(minute: number, body: string): Promise<unknown>
  suspect(minute: number, id: HypothesisId, title: string): Promise<HypothesisRow>
  pin(minute: number, title: string, ref: EvidenceRef): Promise<EvidenceId>
  link(
    minute: number,
    evidenceId: EvidenceId,
    to: HypothesisId,
    stance: Stance,
    note?: string,
  ): Promise<unknown>
  attach<R>(minute: number, attach: (access: WriteAccess) => Promise<R>): Promise<R>
}

async function cast(stage: Stage): Promise<Record<'mika' | 'wes' | 'jo', Actor>> {
  const { mika, wes, jo } = stage.people
  return { mika: await actor(stage, mika), wes: await actor(stage, wes), jo: await actor(stage, jo) }
}

async function actor({ investigationId, startedAt }: Stage, person: DemoPerson): Promise<Actor> {
  const access = await seedAccess(investigationId, person)
  const at = (minute: number) => new Date(Math.round(startedAt + minute * 60_000))
  const act: Actor['do'] = (minute, name, body) => runCommand(access, randomUUID(), name, body, at(minute))
  return {
    person,
    access,
    at,
    do: act,
    say: (minute, body) => act(minute, 'message:post', { id: randomUUID(), body }),
    suspect: (minute, id, title) => act(minute, 'hypothesis:add', { id, title }),
    async pin(minute, title, ref) {
      const id = EvidenceId.parse(randomUUID())
      await act(minute, 'evidence:pin', { id, title, ref })
      return id
    },
    link: (minute, evidenceId, hypothesisId, stance, note = '') =>
      act(minute, 'evidence:link', { evidenceId, hypothesisId, stance, note }),
    async attach(minute, attach) {
      const before = await headOf(access)
      const attached = await attach(access)
      await retime(access, before, at(minute))
      return attached
    },
  }
}
