import type { Site } from '#lib/findings/group-table'
import type { GrowthReport, GrowthRow, Holder } from '#lib/findings/growth-model'

// The JSON of `leakroom analyze --json`: stable, for scripts. Sizes are bytes, times milliseconds.

export interface JsonCapture {
  readonly file: string
  /** Id of the format: "ruby-objspace", "v8-heapsnapshot", "pprof" … */
  readonly format: string
  /** What the file tells of the program that wrote it, in words. */
  readonly producer: string
  /** Objects on the heap; for allocation stacks, blocks in use. */
  readonly objects: number
  readonly shallowBytes: number
  /** Lines or records that made no sense and were left out. */
  readonly skipped: number
  /** What `site` of its groups says: where objects were allocated, or where their class or function is defined. */
  readonly siteKind: 'allocation' | 'definition'
  /** Of the heap, what is there only because allocations were traced; null when nobody traced. */
  readonly tracerBytes: number | null
  readonly readMs: number
  /** What limits what the numbers can tell. */
  readonly remarks: readonly string[]
}

/** A group over the captures; arrays have one entry per capture, in the order of the command line. */
export interface JsonGroup {
  readonly type: string
  readonly className: string
  /** "app/lib/audit_trail.rb:14"; null where the dump does not say. */
  readonly site: string | null
  readonly method: string | null
  readonly counts: readonly number[]
  readonly shallowBytes: readonly number[]
  /** What would be freed with the group; null where a capture has no retained sizes. */
  readonly retainedBytes: readonly number[] | null
  readonly shape: string
  readonly suspect: boolean
  readonly holder: JsonHolder | null
}
export interface JsonHolder {
  /** "module AuditTrail → Array of 10,500". */
  readonly words: string
  /** Names from the root down, the holder last. */
  readonly path: readonly string[]
}

/** A group worth a look, with why. */
export interface JsonSuspect extends JsonGroup {
  readonly reason: string
  readonly confidence: string
  /** Of all bytes by which groups grew, 0 to 1. */
  readonly shareOfGrowth: number
  readonly bytesPerRequest: number | null
  readonly objectsPerRequest: number | null
}

/** Suspects that one holder keeps, in a sentence. */
export interface JsonFinding {
  readonly title: string
  readonly words: string
  readonly shareOfGrowth: number
  readonly confidence: string
}

export interface JsonAnalysis {
  readonly captures: readonly JsonCapture[]
  readonly groups: readonly JsonGroup[]
  readonly suspects: readonly JsonSuspect[]
  readonly findings: readonly JsonFinding[]
  /** One paragraph: what was compared, what came out, what would decide. */
  readonly summary: string
  readonly unexplained: string | null
  readonly remarks: readonly string[]
}

/** A comparison's rows, all of them, as JSON groups. */
export const growthGroups = (report: GrowthReport): JsonGroup[] =>
  report.rows.map((row) => jsonGroup(report, row))

/**
 * Groups that are suspects: those of the strongest first, and among those that one holder keeps the group that retains
 * most of what grew, which is what its collection consists of.
 */
export function growthSuspects(report: GrowthReport): JsonSuspect[] {
  const listed = new Set<number>()
  const grown = (index: number): number => {
    const { retained, bytes } = report.rows[index]!
    const sizes = retained ?? bytes
    return sizes.at(-1)! - sizes[0]!
  }
  const inOrder = [
    ...report.suspects.flatMap(({ rows }) => [...rows].sort((a, b) => grown(b) - grown(a))),
    ...report.rows.keys(),
  ]
  return inOrder.flatMap((index) => {
    const row = report.rows[index]
    if (row === undefined || !row.isSuspect || listed.has(index)) return []
    listed.add(index)
    return [
      {
        ...jsonGroup(report, row),
        reason: row.reason,
        confidence: `${row.confidence.level}: ${row.confidence.reason}`,
        shareOfGrowth: row.shareOfGrowth,
        bytesPerRequest: row.perRequest?.bytes ?? null,
        objectsPerRequest: row.perRequest?.objects ?? null,
      },
    ]
  })
}

export const growthFindings = (report: GrowthReport): JsonFinding[] =>
  report.suspects.map(({ title, words, shareOfGrowth, confidence }) => ({
    title,
    words,
    shareOfGrowth,
    confidence: `${confidence.level}: ${confidence.reason}`,
  }))

function jsonGroup(report: GrowthReport, row: GrowthRow): JsonGroup {
  const holder = row.heldBy[0] && report.holders[row.heldBy[0].holder]
  return {
    type: row.type,
    className: row.className,
    ...jsonSite(row.site),
    counts: row.counts,
    shallowBytes: row.bytes,
    retainedBytes: row.retained ?? null,
    shape: row.shape,
    suspect: row.isSuspect,
    holder: holder ? jsonHolder(holder) : null,
  }
}

export function jsonSite(site: Site | undefined): Pick<JsonGroup, 'site' | 'method'> {
  if (site === undefined) return { site: null, method: null }
  return {
    site: site.line === undefined ? site.file : `${site.file}:${site.line}`,
    method: site.method ?? null,
  }
}

const jsonHolder = ({ words, path }: Holder): JsonHolder => ({
  words,
  path: path.map(({ name, edge }) => (edge === undefined ? name : `${edge}: ${name}`)),
})
