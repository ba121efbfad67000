import { basename } from 'node:path'
import { UserError } from '#lib/errors/user-error'
import { siteOfGroup } from '#lib/findings/group-table'
import { growth } from '#lib/findings/growth'
import type { GrowthReport } from '#lib/findings/growth-model'
import { formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { type GrowthCondition, groupsThatMeet } from './growth-condition.ts'
import {
  growthFindings,
  growthGroups,
  growthSuspects,
  type JsonAnalysis,
  type JsonCapture,
  type JsonGroup,
  jsonSite,
} from './json.ts'
import type { OpenedCapture } from './open-capture.ts'
import { openCaptures } from './open-captures.ts'
import { noSite, siteHeader } from './site-words.ts'
import { EXIT, type Terminal } from './terminal.ts'
import { plain, textTable } from './text-table.ts'

export interface AnalyzeOptions {
  readonly json: boolean
  readonly requests?: readonly number[]
  readonly top: number
  readonly failOnGrowth: readonly GrowthCondition[]
}

/**
 * `leakroom analyze FILE…`: reads the files (a graph is dropped as soon as its tables are made), compares
 * them when there are several, and writes text or JSON.
 * @throws UserError for files that cannot be read or compared
 */
export async function analyze(
  files: readonly string[],
  options: AnalyzeOptions,
  terminal: Terminal,
): Promise<number> {
  const { requests } = options
  if (requests && requests.length !== files.length)
    throw new UserError('cli/request-counts', { counts: requests.length, files: files.length })
  const captures = await openCaptures(files, requests)
  requireOneKind(captures)
  const analysis = captures.length === 1 ? single(captures[0]!) : compared(captures, options)
  terminal.out(options.json ? JSON.stringify(analysis, null, 2) : text(analysis, options))
  const grown = options.failOnGrowth.flatMap((condition) =>
    groupsThatMeet(condition, analysis.groups).map((group) => ({ condition, group })),
  )
  for (const { condition, group } of grown.slice(0, 20))
    terminal.err(`grew (${condition.text}): ${groupWords(group)}`)
  return grown.length > 0 ? EXIT.grown : EXIT.done
}

/** Objects of two runtimes, or a graph and stacks, are not the same thing twice. */
function requireOneKind(captures: readonly OpenedCapture[]): void {
  const [first] = captures
  const other = captures.find((capture) => capture.format.id !== first?.format.id)
  if (first && other)
    throw new UserError('cli/mixed-formats', {
      first: `${basename(first.file)} is a ${first.format.label}`,
      second: `${basename(other.file)} a ${other.format.label}`,
    })
}

function compared(captures: readonly OpenedCapture[], { requests }: AnalyzeOptions): JsonAnalysis {
  const report: GrowthReport = growth(
    captures.map(({ tables }, index) => ({ ...tables, requests: requests?.[index] })),
    { maxRows: Number.POSITIVE_INFINITY, withUnchanged: true },
  )
  return {
    captures: captures.map(jsonCapture),
    groups: growthGroups(report),
    suspects: growthSuspects(report),
    findings: growthFindings(report),
    summary: report.summary,
    unexplained: report.unexplained.words || null,
    remarks: [...report.remarks, ...report.advice],
  }
}

function single(capture: OpenedCapture): JsonAnalysis {
  return {
    captures: [jsonCapture(capture)],
    groups: tableGroups(capture),
    suspects: capture.suspects,
    findings: capture.findings,
    summary: capture.summary,
    unexplained: null,
    remarks: [],
  }
}

/** One capture's groups: suspects first, then the largest. */
function tableGroups({ tables: { groups }, suspects }: OpenedCapture): JsonGroup[] {
  const named = new Set(suspects.map(nameOf))
  return Array.from({ length: groups.groups }, (_, group): JsonGroup => {
    const row = {
      type: groups.typeNames[groups.type[group]!]!,
      className: groups.classNames[groups.className[group]!]!,
      ...jsonSite(siteOfGroup(groups, group)),
    }
    return {
      ...row,
      counts: [groups.count[group]!],
      shallowBytes: [groups.bytes[group]!],
      retainedBytes: groups.retainedBytes ? [groups.retainedBytes[group]!] : null,
      shape: 'cannot tell',
      suspect: named.has(nameOf(row)),
      holder: null,
    }
  }).sort((a, b) => Number(b.suspect) - Number(a.suspect) || b.shallowBytes[0]! - a.shallowBytes[0]!)
}

const nameOf = ({ type, className, site }: Pick<JsonGroup, 'type' | 'className' | 'site'>): string =>
  `${type}\0${className}\0${site}`

const jsonCapture = ({ file, format, tables, facts, readMs }: OpenedCapture): JsonCapture => ({
  file,
  format: format.id,
  producer: [format.label, ...facts.producer].join(', '),
  objects: facts.objects,
  shallowBytes: facts.bytes,
  skipped: facts.skipped,
  siteKind: tables.siteKind ?? 'allocation',
  tracerBytes: facts.tracerBytes,
  readMs: Math.round(readMs),
  remarks: facts.remarks,
})

function text(analysis: JsonAnalysis, { top }: AnalyzeOptions): string {
  const parts = [
    textTable(
      [
        { title: 'File', text: (row: JsonCapture) => basename(row.file) },
        { title: 'Format', text: (row) => row.format },
        { title: 'Objects', align: 'right', text: (row) => formatCount(row.objects) },
        { title: 'Shallow', align: 'right', text: (row) => formatBytes(bytes(row.shallowBytes)) },
        { title: 'Skipped', align: 'right', text: (row) => formatCount(row.skipped) },
        { title: 'Read in', align: 'right', text: (row) => `${formatCount(row.readMs)} ms` },
      ],
      analysis.captures,
    ),
    analysis.summary,
    ...analysis.findings.map(({ words }) => `  * ${plain(words)}`),
    ...(analysis.unexplained ? [analysis.unexplained] : []),
    groupTable(analysis.groups.slice(0, top), siteHeader(analysis.captures.at(-1)?.siteKind)),
    ...(analysis.groups.length > top
      ? [`${formatCount(analysis.groups.length - top)} more groups: --top shows more, --json all.`]
      : []),
    // Each capture's remarks are in the JSON; here the last one speaks for all.
    ...new Set([...(analysis.captures.at(-1)?.remarks ?? []), ...analysis.remarks]),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function groupTable(groups: readonly JsonGroup[], sites: string): string {
  return textTable(
    [
      { title: '', text: (row: JsonGroup) => (row.suspect ? '*' : '') },
      { title: 'Type', text: (row) => row.type },
      { title: 'Class', widest: 40, text: (row) => row.className },
      { title: sites, widest: 50, text: (row) => row.site ?? noSite(sites) },
      { title: 'Count', align: 'right', text: (row) => row.counts.map(formatCount).join(' → ') },
      { title: 'Shallow', align: 'right', text: (row) => formatBytes(bytes(row.shallowBytes.at(-1)!)) },
      {
        title: 'Retained',
        align: 'right',
        text: (row) => (row.retainedBytes ? formatBytes(bytes(row.retainedBytes.at(-1)!)) : ''),
      },
      { title: 'Shape', text: (row) => (row.counts.length > 1 ? row.shape : '') },
      { title: 'Held by', widest: 50, text: (row) => row.holder?.words ?? '' },
    ],
    groups,
  )
}

const groupWords = ({ type, className, site, counts }: JsonGroup): string =>
  plain(
    `${className} (${type}) from ${site ?? 'a site that was not traced'}: ${counts.map(formatCount).join(' → ')}`,
  )
