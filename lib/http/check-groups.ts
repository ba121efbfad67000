import { z } from 'zod'
import { growthShape } from '#lib/findings/growth-shape'
import type { CountedGroup, GroupFacts } from '#lib/hypotheses/check-group'
import type { CheckedGroup } from '#lib/hypotheses/checks'
import type { ReadAccess } from '#lib/investigation/access'
import type { CaptureRow } from '#lib/investigation/rows'
import { readingNode } from '#lib/jobs/shared-node'
import type { CaptureReport } from '#lib/reports/capture-report'
import { GROWTH_REPORT_VERSION } from '#lib/reports/growth-report'
import { HEAP_REPORT_VERSION } from '#lib/reports/heap-report'
import type { TableRow } from '#lib/reports/rows'
import { STACK_REPORT_VERSION } from '#lib/reports/stack-report'
import { sampledEvery } from '#lib/stacks/stack-profile'
import { captureReport, compareCaptures } from './captures.ts'

/** Most captures that one check looks into: the newest. */
const MOST_CAPTURES = 50

/** What a check of a group depends on beside its captures. */
export const GROUP_METHODS = [HEAP_REPORT_VERSION, STACK_REPORT_VERSION, GROWTH_REPORT_VERSION].join('.')

/**
 * The captures that belong together, as the Growth tab takes them: the newest two or more whole ones of one process and
 * format, in the room's order; with a name, of that process. The same file twice is one capture.
 */
export function capturesTogether(captures: readonly CaptureRow[], process: string | null): CaptureRow[] {
  const whole = captures.filter(
    (capture) =>
      capture.state === 'ready' &&
      !capture.totals?.partial &&
      (process === null || capture.process === process),
  )
  const alike = (newest: CaptureRow) =>
    onceEach(whole.filter((one) => one.format === newest.format && one.process === newest.process))
  const newest = whole.findLast((one) => alike(one).length > 1) ?? whole.at(-1)
  return newest ? alike(newest).slice(-MOST_CAPTURES) : []
}

function onceEach(captures: readonly CaptureRow[]): CaptureRow[] {
  const contents = new Set<string>()
  return captures.filter(({ sha256, id }) => {
    const content = sha256 ?? id
    if (contents.has(content)) return false
    contents.add(content)
    return true
  })
}

/** Which rows of a capture's table of groups are meant. */
type Matches = (row: TableRow) => boolean

/**
 * The group in each of the captures; undefined when a row of the growth table is meant and there is none now. Every table is
 * decoded once and kept (lib/jobs/table-cache.ts); a fingerprint needs the comparison of all captures.
 * @throws UserError read/not-ready, and as Comparer.compare
 */
export async function groupFacts(
  access: ReadAccess,
  group: CheckedGroup,
  captures: readonly CaptureRow[],
): Promise<GroupFacts | undefined> {
  const process = captures.at(-1)?.process ?? null
  if (group.by === 'class')
    return { process, ...(await counted(access, captures, ({ className }) => className === group.className)) }
  if (group.by === 'site') return { process, ...(await counted(access, captures, siteMatches(group))) }
  return captures.length < 2 ? undefined : comparedGroup(access, group.fingerprint, captures)
}

const siteMatches = ({ file, line }: { file: string; line: number | null }): Matches => {
  return (row) =>
    row.file !== null &&
    (line === null || row.line === line) &&
    (row.file === file || row.file.endsWith(`/${file}`))
}

/** A row of the comparison; one that is not in it did not change. */
async function comparedGroup(
  access: ReadAccess,
  fingerprint: string,
  captures: readonly CaptureRow[],
): Promise<GroupFacts | undefined> {
  const report = await compareCaptures(access, captures)
  const row = report.rows.find((one) => one.fingerprint === fingerprint)
  const matches = fingerprintMatches(fingerprint)
  const process = captures.at(-1)?.process ?? null
  if (!row) {
    // A row has a place in the table when it changes: a group that is there and stays as it is has none.
    if (!matches) return undefined
    const whole = await counted(access, captures, matches)
    const isThere = whole.captures.every(({ count }) => count > 0)
    const { shape } = growthShape(whole.captures.map(({ count }) => count))
    return isThere && shape === 'flat' ? { process, ...whole } : undefined
  }
  const reports = await Promise.all(captures.map(({ id }) => captureReport(access, id)))
  const of = captures.map((capture, i): CountedGroup => {
    return { ...circumstances(capture, reports[i]), count: row.counts[i] ?? 0, bytes: row.bytes[i] ?? 0 }
  })
  return { process, captures: of, type: row.type, methods: [`growth ${GROWTH_REPORT_VERSION}`] }
}

const Fingerprint = z.tuple([
  z.literal(1),
  z.string(),
  z.string(),
  z.tuple([z.string(), z.string().nullable()]).nullable(),
  z.unknown(),
])

/** What a fingerprint says without its path of owners (lib/findings/fingerprint.ts); undefined when it was cut. */
function fingerprintMatches(fingerprint: string): Matches | undefined {
  let parts: unknown
  try {
    parts = JSON.parse(fingerprint)
  } catch {
    return undefined
  }
  const read = Fingerprint.safeParse(parts)
  if (!read.success) return undefined
  const [, type, className, place] = read.data
  return (row) => {
    if (row.type !== type || row.className !== className) return false
    if (place === null) return row.file === null
    const isFile = row.file === place[0] || row.file?.endsWith(`/${place[0]}`) === true
    return isFile && (row.method ?? null) === place[1]
  }
}

/** The type of groups that tell only what was ever allocated (lib/findings/row-shape.ts). */
const ALLOCATED = 'allocated'

async function counted(
  access: ReadAccess,
  captures: readonly CaptureRow[],
  matches: Matches,
): Promise<Omit<GroupFacts, 'process'>> {
  const { tables } = readingNode()
  const types = new Set<string>()
  const found: { capture: CaptureRow; report: CaptureReport; rows: TableRow[] }[] = []
  for (const capture of captures) {
    const report = await captureReport(access, capture.id)
    const rows = (await tables.rows(report, 'groups')).filter(matches)
    for (const { type } of rows) types.add(type ?? '')
    found.push({ capture, report, rows })
  }
  // What is in use says more than what was ever allocated: only a profile without the one is judged by the other.
  const isAllocated = types.size > 0 && [...types].every((type) => type === ALLOCATED)
  return {
    captures: found.map(({ capture, report, rows }) => {
      const own = rows.filter(({ type }) => isAllocated || type !== ALLOCATED)
      const sum = (of: (row: TableRow) => number) => own.reduce((total, row) => total + of(row), 0)
      return {
        ...circumstances(capture, report),
        count: sum((row) => row.count),
        bytes: sum((row) => row.bytes),
      }
    }),
    type: isAllocated ? ALLOCATED : '',
    methods: [
      found.some(({ report }) => report.kind === 'stacks')
        ? `profile ${STACK_REPORT_VERSION}`
        : `heap ${HEAP_REPORT_VERSION}`,
    ],
  }
}

const circumstances = ({ id, requestCount }: CaptureRow, report: CaptureReport | undefined) => ({
  captureId: id,
  requests: requestCount,
  sampledEvery: report?.kind === 'stacks' ? sampledEvery(report.summary.sampling) : undefined,
})
