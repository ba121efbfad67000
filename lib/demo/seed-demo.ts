import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { addUploadingCapture, finishUploadedCapture } from '#lib/db/captures'
import { ensureDemoPeople, findDemo, markTold, removeDemo, withDemoLock } from '#lib/db/demo'
import { createInvestigation } from '#lib/db/investigations'
import type { TeamWriteAccess, WriteAccess } from '#lib/investigation/access'
import { CaptureId, HypothesisId, type InvestigationId } from '#lib/investigation/ids'
import type { CaptureRow } from '#lib/investigation/rows'
import { readingNode } from '#lib/jobs/shared-node'
import { services } from '#lib/services'
import type { Store } from '#lib/storage/store'
import { attachRecording } from './graph.ts'
import { GRAPH_CAPTURES, type Recording, TRACED_CAPTURES } from './recordings.ts'
import { seedUpdate } from './rich-text.ts'
import { tell } from './story.ts'
import { sharedText } from './words.ts'

/** What seeding works with; each has a default from the running node. */
export interface DemoTools {
  readonly store: Store
  /** Puts a stored capture in line to be read: seeding reads nothing itself. */
  enqueue(captureId: string): Promise<void>
  readonly now: Date
  /** Called when the demo has its row: from then on home says that it is on its way. */
  begun(): void
}

/** The recording began this long before the demo is made, so that everything said about it lies in the past. */
const BEGAN_BEFORE_MS = 30 * 60_000

/**
 * Makes the team's demo investigation: a real graph, six real heap dumps, and three invented people who find out what
 * grew. The dumps are stored and put in line; nothing is parsed here. Takes about a second.
 *
 * @returns the demo's id; of the one that is there already, when it was told to its end
 */
export function seedDemo(access: TeamWriteAccess, tools: Partial<DemoTools> = {}): Promise<InvestigationId> {
  return withDemoLock(access, async () => {
    const there = await findDemo(access)
    if (there?.isTold) return there.id
    // Under the lock: whoever began it went down in the middle. Half a story explains nothing.
    await removeDemo(access)
    return makeDemo(access, tools)
  })
}

/** Puts the demo back as it was at first: what people changed in it goes, and so does a half-made one. */
export function restoreDemo(
  access: TeamWriteAccess,
  tools: Partial<DemoTools> = {},
): Promise<InvestigationId> {
  return withDemoLock(access, async () => {
    await removeDemo(access)
    return makeDemo(access, tools)
  })
}

async function makeDemo(access: TeamWriteAccess, given: Partial<DemoTools>): Promise<InvestigationId> {
  const tools: DemoTools = {
    store: given.store ?? readingNode().folders.store,
    enqueue: given.enqueue ?? ((captureId) => services().enqueueCapture(captureId)),
    now: given.now ?? new Date(),
    begun: given.begun ?? (() => {}),
  }
  const id = () => HypothesisId.parse(randomUUID())
  const hypotheses = { client: id(), audit: id(), callbacks: id(), quotes: id() }
  const investigationId = await createInvestigation(access, 'Memory climbs when memcached goes away', {
    demo: true,
    document: seedUpdate(sharedText(hypotheses)),
  })
  tools.begun()
  try {
    const [mika, wes, jo] = await ensureDemoPeople(['Mika', 'Wes', 'Jo'])
    if (!mika || !wes || !jo) throw new Error('the demo lacks its people')
    const startedAt = tools.now.getTime() - BEGAN_BEFORE_MS
    const stored: CaptureRow[] = []
    const attachAll = async (writer: WriteAccess, recordings: readonly Recording[]) => {
      const rows: CaptureRow[] = []
      for (const recording of recordings) rows.push(await attachCapture(writer, recording, startedAt, tools))
      stored.push(...rows)
      return rows
    }
    await tell({
      investigationId,
      people: { mika, wes, jo },
      hypotheses,
      startedAt,
      attachGraph: (writer) => attachRecording(writer, startedAt),
      attachGraphCaptures: (writer) => attachAll(writer, GRAPH_CAPTURES),
      attachTracedCaptures: (writer) => attachAll(writer, TRACED_CAPTURES),
    })
    await markTold(investigationId)
    // Only now: what the readers tell must come after the story, which is told in its own time.
    for (const capture of stored) await tools.enqueue(capture.id)
  } catch (error) {
    // Should this fail too, the next start finds it half made (repair-demos.ts).
    await removeDemo(access).catch(() => {})
    throw error
  }
  return investigationId
}

/** As an upload does it: the row, then the bytes, then the line of those that wait for a reader. */
async function attachCapture(
  access: WriteAccess,
  recording: Recording,
  startedAt: number,
  { store }: DemoTools,
): Promise<CaptureRow> {
  const id = CaptureId.parse(randomUUID())
  const uploadId = randomUUID()
  const { path, fileName, label, process, takenAfter, requestCount } = recording
  const { size } = await stat(path)
  const capture = {
    id,
    label,
    fileName,
    size,
    takenAt: takenAfter === null ? null : new Date(startedAt + takenAfter),
    process,
    requestCount: BigInt(requestCount),
  }
  await addUploadingCapture(access, capture, uploadId)
  const blob = await store.put(createReadStream(path))
  const { investigationId } = access
  const upload = { id: uploadId, investigationId, captureId: id, userId: userIdOf(access), size }
  const file = { sha256: blob.sha256, storedSize: blob.size, encoding: 'gzip' as const }
  const row = await finishUploadedCapture(upload, file, undefined, access)
  if (!row) throw new Error(`the demo’s capture ${fileName} went away while it was stored`)
  return row
}

function userIdOf({ actor }: WriteAccess): string {
  if (actor.kind !== 'person') throw new Error('the demo is told by people')
  return actor.userId
}
