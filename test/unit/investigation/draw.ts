import { CheckRow } from '#lib/investigation/checks'
import { UserId } from '#lib/investigation/ids'
import {
  CaptureRow,
  EvidenceRow,
  HypothesisRow,
  InvestigationRow,
  LedgerEntryRow,
  MarkRow,
  MessageRow,
  ReminderRow,
  SavedQueryRow,
  SeriesRow,
} from '#lib/investigation/rows'
import { SourceRow } from '#lib/investigation/sources'

// Rows as a test needs them: everything plain, with what the test is about given by name.

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
export const IDS = {
  room: uuid(1),
  hypothesis: uuid(2),
  evidence: uuid(3),
  message: uuid(4),
  mark: uuid(5),
  capture: uuid(6),
  series: uuid(7),
  query: uuid(8),
  entry: uuid(9),
  reminder: uuid(10),
  check: uuid(30),
  source: uuid(30),
  mika: UserId.parse('mika'),
  wes: UserId.parse('wes'),
}
export { uuid }

/** An event's envelope: Mika, in the room, `seq` seconds after the epoch. */
export const eventOf = (seq: number) => ({
  investigationId: IDS.room,
  seq,
  actorId: IDS.mika,
  actorName: 'Mika',
  at: seq * 1000,
})

export const investigation = (given: object = {}): InvestigationRow =>
  InvestigationRow.parse({
    id: IDS.room,
    title: 'Memory climbs',
    status: 'investigating',
    valuesHidden: false,
    demo: false,
    version: 1,
    createdAt: 0,
    ...given,
  })
export const hypothesis = (given: object = {}): HypothesisRow =>
  HypothesisRow.parse({
    id: IDS.hypothesis,
    title: 'Redis',
    status: 'hunch',
    statusReason: null,
    rank: 'a0',
    ownerId: null,
    confidence: {},
    version: 1,
    createdBy: IDS.mika,
    createdAt: 0,
    updatedAt: 0,
    ...given,
  })
export const evidence = (given: object = {}): EvidenceRow =>
  EvidenceRow.parse({
    id: IDS.evidence,
    title: 'RSS climbs',
    ref: { kind: 'note', quote: 'q' },
    createdBy: IDS.mika,
    createdAt: 0,
    ...given,
  })
export const message = (given: object = {}): MessageRow =>
  MessageRow.parse({
    id: IDS.message,
    seq: 1,
    authorId: IDS.mika,
    body: `look at\n[[pin:${IDS.evidence}]], @[Wes](wes)`,
    version: 1,
    createdAt: 0,
    editedAt: null,
    deleted: false,
    ...given,
  })
export const mark = (given: object = {}): MarkRow =>
  MarkRow.parse({
    id: IDS.mark,
    kind: 'deploy',
    label: 'v42',
    at: 0,
    until: null,
    version: 1,
    createdBy: IDS.mika,
    ...given,
  })
export const capture = (given: object = {}): CaptureRow =>
  CaptureRow.parse({
    id: IDS.capture,
    label: 'warm',
    fileName: 'warm.json',
    rank: 'a0',
    state: 'ready',
    problem: null,
    sha256: null,
    format: null,
    size: 1,
    takenAt: null,
    process: null,
    requestCount: null,
    totals: null,
    version: 1,
    createdBy: IDS.mika,
    createdAt: 0,
    ...given,
  })
export const series = (given: object = {}): SeriesRow =>
  SeriesRow.parse({
    id: IDS.series,
    name: 'rss',
    label: 'RSS',
    process: '',
    unit: 'bytes',
    source: 'file',
    points: 0,
    from: null,
    to: null,
    version: 1,
    createdBy: IDS.mika,
    createdAt: 0,
    ...given,
  })
export const reminder = (given: object = {}): ReminderRow =>
  ReminderRow.parse({
    id: IDS.reminder,
    seriesId: IDS.series,
    label: 'RSS',
    from: null,
    dueAt: 60_000,
    state: 'waiting',
    looks: 0,
    outcome: null,
    version: 1,
    createdBy: IDS.mika,
    createdAt: 0,
    ...given,
  })
export const source = (given: object = {}): SourceRow =>
  SourceRow.parse({
    id: IDS.source,
    url: 'http://prom:9090',
    query: 'process_resident_memory_bytes',
    stepSeconds: 15,
    refreshSeconds: 30,
    from: 0,
    labels: ['RSS shop'],
    follows: false,
    startTimes: true,
    hasAuthorization: false,
    state: 'ok',
    problem: null,
    version: 1,
    createdBy: IDS.mika,
    createdAt: 0,
    ...given,
  })
export const check = (given: object = {}): CheckRow =>
  CheckRow.parse({
    id: IDS.check,
    hypothesisId: IDS.hypothesis,
    predicate: { kind: 'place', part: 'native', side: 'over', percent: 70, range: null },
    sentence: 'Native share of the growth over 70 %',
    outcome: {
      version: 1,
      state: 'supported',
      words: 'Native: 96 % (88 to 103 %) of the growth.',
      missing: null,
      decidableAt: null,
      evidence: [],
      methods: ['where it grows 1'],
      at: 0,
    },
    version: 1,
    createdBy: IDS.mika,
    createdAt: 0,
    ...given,
  })
export const query = (given: object = {}): SavedQueryRow =>
  SavedQueryRow.parse({
    id: IDS.query,
    title: 'Largest',
    sql: 'select class from objects',
    version: 1,
    createdBy: IDS.mika,
    createdAt: 0,
    updatedAt: 0,
    ...given,
  })
export const ledgerEntry = (given: object = {}): LedgerEntryRow =>
  LedgerEntryRow.parse({
    id: IDS.entry,
    fingerprint: 'class=Session/owner=module Pool',
    title: 'Session in the pool',
    verdict: 'expected',
    reason: 'the pool is bounded',
    expiresAt: null,
    bound: 1000,
    investigationId: IDS.room,
    version: 1,
    createdBy: IDS.mika,
    createdAt: 0,
    updatedAt: 0,
    ...given,
  })
