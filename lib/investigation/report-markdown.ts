import { STATUS_WORDS } from '#lib/hypotheses/words'
import { formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { cell, escaped, table, time } from './markdown-text.ts'
import { MENTION_TOKEN, PIN_TOKEN } from './message-text.ts'
import { experimentsMarkdown } from './report-experiments.ts'
import { personName, type RoomState } from './room-state.ts'
import type {
  CaptureRow,
  EvidenceRow,
  HypothesisRow,
  Ledger,
  MessageRow,
  SavedQueryRow,
  Stance,
} from './rows.ts'
import { INVESTIGATION_WORDS } from './timeline.ts'

/** What a report holds beside the rows. */
export interface ReportParts {
  /** The notes, as Markdown. */
  readonly notes: string
  /** What stands under a hypothesis, as Markdown; '' where nothing was written. */
  textOf(hypothesisId: string): { readonly rationale: string; readonly nextStep: string }
  /** What grew between the captures, as Markdown; '' where nothing can be compared. */
  readonly growth: string
  /** The team's ledger; what was said in this investigation is listed. */
  readonly ledger: Ledger
  /** Where the room is, without a slash at the end: "https://leakroom.example". */
  readonly baseUrl: string
  /** Epoch milliseconds of the export. */
  readonly at: number
}

/** The page that brings anyone who may read the room to a piece of evidence. */
export const evidencePath = (investigationId: string, evidenceId: string): string =>
  `/i/${investigationId}?pin=${evidenceId}`

/**
 * The whole investigation as one Markdown file: what is known, what was thought and why, with a permanent link to every
 * piece of evidence. What people wrote is escaped, so that a title cannot become a heading or a picture. O(rows).
 */
export function investigationMarkdown(state: RoomState, parts: ReportParts): string {
  const { investigation, hypotheses } = state
  const open = hypotheses.filter((row) => row.status !== 'ruled-out' && row.status !== 'parked')
  const settled = hypotheses.filter((row) => row.status === 'ruled-out' || row.status === 'parked')
  const sections = [
    `# ${escaped(investigation.title)}`,
    `Status: ${INVESTIGATION_WORDS[investigation.status]}. Opened ${time(investigation.createdAt)}, exported ${time(parts.at)} from <${parts.baseUrl}/i/${investigation.id}>.`,
    section('Hypotheses', open.map((row) => hypothesis(row, state, parts)).join('\n\n')),
    section('Ruled out or parked', settled.map((row) => hypothesis(row, state, parts)).join('\n\n')),
    section('Experiments', experimentsMarkdown(state)),
    section('Growth between captures', parts.growth),
    section('Groups marked here', ledgerTable(parts.ledger, investigation.id)),
    section('Captures', captures(state.captures)),
    section('Memory graph', graph(state)),
    section('Saved queries', state.queries.map(savedQuery).join('\n\n')),
    section('Notes', deeper(parts.notes)),
    section('Discussion', discussion(state, parts)),
  ]
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`
}

const section = (title: string, body: string): string => (body === '' ? '' : `## ${title}\n\n${body}`)

function hypothesis(row: HypothesisRow, state: RoomState, parts: ReportParts): string {
  const { rationale, nextStep } = parts.textOf(row.id)
  const votes = Object.entries(row.confidence)
  const name = nameOf(state)
  const facts = [
    `**${STATUS_WORDS[row.status]}**${row.statusReason ? `: ${escaped(row.statusReason)}` : ''}`,
    row.ownerId ? `owner ${name(row.ownerId)}` : '',
    votes.length > 0 ? `confidence ${votes.map(([id, value]) => `${name(id)} ${value}/5`).join(', ')}` : '',
  ]
  const evidence = (['for', 'against', 'neutral'] as const).flatMap((stance) =>
    evidenceLines(row, stance, state, parts),
  )
  return [
    `### ${escaped(row.title)}`,
    facts.filter((fact) => fact !== '').join(' · '),
    deeper(rationale),
    nextStep && `Next: ${nextStep}`,
    checkLines(row, state).join('\n'),
    evidence.join('\n'),
  ]
    .filter((text) => text !== '')
    .join('\n\n')
}

/** What was claimed in numbers, and how it stands. */
const checkLines = (row: HypothesisRow, { checks }: RoomState): string[] =>
  checks
    .filter(({ hypothesisId }) => hypothesisId === row.id)
    .map(({ sentence, outcome }) => {
      if (outcome === null) return `- Check, not evaluated yet: ${escaped(sentence)}`
      const { state, words, missing, at } = outcome
      const lacks = missing === null ? '' : ` Missing: ${escaped(missing)}`
      return `- Check, ${state}: ${escaped(sentence)}: ${escaped(words)}${lacks} (${time(at)})`
    })

const STANCE_WORDS: Record<Stance, string> = { for: 'For', against: 'Against', neutral: 'Beside' }

function evidenceLines(
  row: HypothesisRow,
  stance: Stance,
  state: RoomState,
  { baseUrl }: ReportParts,
): string[] {
  const byId = new Map<string, EvidenceRow>(state.evidence.map((evidence) => [evidence.id, evidence]))
  return state.links
    .filter((link) => link.hypothesisId === row.id && link.stance === stance)
    .flatMap((link) => {
      const evidence = byId.get(link.evidenceId)
      if (!evidence) return []
      const reading =
        'reading' in evidence.ref && evidence.ref.reading ? `: ${escaped(evidence.ref.reading)}` : ''
      const note = link.note ? ` (${escaped(link.note)})` : ''
      return [`- ${STANCE_WORDS[stance]}: ${pinLink(evidence, state, baseUrl)}${reading}${note}`]
    })
}

const pinLink = (evidence: EvidenceRow, { investigation }: RoomState, baseUrl: string): string =>
  `[${escaped(evidence.title)}](${baseUrl}${evidencePath(investigation.id, evidence.id)})`

function captures(rows: readonly CaptureRow[]): string {
  if (rows.length === 0) return ''
  const head = ['Capture', 'Process', 'Taken', 'Requests', 'Objects', 'Heap', 'State', 'SHA-256']
  const body = rows.map((row) => [
    cell(row.label),
    cell(row.process ?? ''),
    row.takenAt === null ? '' : time(row.takenAt),
    row.requestCount === null ? '' : formatCount(row.requestCount),
    row.totals ? formatCount(row.totals.objects) : '',
    row.totals ? formatBytes(bytes(row.totals.shallowBytes)) : '',
    row.state + (row.totals?.partial ? ', partial' : ''),
    row.sha256 ? `\`${row.sha256.slice(0, 12)}\`` : '',
  ])
  return table(head, body)
}

/** What people said in this investigation about groups of objects; it holds in every room of the team. */
function ledgerTable({ entries, names }: Ledger, investigationId: string): string {
  const said = entries.filter((entry) => entry.investigationId === investigationId)
  if (said.length === 0) return ''
  const authors = new Map(Object.entries(names))
  const body = said.map((entry) => [
    cell(entry.title),
    entry.verdict === 'expected' ? 'expected' : 'not expected',
    entry.bound === null ? '' : formatCount(entry.bound),
    cell(entry.reason),
    cell(authors.get(entry.createdBy) ?? 'somebody who has left'),
    entry.expiresAt === null ? '' : `${time(entry.expiresAt)}${entry.expired ? ', expired' : ''}`,
  ])
  return table(['Group', 'Verdict', 'Up to', 'Reason', 'By', 'Until'], body)
}

function savedQuery({ title, sql }: SavedQueryRow): string {
  // A fence longer than any run of backticks in the query cannot be closed by it.
  const longest = Math.max(2, ...(sql.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `### ${escaped(title)}\n\n${fence}sql\n${sql}\n${fence}`
}

function graph({ series, limits, marks }: RoomState): string {
  const lines = [
    ...series.map((row) => {
      const span = row.from === null || row.to === null ? '' : `, ${time(row.from)} to ${time(row.to)}`
      return `- ${escaped(row.label)}${row.process ? ` of ${escaped(row.process)}` : ''}: ${formatCount(row.points)} points${span}`
    }),
    ...limits.map((row) => `- Limit ${escaped(row.label)}: ${formatBytes(bytes(row.bytes))}`),
    ...marks.map((row) => {
      const end = row.until === null ? '' : ` to ${time(row.until)}`
      return `- ${time(row.at)}${end}: ${escaped(row.label)} (${row.kind})`
    }),
  ]
  return lines.join('\n')
}

function discussion(state: RoomState, { baseUrl }: ReportParts): string {
  const name = nameOf(state)
  return state.messages
    .filter((message) => !message.deleted)
    .map(
      (message) =>
        `**${name(message.authorId)}**, ${time(message.createdAt)}:\n\n${quote(words(message, state, baseUrl))}`,
    )
    .join('\n\n')
}

/** A message's text, with its pins as links and its mentions as names. */
function words({ body }: MessageRow, state: RoomState, baseUrl: string): string {
  const byId = new Map<string, EvidenceRow>(state.evidence.map((evidence) => [evidence.id, evidence]))
  // Split at the pins first: what stands between them is people's text and is escaped, the links are ours.
  return body
    .split(PIN_TOKEN)
    .map((piece, index) => {
      if (index % 2 === 0) return escaped(piece.replace(MENTION_TOKEN, '@$1'))
      const evidence = byId.get(piece.toLowerCase())
      return evidence ? pinLink(evidence, state, baseUrl) : '(a pin that is gone)'
    })
    .join('')
}

function nameOf(state: RoomState): (userId: string) => string {
  return (userId) => escaped(personName(state, userId) ?? 'somebody who has left')
}

const quote = (text: string): string => text.replace(/^/gm, '> ')

/** The same Markdown with its headings two levels down, to stand below one of ours. Code blocks are left alone. */
function deeper(markdown: string): string {
  let isCode = false
  return markdown
    .split('\n')
    .map((line) => {
      if (/^\s*```/.test(line)) isCode = !isCode
      return isCode ? line : line.replace(/^(#{1,4}) /, '##$1 ')
    })
    .join('\n')
    .trim()
}
