import { FRAGMENTS } from '#lib/realtime/protocol'
import type { Block } from './rich-text.ts'

/** The three hypotheses that have text of their own. */
export interface StoryHypotheses {
  readonly client: string
  readonly audit: string
  readonly callbacks: string
}

const paragraph = (...runs: Extract<Block, { kind: 'paragraph' }>['runs']): Block => ({
  kind: 'paragraph',
  runs,
})

const NOTES: readonly Block[] = [
  { kind: 'heading', level: 1, text: 'The store grows when memcached is away' },
  paragraph(
    'Since the cache nodes were moved, app servers climb over their limit and a script restarts them. We play it through with one process, ',
    { code: 'app.rb' },
    ', and its own memcached: up, stopped, up again.',
  ),
  { kind: 'heading', level: 2, text: 'What we know' },
  {
    kind: 'table',
    rows: [
      ['phase', 'RSS', 'objects in the Ruby heap', 'failed writes'],
      ['memcached up', '18.9 MiB, flat', '18,311', '0'],
      ['memcached down', '18.9 → 111.3 MiB', '18,321', '87,630'],
      ['up again', '113.1 MiB, flat', '18,321', '0'],
    ],
  },
  {
    kind: 'bullets',
    items: [
      ['RSS climbs only while memcached is down, in a straight line.'],
      ['The Ruby heap holds ten objects more than before. What grows is not in it.'],
      ['About 1,105 bytes per failed write: the value (1,000) and a little more.'],
      ['The memory is not given back when memcached returns.'],
    ],
  },
  { kind: 'heading', level: 2, text: 'How to reproduce' },
  {
    kind: 'code',
    language: 'ruby',
    text: "cache = FakeMc.new('127.0.0.1', 11311)   # nobody listens there\nloop { cache.set('user:1', 'x' * 1000) }",
  },
  { kind: 'heading', level: 2, text: 'A second one, found on the way' },
  paragraph(
    'The rehearsal with allocation tracing shows growth of its own: one ',
    { code: 'AuditTrail::Entry' },
    ' per request, and one ',
    { code: 'QuoteMemo::Quote' },
    ' per ten. Smaller than the first, but it never stops either.',
  ),
  { kind: 'heading', level: 2, text: 'To do' },
  {
    kind: 'tasks',
    items: [
      { done: true, runs: ['Dumps of the process in all three phases'] },
      { done: true, runs: ['Rehearsal with ', { code: 'trace_object_allocations' }] },
      { done: false, runs: ['Run the loop under Valgrind and look at ', { code: 'mc_set' }] },
      { done: false, runs: ['Give ', { code: 'AuditTrail::ENTRIES' }, ' a bound, or write it out'] },
    ],
  },
]

/** All shared text of the demo by fragment: the notes, and what stands under the hypotheses. */
export const sharedText = ({ client, audit, callbacks }: StoryHypotheses): Map<string, readonly Block[]> =>
  new Map([
    [FRAGMENTS.notes, NOTES],
    [
      FRAGMENTS.rationale(client),
      [
        paragraph(
          'Growth starts and ends with memcached. The Ruby heap stays as it is, so it has to be memory that Ruby does not know: the extension allocates an error with a copy of the value when a write fails. Is it ever freed?',
        ),
      ],
    ],
    [
      FRAGMENTS.nextStep(client),
      [paragraph('Run the one-line loop under Valgrind for 3,000 and for 9,000 writes and compare.')],
    ],
    [
      FRAGMENTS.rationale(audit),
      [
        paragraph(
          { code: 'AuditTrail.record' },
          ' appends to a constant array on every request and nothing takes entries out. The counts are exactly the requests: 2,500, 6,500, 10,500.',
        ),
      ],
    ],
    [FRAGMENTS.nextStep(audit), [paragraph('Write entries to the log and keep the last 1,000.')]],
    [
      FRAGMENTS.rationale(callbacks),
      [
        paragraph(
          'They are the largest rows of a comparison of the first two dumps. But the first dump was taken when 6 of 40 models had been used, and the second after all 40.',
        ),
      ],
    ],
  ])
