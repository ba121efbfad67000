import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { loadCapture } from '#lib/db/captures'
import { env } from '#lib/env'
import { UserError } from '#lib/errors/user-error'
import type { ReadAccess } from '#lib/investigation/access'
import { readingNode } from '#lib/jobs/shared-node'
import { type Asker, type Queryable, QueryDesk } from '#lib/query/query-desk'
import { queryFile } from '#lib/query/query-file'
import type { CaptureReport } from '#lib/reports/capture-report'
import { ParquetRequest, type QueryAnswer, QueryRequest } from '#lib/reports/query-answer'
import { type QueryableKind, type QueryTable, queryTables } from '#lib/reports/query-tables'
import { services } from '#lib/services'
import { localFiles } from '#lib/storage/local-files'
import { downloadHeaders } from './download.ts'
import { actorKey } from './limits.ts'
import { parsed } from './respond.ts'

// SQL over a capture. Whoever may read the room may ask: a query changes nothing and sees no values (lib/query/README.md).

/** Statements that one actor may run on one node: people type, scripts page. */
const QUERIES = { points: 120, duration: 60 }
const SWEEP_EVERY_MS = 60 * 60_000

const KEY = Symbol.for('leakroom.queries')
interface Shared {
  readonly desk: QueryDesk
  readonly limiter: RateLimiterMemory
  sweptMs: number
}
const global = globalThis as { [KEY]?: Shared }

/** This node's desk: one for all bundles of the process. */
function shared(): Shared {
  global[KEY] ??= {
    desk: new QueryDesk({
      folder: join(resolve(env().DATA_DIR), 'parquet'),
      childFile: queryFile,
      onCrash: (error) => services().log.error({ err: error }, 'a query process died'),
    }),
    limiter: new RateLimiterMemory(QUERIES),
    sweptMs: 0,
  }
  return global[KEY]
}

/** The tables that SQL sees of a capture. They begin to be made: whoever looks at them is about to ask. @throws UserError read/not-ready */
export async function queryableTables(
  access: ReadAccess,
  captureId: string,
): Promise<{ readonly kind: QueryableKind; readonly tables: readonly QueryTable[] }> {
  const capture = await queryable(access, captureId)
  const { kind } = capture
  shared().desk.prepare(capture)
  return { kind, tables: queryTables(kind) }
}

/** Runs one statement over a capture. @throws UserError query/* · read/not-ready · request/* */
export async function queryCapture(
  access: ReadAccess,
  captureId: string,
  body: unknown,
  signal?: AbortSignal,
): Promise<QueryAnswer> {
  const { sql } = parsed(QueryRequest, body, 'query')
  const asker = await admitted(access, signal)
  return shared().desk.answer(await queryable(access, captureId), sql, asker)
}

/** All rows of a statement as a CSV file to save. @throws as `queryCapture` */
export async function queryCsv(
  access: ReadAccess,
  captureId: string,
  query: Record<string, string>,
  signal?: AbortSignal,
): Promise<Response> {
  const { sql } = parsed(QueryRequest, query, 'query')
  const asker = await admitted(access, signal)
  const { label } = await loadCapture(access, captureId)
  const csv = await shared().desk.csv(await queryable(access, captureId), sql, asker)
  return new Response(webStream(csv), {
    headers: downloadHeaders(`${label} query.csv`, 'text/csv; charset=utf-8'),
  })
}

/** One table of a capture as a Parquet file, for an engine outside. @throws UserError request/not-found · read/not-ready */
export async function captureParquet(
  access: ReadAccess,
  captureId: string,
  query: Record<string, string>,
  signal?: AbortSignal,
): Promise<Response> {
  const { table } = parsed(ParquetRequest, query, 'parquet')
  const asker = await admitted(access, signal)
  const { label } = await loadCapture(access, captureId)
  return shared().desk.parquet(await queryable(access, captureId), table, asker, async (path) => {
    // Opened while the file cannot be removed; once open, removing it takes nothing from this reader.
    const file = createReadStream(path, { highWaterMark: 1 << 18 })
    const [{ size }] = await Promise.all([
      stat(path),
      new Promise((opened, failed) => file.once('open', opened).once('error', failed)),
    ])
    const headers = downloadHeaders(`${label} ${table}.parquet`, 'application/vnd.apache.parquet')
    return new Response(webStream(file), { headers: { ...headers, 'Content-Length': String(size) } })
  })
}

/** A ready capture as something to ask. What is damaged is taken away, and the capture is read again. */
async function queryable(access: ReadAccess, captureId: string): Promise<Queryable> {
  const reading = readingNode()
  const { store } = reading.folders
  const capture = await loadCapture(access, captureId)
  const report = await reading.report(capture)
  sweepSometimes((sha256) => store.has(sha256))
  const { main, names } = sourceOf(report)
  return {
    kind: report.kind,
    sha256: main,
    async withSource(work) {
      const files = await localFiles(store, names)
      const [first = '', second = ''] = files.paths
      try {
        return await work(
          report.kind === 'heap'
            ? { kind: 'heap', columns: first, owners: second }
            : { kind: 'stacks', profile: first },
        )
      } catch (error) {
        if (!(error instanceof UserError) || error.code !== 'read/damaged-columns') throw error
        for (const sha256 of names) await store.remove(sha256)
        // Puts it in line, and says that it is.
        await reading.report(capture)
        throw error
      } finally {
        await files.release()
      }
    },
  }
}

/** What a capture's tables are made from; `main` names the exported ones. */
function sourceOf(report: CaptureReport): { readonly main: string; readonly names: readonly string[] } {
  if (report.kind === 'stacks')
    return { main: report.tables.profile.sha256, names: [report.tables.profile.sha256] }
  const { columns, owners } = report.tables
  return { main: columns.sha256, names: [columns.sha256, owners.sha256] }
}

/** Tables of captures that were removed go when what they were made from is gone. */
function sweepSometimes(isWanted: (sha256: string) => Promise<boolean>): void {
  const state = shared()
  const now = Date.now()
  if (now - state.sweptMs < SWEEP_EVERY_MS) return
  state.sweptMs = now
  state.desk.cache.sweep(isWanted).catch((error: unknown) => {
    services().log.warn({ err: error }, 'old query tables stay for now')
  })
}

/** Takes one query from the actor's budget. @throws UserError request/too-often */
async function admitted({ actor }: ReadAccess, signal: AbortSignal | undefined): Promise<Asker> {
  const key = actorKey(actor)
  try {
    await shared().limiter.consume(key)
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused
    throw new UserError('request/too-often', { seconds: Math.ceil(refused.msBeforeNext / 1000) })
  }
  return { key, signal }
}

// reason: Node's and the DOM's ReadableStream are one thing with two type declarations.
const webStream = (content: Readable) => Readable.toWeb(content) as ReadableStream<Uint8Array>
