import { loadCapture } from '#lib/db/captures'
import { UserError } from '#lib/errors/user-error'
import { decodeStackProfile } from '#lib/findings/stack-columns'
import type { ReadAccess } from '#lib/investigation/access'
import { readingNode } from '#lib/jobs/shared-node'
import type { HeapReport } from '#lib/reports/heap-report'
import { answerStacks } from '#lib/reports/stack-answers'
import { type StackAnswers, StackQuery } from '#lib/reports/stack-questions'
import type { StackReport } from '#lib/reports/stack-report'
import type { StackProfile } from '#lib/stacks/stack-profile'
import { parsed } from './respond.ts'

/** Opened profiles that are kept for the next question, least recently used first to go. A few MiB each at most. */
const KEPT_PROFILES = 8
/** Columns beyond this are opened for one answer and dropped again, so that the node's memory stays bounded. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024

/** What a node has open: it ends with the node, and is shared by all who ask. By the hash of columns, which never change; oldest use first. */
const openedBy = new WeakMap<object, Map<string, Promise<StackProfile>>>()

/**
 * `GET …/captures/:captureId/stacks?ask=flame|table|calls`: the allocation stacks of a capture, alone or beside an
 * earlier one of the room. @throws UserError read/not-ready · capture/other-kind · request/not-found · request/malformed
 */
export async function captureStacks(
  access: ReadAccess,
  captureId: string,
  query: Record<string, string>,
): Promise<StackAnswers[StackQuery['ask']]> {
  const asked = parsed(StackQuery, query, 'stacks')
  const profile = await profileOf(access, captureId)
  const earlier = asked.since === undefined ? undefined : await profileOf(access, asked.since)
  const answer = answerStacks(asked, profile, earlier)
  if (answer === undefined) throw new UserError('request/not-found', { what: 'stack' })
  return answer
}

async function profileOf(access: ReadAccess, captureId: string): Promise<StackProfile> {
  const capture = await loadCapture(access, captureId)
  const { tables } = stackReport(await readingNode().report(capture), capture.label)
  const { sha256, size } = tables.profile
  const node = readingNode()
  const opened = openedBy.get(node) ?? new Map<string, Promise<StackProfile>>()
  openedBy.set(node, opened)
  const profile = opened.get(sha256) ?? node.folders.store.read(sha256).then(decodeStackProfile)
  opened.delete(sha256)
  if (size > MAX_KEPT_BYTES) return profile
  opened.set(sha256, profile)
  // What could not be read is not kept.
  profile.catch(() => opened.delete(sha256))
  for (const oldest of opened.keys()) {
    if (opened.size <= KEPT_PROFILES) break
    opened.delete(oldest)
  }
  return profile
}

function stackReport(report: HeapReport | StackReport, label: string): StackReport {
  if (report.kind === 'stacks') return report
  throw new UserError('capture/other-kind', { label, kind: 'a heap' })
}
