import { z } from 'zod'
import { SourceId, UserId } from './ids.ts'
import { SeriesUnit } from './rows.ts'

// A source: a Prometheus that the server asks again and again on behalf of a room. Times are epoch milliseconds.

/** The most of each that one source may ask for. */
export const SOURCE_LIMITS = {
  /** Per room. */
  sources: 20,
  series: 50,
  /** Characters of a PromQL expression. */
  query: 4000,
  stepSeconds: { least: 1, most: 86_400 },
  /** Of one series, from the beginning of the range until now. */
  points: 200_000,
  days: 90,
} as const

/** How far back a source may reach at this step, in milliseconds. */
export const longestRange = (stepMs: number): number =>
  Math.min(SOURCE_LIMITS.days * 86_400_000, SOURCE_LIMITS.points * stepMs)

/** How often a source is asked again; 0: once. */
export const REFRESH_SECONDS = [30, 60, 300, 0] as const

/**
 * A Prometheus' address: http or https, a path at most. Who comes in is not written into it, because addresses are shown.
 * Where it leads is judged when it is connected to (lib/sources/addresses.ts).
 */
export const SourceUrl = z
  .string()
  .trim()
  .max(500)
  .transform((text, context) => {
    const url = URL.canParse(text) ? new URL(text) : undefined
    const isPlain = url && ['http:', 'https:'].includes(url.protocol) && url.hostname !== ''
    if (isPlain && !url.username && !url.password && !url.search && !url.hash) {
      return url.href.replace(/\/+$/, '')
    }
    context.addIssue({ code: 'custom', message: sentenceAbout(url) })
    return z.NEVER
  })

function sentenceAbout(url: URL | undefined): string {
  if (url?.username || url?.password) return 'a password does not belong into an address'
  if (url?.search || url?.hash) return 'an address has no ? and no # here'
  return 'an address begins with http:// or https://'
}

/** Host and port, which is what people call a source by. */
export const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url).slice(0, 120)

/** One series of a query, and what it stands for in the room. */
export const SourceSeries = z.object({
  /** Metric and labels as Prometheus tells them (lib/formats/prometheus-range/matrix.ts). */
  key: z.string().min(1).max(4000),
  /** rss, heap-live, requests, … */
  name: z.string().min(1).max(60),
  label: z.string().min(1).max(200),
  process: z.string().max(120),
  unit: SeriesUnit,
  /** Prometheus' value × factor = value in `unit`. */
  factor: z
    .number()
    .positive()
    .max(2 ** 50),
})
export type SourceSeries = z.infer<typeof SourceSeries>

/** `done`: was to be fetched once, and has been. */
export const SourceState = z.enum(['ok', 'failing', 'paused', 'done'])
export type SourceState = z.infer<typeof SourceState>

export const SourceRow = z.object({
  id: SourceId,
  url: z.string(),
  query: z.string(),
  stepSeconds: z.int().positive(),
  refreshSeconds: z.int().nonnegative(),
  /** Where the range begins. */
  from: z.number(),
  /** What it feeds, as the graph calls it. */
  labels: z.array(z.string()),
  /** Series of the same metrics that the query answers later are taken, too. */
  follows: z.boolean(),
  /** Restarts are read from the start times that the same Prometheus has. */
  startTimes: z.boolean(),
  /** Asks with an `Authorization` header, whose value never leaves the server. */
  hasAuthorization: z.boolean(),
  state: SourceState,
  /** What was wrong when the state became failing; SourceTimes has what is wrong now. */
  problem: z.string().nullable(),
  version: z.int().positive(),
  createdBy: UserId,
  createdAt: z.number(),
})
export type SourceRow = z.infer<typeof SourceRow>

/** What changes with every fetch and so stands in no log: asked for, not folded. */
export const SourceTimes = z.object({
  sources: z.array(
    z.object({
      id: SourceId,
      /** The end of what has been fetched. */
      reachedAt: z.number().nullable(),
      lastAt: z.number().nullable(),
      nextAt: z.number().nullable(),
      /** The sentence of the last fetch, if it failed. */
      lastError: z.string().nullable(),
    }),
  ),
})
export type SourceTimes = z.infer<typeof SourceTimes>

/** What changed about a source, for the timeline. */
export const SourceChange = z.enum(['paused', 'resumed', 'refresh', 'failing', 'recovered', 'finished'])
export type SourceChange = z.infer<typeof SourceChange>

const EVERY_WORDS: ReadonlyMap<number, string> = new Map([
  [0, 'once'],
  [30, 'every 30 s'],
  [60, 'every minute'],
  [300, 'every 5 min'],
])
/** "every 30 s", "once". */
export const everyWords = (refreshSeconds: number): string =>
  EVERY_WORDS.get(refreshSeconds) ?? `every ${refreshSeconds} s`

/** A change of a source as the timeline tells it, without who. */
export function sourceDeed(source: SourceRow, change: SourceChange): string {
  const host = `“${hostOf(source.url)}”`
  switch (change) {
    case 'paused':
      return `paused fetching from ${host}`
    case 'resumed':
      return `let ${host} be fetched from again`
    case 'refresh':
      return `set ${host} to be fetched ${everyWords(source.refreshSeconds)}`
    case 'failing':
      return `could not fetch from ${host}: ${(source.problem ?? 'it gave no reason').replace(/\.$/, '')}`
    case 'recovered':
      return `fetches from ${host} again`
    case 'finished':
      return `fetched all of the range from ${host}`
  }
}
