import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { z } from 'zod'
import { addStoredCapture, loadCapture, loadCaptures, requeueCapture, teamHasFile } from '#lib/db/captures'
import { loadLedger } from '#lib/db/ledger'
import { requireValuesShown } from '#lib/db/reveals'
import { UserError } from '#lib/errors/user-error'
import type { ReadAccess, WriteAccess } from '#lib/investigation/access'
import { CaptureId, Sha256 } from '#lib/investigation/ids'
import { ledgerReader } from '#lib/investigation/ledger-state'
import type { CaptureRow } from '#lib/investigation/rows'
import { knownReport, readyOutcome } from '#lib/jobs/known-report'
import { readingNode } from '#lib/jobs/shared-node'
import type { CaptureReport } from '#lib/reports/capture-report'
import { growthCsv, tableCsv } from '#lib/reports/csv'
import { growthPage, leftRows, orderedGrowth } from '#lib/reports/growth-page'
import { type GrowthPage, GrowthQuery, type GrowthReport } from '#lib/reports/growth-report'
import { type RowsPage, RowsQuery, type TableRow } from '#lib/reports/rows'
import { rowsPage } from '#lib/reports/table-rows'
import { withCircumstances } from './circumstances.ts'
import { downloadHeaders } from './download.ts'
import { guardMutation } from './limits.ts'
import { parsed } from './respond.ts'
import { CaptureMetadata } from './upload-metadata.ts'

// What the capture routes answer, without Next: each takes the access that the gate gave.

/**
 * The report of a ready capture. @throws UserError read/not-ready while it is not, or after an upgrade that reads
 * captures anew (then it is put in line).
 */
export async function captureReport(access: ReadAccess, captureId: string): Promise<CaptureReport> {
  return readingNode().report(await loadCapture(access, captureId))
}

/** A page of one of a capture's tables; with `since`, beside what each row was in another capture of the room. */
export async function captureRows(
  access: ReadAccess,
  captureId: string,
  query: Record<string, string>,
): Promise<RowsPage> {
  const asked = parsed(RowsQuery, query, 'rows')
  const report = await captureReport(access, captureId)
  const { tables } = readingNode()
  const named = [captureId, ...(asked.since === undefined ? [] : [asked.since])]
  const [all, matching] = await mending(
    () => loadCaptures(access, named),
    () => Promise.all([tables.rows(report, asked.table), matchingRows(access, report, asked)]),
  )
  return rowsPage(matching, all.length, asked)
}

async function matchingRows(
  access: ReadAccess,
  report: CaptureReport,
  asked: RowsQuery,
): Promise<readonly TableRow[]> {
  const before = asked.since === undefined ? undefined : await captureReport(access, asked.since)
  return readingNode().tables.ordered(report, asked, before)
}

/** All rows that match, as a CSV file to save. */
export async function captureCsv(
  access: ReadAccess,
  captureId: string,
  query: Record<string, string>,
): Promise<Response> {
  const asked = parsed(RowsQuery, query, 'rows')
  const { label } = await loadCapture(access, captureId)
  const report = await captureReport(access, captureId)
  const rows = await matchingRows(access, report, asked)
  return csvFile(tableCsv(rows), `${label} ${asked.table}.csv`)
}

/**
 * The file as it was uploaded, to save; one byte range may be asked for. @throws UserError value/file-hidden while the
 * room hides values: the file holds them
 */
export async function captureFile(
  access: ReadAccess,
  captureId: string,
  range: string | null,
): Promise<Response> {
  const { sha256, fileName, label, state } = await loadCapture(access, captureId)
  if (sha256 === null) throw new UserError('read/not-ready', { label, state })
  await requireValuesShown(access, 'value/file-hidden')
  const { store } = readingNode().folders
  const size = (await store.size(sha256)) ?? 0
  const part = rangeOf(range, size)
  const content = await store.open(sha256, part)
  const headers = {
    ...downloadHeaders(fileName, 'application/octet-stream'),
    'Accept-Ranges': 'bytes',
    ETag: `"${sha256}"`,
    'Content-Length': String(part ? part.end - part.start : size),
    ...(part && { 'Content-Range': `bytes ${part.start}-${part.end - 1}/${size}` }),
  }
  // reason: Node's and the DOM's ReadableStream are one thing with two type declarations.
  const body = Readable.toWeb(content) as ReadableStream<Uint8Array>
  return new Response(body, { status: part ? 206 : 200, headers })
}

/** "bytes=10-" and "bytes=10-19" as a half-open range; anything else is no range, and the whole file comes. */
function rangeOf(header: string | null, size: number): { start: number; end: number } | undefined {
  const [, from, to] = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(header ?? '') ?? []
  if (from === undefined) return undefined
  const start = Number(from)
  const end = to ? Math.min(size, Number(to) + 1) : size
  return start < end ? { start, end } : undefined
}

/** "Read again". */
export async function readCaptureAgain(access: WriteAccess, captureId: string): Promise<CaptureRow> {
  await guardMutation(access.actor)
  const capture = await requeueCapture(access, captureId)
  await readingNode().enqueue(capture.id)
  return capture
}

const FromKnown = z.object({ sha256: Sha256 })

/**
 * A capture of a file that the team has already, by its hash: no byte is sent. @throws UserError request/not-found when
 * the team has no such file, whoever else may have it.
 */
export async function attachKnownFile(access: WriteAccess, body: unknown): Promise<CaptureRow> {
  await guardMutation(access.actor)
  const { sha256 } = parsed(FromKnown, body, 'capture')
  const { captureId, ...facts } = parsed(CaptureMetadata, body, 'capture')
  const file = await teamHasFile(access, sha256)
  if (!file) throw new UserError('request/not-found', { what: 'file' })
  const reading = readingNode()
  const report = await knownReport(reading.folders, sha256)
  const id = captureId ?? CaptureId.parse(randomUUID())
  const capture = await addStoredCapture(
    access,
    { id, size: file.storedSize, ...facts },
    sha256,
    report && readyOutcome(report),
  )
  if (capture.state === 'queued') await reading.enqueue(capture.id)
  return capture
}

/** What grew between captures in this order. @throws UserError as Comparer.compare */
export async function compareCaptures(
  access: ReadAccess,
  captures: readonly CaptureRow[],
): Promise<GrowthReport> {
  const compared = await withCircumstances(access, captures)
  return mending(
    async () => captures,
    () => readingNode().comparer.compare(compared),
  )
}

/** When a stored table turns out to be damaged, its capture is put in line to be read again, and the refusal says so. */
async function mending<T>(
  captures: () => Promise<readonly CaptureRow[]>,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof UserError && error.code === 'read/damaged-columns')
      await readingNode().mend(await captures())
    throw error
  }
}

/** What grew between captures of the room, compared in the room's order. */
export async function captureGrowth(access: ReadAccess, query: Record<string, string>): Promise<GrowthPage> {
  const asked = parsed(GrowthQuery, query, 'growth')
  const captures = await compared(access, asked)
  const [report, ledger] = await Promise.all([compareCaptures(access, captures), loadLedger(access)])
  return growthPage(
    report,
    asked,
    captures.map(({ id, label, requestCount, takenAt }) => ({ id, label, requestCount, takenAt })),
    ledgerReader(ledger.entries),
  )
}

/** All growth rows that match, as a CSV file to save. */
export async function captureGrowthCsv(access: ReadAccess, query: Record<string, string>): Promise<Response> {
  const asked = parsed(GrowthQuery, query, 'growth')
  const captures = await compared(access, asked)
  const [{ rows, holders }, ledger] = await Promise.all([
    compareCaptures(access, captures),
    loadLedger(access),
  ])
  const left = leftRows(rows, asked, ledgerReader(ledger.entries))
  const labels = captures.map(({ label }) => label)
  return csvFile(growthCsv(orderedGrowth(left, asked), labels, holders), 'growth.csv')
}

/** The asked captures in the room's order, which people set by dragging: it is the order of time. */
async function compared(access: ReadAccess, { captures: ids }: GrowthQuery): Promise<CaptureRow[]> {
  const captures = await loadCaptures(access, ids)
  if (captures.length < ids.length) throw new UserError('request/not-found', { what: 'capture' })
  return captures.sort((a, b) => (a.rank < b.rank ? -1 : 1))
}

// The mark in front tells spreadsheets that it is UTF-8.
const csvFile = (text: string, name: string): Response =>
  new Response(`\ufeff${text}`, { headers: downloadHeaders(name, 'text/csv; charset=utf-8') })
