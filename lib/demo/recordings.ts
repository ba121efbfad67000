import { join } from 'node:path'

/** Where the demo's files are: prisma/demo/README.md says how each was made. The server runs in the project's root. */
const FOLDER = join(process.cwd(), 'prisma', 'demo')

/** The memory graph: a Ruby process whose cache server is stopped and started again. One sample a second. */
export const GRAPH = {
  path: join(FOLDER, 'article', 'rss-3phase.csv'),
  fileName: 'rss-3phase.csv',
  process: 'app.rb',
  /** Epoch milliseconds of its first sample, as recorded. */
  startedAt: 1_795_426_605_064,
  /** Milliseconds after the first sample at which the cache server went away and came back, and the last sample. */
  stoppedAfter: 90_593,
  startedAgainAfter: 241_282,
  endsAfter: 330_310,
} as const

/** One heap dump of the story. */
export interface Recording {
  readonly path: string
  readonly fileName: string
  readonly label: string
  readonly process: string
  /** Milliseconds after the graph's first sample; null where nobody wrote it down. */
  readonly takenAfter: number | null
  readonly requestCount: number
}

const article = (fileName: string, label: string, takenAfter: number, requestCount: number): Recording => ({
  path: join(FOLDER, 'article', fileName),
  fileName,
  label,
  process: GRAPH.process,
  takenAfter,
  requestCount,
})
const rehearsal = (fileName: string, label: string, requestCount: number): Recording => ({
  path: join(FOLDER, 'ruby-small', fileName),
  fileName,
  label,
  process: 'store, with allocation tracing',
  takenAfter: null,
  requestCount,
})

/** Three dumps of the process of the graph: at the end of each phase. Request counts are the graph's own. */
export const GRAPH_CAPTURES = [
  article('1-end-of-up.json.gz', 'memcached up', 89_600, 53_790),
  article('2-end-of-down.json.gz', 'memcached down', 240_300, 141_420),
  article('3-end-of-up.json.gz', 'up again', 330_300, 194_370),
] as const

/** Three dumps of the same shop in rehearsal, with allocation sites. */
export const TRACED_CAPTURES = [
  rehearsal('trace-1-warm.json.gz', 'warm, 2,500 requests', 2500),
  rehearsal('trace-2-after-4000.json.gz', '6,500 requests', 6500),
  rehearsal('trace-3-after-8000.json.gz', '10,500 requests', 10_500),
] as const

/** Groups of the traced captures that the story pins, as the Growth tab names them. */
export const GROUPS = {
  auditEntry: 'OBJECT · AuditTrail::Entry · /home/app/store/ruby/app/lib/audit_trail.rb:14 new',
  quote: 'STRUCT · QuoteMemo::Quote · /home/app/store/ruby/app/lib/quote_memo.rb:6 new',
  callback:
    'DATA · Proc · /usr/share/rubygems-integration/all/gems/activesupport-6.1.7.10/lib/active_support/callbacks.rb:425 lambda',
} as const
