import { CheckRow } from '#lib/investigation/checks'
import { ExperimentRow, RunRow } from '#lib/investigation/experiments'
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
  experiment: uuid(20),
  run: uuid(21),
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
export const experiment = (given: object = {}): ExperimentRow =>
  ExperimentRow.parse({
    id: IDS.experiment,
    number: 2,
    hypothesisId: IDS.hypothesis,
    kind: 'compare',
    template: null,
    title: 'Memcached down',
    steps: '',
    command: '',
    beforeA: '',
    beforeB: '',
    iterations: '',
    labelA: 'stopped',
    labelB: 'running',
    perArm: 4,
    calibration: 0,
    seed: 1,
    runSeconds: null,
    expectedPerHour: null,
    knownTrouble: '',
    production: null,
    reproduction: null,
    waived: [],
    parity: null,
    productionSeriesId: null,
    productionCounterId: null,
    conclusion: null,
    archived: false,
    version: 1,
    createdBy: IDS.mika,
    createdAt: 0,
    updatedAt: 0,
    ...given,
  })
export const run = (given: object = {}): RunRow =>
  RunRow.parse({
    id: IDS.run,
    experimentId: IDS.experiment,
    position: 1,
    condition: 'A',
    isCalibration: false,
    isAdded: false,
    takenFrom: null,
    process: null,
    memorySeriesId: null,
    iterationsSeriesId: null,
    from: null,
    to: null,
    state: 'planned',
    endedBy: null,
    excluded: null,
    reading: null,
    version: 1,
    ...given,
  })
/** A reading of four runs of each with nothing of them in it but the verdict. */
export const conclusion = (verdict = 'reproduced', given: object = {}) => {
  const arm = (condition: 'A' | 'B', runs: number) => ({
    condition,
    label: condition === 'A' ? 'stopped' : 'running',
    slopes: [],
    mean: null,
    grew: { value: runs / 4, low: 0, high: 1, runs, of: 4 },
  })
  return {
    result: {
      version: 1,
      verdict,
      metric: 'per-iteration',
      a: arm('A', 4),
      b: arm('B', 0),
      difference: null,
      p: 1 / 70,
      wouldHaveSeen: null,
      excluded: [],
      words: 'Reproduced in 4 of 4.',
      reasons: ['Exact permutation test.'],
    },
    words: 'Reproduced in 4 of 4.',
    fix: null,
    production: null,
    parity: null,
    runsLeft: 0,
    notes: [],
    at: 0,
    ...given,
  }
}
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
