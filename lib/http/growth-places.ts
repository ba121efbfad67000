import { z } from 'zod'
import { loadGrowthFacts } from '#lib/db/growth-facts'
import { listSeries, loadReadingInput, loadSamples, type SampleRange } from '#lib/db/series'
import { withoutProcess } from '#lib/db/series-counters'
import type { ReadAccess } from '#lib/investigation/access'
import type { SeriesId } from '#lib/investigation/ids'
import type { CaptureRow, SeriesRow } from '#lib/investigation/rows'
import { readingNode } from '#lib/jobs/shared-node'
import { oneOf } from '#lib/series/counters'
import type { Samples } from '#lib/series/samples'
import type { PlaceInput } from '#lib/series/where-it-grows'
import {
  type AllocatorSeries,
  type GrowthPlaces,
  type GrowthPlacesInput,
  growthPlaces,
} from '#lib/series/where-it-grows-all'
import type { CapturedTotal } from '#lib/series/where-it-grows-captures'
import { parsed, queryOf } from './respond.ts'

/** With fewer samples than this in all, the answer takes a few milliseconds and is computed where it is asked. */
const FEW_SAMPLES = 8000
const MOST_COUNTERS = 8

const EpochMs = z.coerce.number().min(-8.64e15).max(8.64e15).optional()
const PlacesQuery = z.object({ from: EpochMs, to: EpochMs })

/** Which series, by its name (lib/formats/series/quantities.ts), plays which part. */
const ROLES: readonly (readonly [
  Exclude<keyof PlaceInput, 'captures' | 'question' | 'rss'>,
  readonly string[],
])[] = [
  ['rssAnon', ['rss-anon']],
  ['rssFile', ['rss-file']],
  ['rssShmem', ['rss-shmem']],
  ['swap', ['swap']],
  ['pss', ['pss']],
  ['lazyFree', ['lazyfree', 'lazy-free']],
  ['heapCommitted', ['heap-committed']],
  ['heapLive', ['heap-live']],
  ['liveSlots', ['heap-live-slots']],
  ['gcCount', ['gc-count']],
]
/** What the allocator says of itself, by the same names. */
const ALLOCATOR: readonly (readonly [keyof AllocatorSeries, string])[] = [
  ['held', 'allocator-held'],
  ['resident', 'jemalloc-resident'],
  ['allocated', 'jemalloc-allocated'],
  ['arena', 'malloc-arena'],
  ['used', 'malloc-used'],
]
/** Profiles of what was allocated outside of a managed heap. */
const NATIVE = /memcheck|massif|jemalloc|gperftools|tcmalloc/i

/** Of the series that speaks for the room; `places` is null when that is no resident memory. */
export interface PlacesAnswer {
  readonly seriesId: SeriesId | null
  readonly label: string
  readonly places: GrowthPlaces | null
}

/** `GET /api/investigations/:id/series/places?from&to`: where memory grows, and with what. */
export async function answerPlaces(access: ReadAccess, request: Request): Promise<PlacesAnswer> {
  return placesIn(access, parsed(PlacesQuery, queryOf(request), 'growth places'))
}

/** The same for a range, epoch milliseconds. @throws UserError read/crashed · read/too-slow */
export async function placesIn(access: ReadAccess, range: SampleRange): Promise<PlacesAnswer> {
  const main = await loadReadingInput(access, range)
  if (main?.question.measure !== 'rss')
    return { seriesId: main?.seriesId ?? null, label: main?.label ?? '', places: null }
  const rows = await listSeries(access)
  const row = rows.find(({ id }) => id === main.seriesId)
  const own = rows.filter(({ id, process }) => id !== main.seriesId && process === row?.process)
  const facts = await loadGrowthFacts(access)

  const used = new Map<string, Samples>()
  const samplesOf = async (chosen: SeriesRow) => {
    const known = used.get(chosen.id) ?? (await loadSamples(access, chosen.id, range))
    used.set(chosen.id, known)
    return compact(known)
  }
  const parts: Partial<Record<(typeof ROLES)[number][0], Samples>> = {}
  for (const [role, names] of ROLES) {
    const found = longest(own.filter(({ name }) => names.includes(name)))
    if (found) parts[role] = await samplesOf(found)
  }
  const allocator: { -readonly [K in keyof AllocatorSeries]: Samples } = {}
  for (const [role, name] of ALLOCATOR) {
    const found = longest(own.filter((row) => row.name === name))
    if (found) allocator[role] = await samplesOf(found)
  }
  const counters = []
  for (const counter of own.filter(({ name, unit }) => unit === 'count' && oneOf(name) !== undefined)) {
    if (counters.length === MOST_COUNTERS) break
    const { name, label } = counter
    counters.push({
      name: withoutProcess(label, row?.process ?? '')
        .toLowerCase()
        .slice(0, 60),
      one: oneOf(name) || `one of ${withoutProcess(label, row?.process ?? '').slice(0, 60)}`,
      samples: await samplesOf(counter),
    })
  }
  const inRange = facts.captures.filter(({ process }) => process === null || process === row?.process)
  const input: GrowthPlacesInput = {
    ...parts,
    rss: compact(main.samples),
    question: main.question,
    captures: totals(inRange, (capture) => capture.totals?.kind === 'heap'),
    profiles: totals(
      inRange,
      ({ format, totals: sum }) => sum?.kind === 'stacks' && NATIVE.test(format ?? ''),
    ),
    allocator,
    counters,
    bands: facts.outages.map(({ label, at, until }) => ({ label, from: at, to: until ?? at })),
  }
  const size = main.samples.t.length + [...used.values()].reduce((sum, { t }) => sum + t.length, 0)
  const { seriesId } = main
  if (size < FEW_SAMPLES) return { seriesId, label: main.label, places: growthPlaces(input) }
  const key = JSON.stringify([
    range,
    main.seriesId,
    main.version,
    main.question,
    rows.filter(({ id }) => used.has(id)).map(({ id, version }) => [id, version]),
    input.captures,
    input.profiles,
    input.bands,
  ])
  return { seriesId, label: main.label, places: await readingNode().series.places(key, input) }
}

const longest = (rows: readonly SeriesRow[]): SeriesRow | undefined =>
  rows.reduce<SeriesRow | undefined>(
    (best, row) => (best && best.points >= row.points ? best : row),
    undefined,
  )

/** Columns of their own: a message to a thread copies the whole memory behind a view. */
const compact = ({ t, v, pids }: Samples): Samples => ({
  t: t.slice(),
  v: v.slice(),
  ...(pids && { pids: pids.slice() }),
})

/** Totals of the captures of one format: the one with most of them. */
function totals(
  captures: readonly CaptureRow[],
  isWanted: (capture: CaptureRow) => boolean,
): CapturedTotal[] {
  const byFormat = new Map<string, CapturedTotal[]>()
  for (const capture of captures) {
    const { takenAt, format, label, totals: sum } = capture
    if (takenAt === null || sum === null || sum.partial || !isWanted(capture)) continue
    const of = byFormat.get(format ?? '') ?? []
    byFormat.set(format ?? '', [...of, { label: label.slice(0, 60), at: takenAt, bytes: sum.shallowBytes }])
  }
  return [...byFormat.values()].reduce((best, list) => (list.length > best.length ? list : best), [])
}
