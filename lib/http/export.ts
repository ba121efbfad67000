import { loadDocumentText } from '#lib/db/document-text'
import { loadLedger } from '#lib/db/ledger'
import { loadRoomState, messagesBefore } from '#lib/db/room-state'
import { UserError } from '#lib/errors/user-error'
import type { ReadAccess } from '#lib/investigation/access'
import { investigationMarkdown } from '#lib/investigation/report-markdown'
import type { RoomState } from '#lib/investigation/room-state'
import type { CaptureRow } from '#lib/investigation/rows'
import { FRAGMENTS } from '#lib/realtime/protocol'
import type { GrowthReport } from '#lib/reports/growth-report'

/** Compares captures of one process, in their order; the node's comparer, or a test's. */
export type Compare = (captures: readonly CaptureRow[]) => Promise<GrowthReport>

/** More processes than this make a report longer, not better. */
const MAX_COMPARISONS = 4
/** Messages in a report, the newest ones. */
const MAX_MESSAGES = 2000

/** The investigation as a Markdown file: its name and its text. */
export async function exportMarkdown(
  access: ReadAccess,
  compare: Compare,
  { baseUrl, at }: { baseUrl: string; at: number },
): Promise<{ fileName: string; text: string }> {
  const state = await withOlderMessages(access, await loadRoomState(access))
  const written = await loadDocumentText(access)
  const text = investigationMarkdown(state, {
    notes: written.get(FRAGMENTS.notes) ?? '',
    textOf: (id) => ({
      rationale: written.get(FRAGMENTS.rationale(id)) ?? '',
      nextStep: written.get(FRAGMENTS.nextStep(id)) ?? '',
    }),
    growth: await growthMarkdown(state.captures, compare),
    ledger: await loadLedger(access, at),
    baseUrl,
    at,
  })
  return { fileName: `${fileWords(state.investigation.title)}.md`, text }
}

async function withOlderMessages(access: ReadAccess, state: RoomState): Promise<RoomState> {
  let messages = state.messages
  while (messages[0] && messages.length < MAX_MESSAGES) {
    const older = await messagesBefore(access, messages[0].seq)
    if (older.length === 0) break
    messages = [...older, ...messages]
  }
  return { ...state, messages }
}

/** What grew, process by process. A comparison that cannot be made now is left out: the report has the rest. */
async function growthMarkdown(captures: readonly CaptureRow[], compare: Compare): Promise<string> {
  const byProcess = new Map<string, CaptureRow[]>()
  for (const capture of captures) {
    if (capture.state !== 'ready') continue
    const process = capture.process ?? ''
    byProcess.set(process, [...(byProcess.get(process) ?? []), capture])
  }
  const sections: string[] = []
  for (const [process, group] of byProcess) {
    if (group.length < 2 || sections.length === MAX_COMPARISONS) continue
    try {
      sections.push(growthSection(process, group, await compare(group)))
    } catch (error) {
      if (!(error instanceof UserError)) throw error
    }
  }
  return sections.join('\n\n')
}

function growthSection(process: string, captures: readonly CaptureRow[], report: GrowthReport): string {
  const names = captures.map((capture) => oneLine(capture.label)).join(' → ')
  const suspects = report.suspects.map(({ words }) => `- ${oneLine(words)}`)
  return [
    `### ${process ? `${oneLine(process)}: ` : ''}${names}`,
    oneLine(report.summary),
    suspects.join('\n'),
    report.remarks.map(oneLine).join(' '),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

/** Labels and class names inside other people's sentences, without Markdown of their own. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|]/g, '\\$&')

/** A title as a file name: letters and digits of any script, at most 60 of them. */
const fileWords = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, 60)
    .replace(/^-|-$/g, '') || 'investigation'
