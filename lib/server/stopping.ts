import type { Server } from 'node:http'
import type { Logger } from 'pino'
import type { FrontDesk } from './front-desk.ts'

/** Requests that are being answered get so long; server.ts ends everything after 20 s. */
const ANSWER_MS = 5000
/** And so long when their connections were cut and what they waited for was ended. */
const CUT_MS = 2000

/** What a node consists of, as far as its end is concerned. */
export interface NodeParts {
  readonly log: Logger
  readonly http: Pick<Server, 'close' | 'closeAllConnections'>
  readonly desk: FrontDesk
  /** Cuts uploads off, which go on where they were after the next start. */
  readonly uploads: { close(): void }
  readonly realtime: { drain(): Promise<void> }
  /** Work that nobody asks for: begins nothing more, and ends what it has begun. */
  readonly chores: readonly (() => Promise<void>)[]
  readonly reading: { close(): Promise<void> }
  readonly pages: { close(): Promise<void> }
  readonly database: { close(): Promise<void> }
  readonly embedded: { stop(): Promise<void> } | undefined
}

/**
 * Ends a node in the order in which its parts need each other: whoever asks, whatever answers, and the database when nobody
 * is left who could ask it.
 */
export async function stopParts(parts: NodeParts): Promise<void> {
  const { log, http, desk, uploads, realtime, chores, reading, pages, database, embedded } = parts
  http.close()
  desk.close()
  uploads.close()
  await Promise.all([realtime.drain(), desk.idle(ANSWER_MS)])
  for (const end of chores) await end()
  // Those who still wait for a reader hear that it has ended.
  await reading.close()
  http.closeAllConnections()
  const left = await desk.idle(CUT_MS)
  if (left > 0) log.warn({ requests: left }, 'requests that did not end are left')
  await pages.close()
  await database.close()
  await embedded?.stop()
}
