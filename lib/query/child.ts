import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeOwnerTree } from '#lib/findings/owner-tree'
import { decodeStackProfile } from '#lib/findings/stack-columns'
import { openHeapColumns } from '#lib/storage/heap-columns'
import { exportHeap } from './heap-export.ts'
import type { ExportJob, QueryJob, QueryMessage, StatementJob } from './messages.ts'
import { openWriter } from './parquet.ts'
import { OutOfMemory, StatementRefused } from './problems.ts'
import { exportReferences } from './refs-export.ts'
import { exportStacks } from './stacks-export.ts'
import { answerStatement, beginStatement, csvOf, openSession } from './statement.ts'

// Entry of a query process: one job, then it ends. DuckDB is native code that runs what strangers wrote, so it lives in a
// process that knows nothing, can be ended at any moment, and takes nobody with it (docs/decisions/011-duckdb-apart.md).

const WATCH_EVERY_MS = 50

async function perform(job: QueryJob): Promise<void> {
  watchMemory(job.processBytes)
  try {
    await (job.kind === 'export' ? exportTables(job) : runStatement(job))
  } catch (error) {
    await say(refusal(error))
  }
  // DuckDB's threads and memory end with the process: nothing is to be closed one by one.
  process.exit(0)
}

async function exportTables({ source, folder, part, memoryBytes }: ExportJob): Promise<void> {
  const started = performance.now()
  const to = await openWriter(memoryBytes, join(folder, 'spill'))
  if (source.kind === 'stacks') {
    const profile = opened(() => decodeStackProfile(new Uint8Array(readFileSync(source.profile))))
    await exportStacks(to, profile, folder)
  } else {
    const heap = opened(() => openHeapColumns(source.columns))
    if (part === 'large') await exportReferences(to, heap.snapshot, folder)
    else {
      const owners = opened(() => decodeOwnerTree(new Uint8Array(readFileSync(source.owners))))
      await exportHeap(to, { ...heap, owners }, folder)
    }
  }
  await say({ kind: 'exported', ms: performance.now() - started })
}

/** What is stored, opened. @throws Damaged */
function opened<T>(open: () => T): T {
  try {
    return open()
  } catch (error) {
    throw new Damaged('stored tables cannot be opened', { cause: error })
  }
}

class Damaged extends Error {
  override readonly name = 'Damaged'
}

async function runStatement(job: StatementJob): Promise<void> {
  process.chdir(job.folder)
  const connection = await openSession(job)
  if (job.as === 'answer') {
    await say({ kind: 'answer', answer: await answerStatement(connection, job.sql, job) })
    return
  }
  const result = await beginStatement(connection, job.sql, job.tables)
  await say({ kind: 'streaming' })
  for await (const text of csvOf(result, job.sql, job)) {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain')
  }
  await new Promise<void>((written) => process.stdout.end(written))
  await say({ kind: 'streamed' })
}

/** DuckDB counts most of its memory, not all: whoever takes more than the process may have is ended. */
function watchMemory(limit: number): void {
  setInterval(() => {
    if (process.memoryUsage.rss() > limit) void say({ kind: 'out-of-memory' }).then(() => process.exit(1))
  }, WATCH_EVERY_MS).unref()
}

/** Resolves when the node has the message, so that the process may end. */
function say(message: QueryMessage): Promise<void> {
  return new Promise((said) => {
    if (process.send && process.connected) process.send(message, undefined, undefined, () => said())
    else said()
  })
}

function refusal(error: unknown): QueryMessage {
  if (error instanceof StatementRefused) return { kind: 'refused', sentence: error.message, at: error.at }
  if (error instanceof Damaged) return { kind: 'damaged' }
  if (/No space left|ENOSPC|EDQUOT/.test(String(error))) return { kind: 'disk-full' }
  if (error instanceof OutOfMemory || isOutOfMemory(error)) return { kind: 'out-of-memory' }
  return { kind: 'broke', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}

/** While exporting, DuckDB's own errors come through. */
const isOutOfMemory = (error: unknown): boolean => /^Error: Out of Memory Error/.test(String(error))

// The node that asked is gone: so is the reason for this process, also when that node was killed.
process.on('disconnect', () => process.exit(1))
process.once('message', (job: QueryJob) => void perform(job))
void say({ kind: 'ready' })
