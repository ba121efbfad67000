import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { UserError } from '#lib/errors/user-error'
import { accumulationPoints } from '#lib/findings/accumulation'
import { captureTables } from '#lib/findings/capture'
import type { GrowthCapture } from '#lib/findings/growth-model'
import { captureSuspects } from '#lib/findings/run-growth'
import { readStacks } from '#lib/formats/stack-index'
import { retention } from '#lib/heap/retention'
import { type RecognisedFile, recognised } from '#lib/jobs/read-file'
import { scanHeap } from '#lib/jobs/read-heap'
import { wholeFile } from '#lib/jobs/read-stacks'
import type { CaptureFile } from '#lib/jobs/tasks'
import { OpenedHeap } from '#lib/questions/opened-heap'
import { placeWords } from '#lib/stacks/own-frame'
import { type StackProfile, sampledEvery } from '#lib/stacks/stack-profile'
import type { StackSuspect } from '#lib/stacks/suspects'
import { kindTotals, summedKinds } from '#lib/stacks/totals'
import { gibibytes } from '#lib/units/quantity'
import type { JsonFinding, JsonSuspect } from './json.ts'

/** A file on the command line belongs to whoever gives it; this only stops what would never end. */
const MAX_PLAIN = gibibytes(64)

/** A capture's tables; the graph itself is not kept. */
export interface OpenedCapture {
  readonly file: string
  readonly format: { readonly id: string; readonly label: string }
  readonly readMs: number
  readonly tables: Pick<GrowthCapture, 'groups' | 'identities' | 'owners' | 'siteKind' | 'sampledEvery'>
  readonly facts: {
    /** What the file tells of its producer. */
    readonly producer: readonly string[]
    readonly objects: number
    readonly bytes: number
    readonly skipped: number
    /** What allocation tracing itself retains; null when nobody traced. */
    readonly tracerBytes: number | null
    readonly remarks: readonly string[]
  }
  /** What this capture says alone. */
  readonly suspects: readonly JsonSuspect[]
  readonly findings: readonly JsonFinding[]
  readonly summary: string
}

/** Reads a file to its tables. @throws UserError when it is none that we read or is damaged; Error of node:fs */
export async function openCapture(path: string, requests?: number): Promise<OpenedCapture> {
  const started = performance.now()
  const file = captureFile(path)
  const found = await recognised(file)
  const opened = found.heapFormat
    ? await heapTables(file, found, found.heapFormat)
    : await stackTables(file, found, requests)
  return { file: path, ...opened, readMs: performance.now() - started }
}

/** Reads a heap dump and keeps its graph, for questions. @throws UserError, also for a file without a graph */
export async function openHeap(path: string): Promise<OpenedHeap> {
  const file = captureFile(path)
  const { heapFormat, encoding, head } = await recognised(file)
  if (!heapFormat) {
    const { format } = readStacks(await wholeFile(file, encoding, ignored), head, file.fileName)
    throw new UserError('cli/no-graph', { file: file.fileName, format: format.label })
  }
  const snapshot = await scanHeap(file, heapFormat, encoding, ignored)
  return new OpenedHeap(snapshot, retention(snapshot))
}

/** A terminal shows no progress: files are read in about a second. */
const ignored = (): void => {}

function captureFile(path: string): CaptureFile {
  return { path, fileName: basename(path), storedBytes: statSync(path).size, maxPlainBytes: MAX_PLAIN }
}

type Opened = Omit<OpenedCapture, 'file' | 'readMs'>

async function heapTables(
  file: CaptureFile,
  { encoding }: RecognisedFile,
  format: NonNullable<RecognisedFile['heapFormat']>,
): Promise<Opened> {
  const snapshot = await scanHeap(file, format, encoding, ignored)
  const { groups, identities, owners, totals } = captureTables(snapshot, retention(snapshot))
  return {
    // A format has functions, which cannot leave a thread.
    format: { id: format.id, label: format.label },
    tables: { groups, identities, owners, siteKind: totals.siteKind },
    facts: {
      producer: totals.producerHints,
      objects: totals.objects,
      bytes: totals.shallowBytes,
      skipped: totals.badLines,
      tracerBytes: totals.tracer?.retainedBytes ?? null,
      remarks: totals.remarks,
    },
    suspects: [],
    findings: owners
      ? accumulationPoints(owners, groups).map(({ title, words }) => ({
          title,
          words,
          shareOfGrowth: 0,
          confidence: 'low: one capture says what is there, not what grows',
        }))
      : [],
    summary:
      'One capture shows what is there. A second one shows what changed, a third what keeps growing. What holds most of it:',
  }
}

async function stackTables(
  file: CaptureFile,
  { encoding, head }: RecognisedFile,
  requests: number | undefined,
): Promise<Opened> {
  const content = await wholeFile(file, encoding, ignored)
  const { format, profile, groups } = readStacks(content, head, file.fileName)
  const said = captureSuspects(profile, requests)
  const { bytes, blocks } = inUse(profile)
  return {
    format,
    tables: { groups, sampledEvery: sampledEvery(profile.sampling) },
    facts: {
      producer: profile.notes.facts.map(([name, value]) => `${name}: ${value}`),
      objects: blocks,
      bytes,
      skipped: profile.notes.skipped,
      tracerBytes: null,
      remarks: [profile.sampling.words, ...profile.notes.remarks].filter((words) => words !== ''),
    },
    suspects: said.suspects.map(stackSuspect),
    findings: said.suspects.map(({ frame, words, share, confidence }) => ({
      title: frame.name,
      words,
      shareOfGrowth: share,
      confidence,
    })),
    summary: said.words,
  }
}

function stackSuspect(found: StackSuspect): JsonSuspect {
  const { type, frame, bytes, blocks, share, perRequest, confidence, words } = found
  return {
    type,
    className: frame.name,
    site: placeWords(frame),
    method: null,
    counts: [blocks],
    shallowBytes: [bytes],
    retainedBytes: null,
    // Of one capture; what is lost is gone for good, what grew did so within its run.
    shape: type === 'in use' ? 'growing every time' : 'cannot tell',
    suspect: true,
    holder: null,
    reason: words,
    confidence,
    shareOfGrowth: share,
    bytesPerRequest: perRequest?.bytes ?? null,
    objectsPerRequest: perRequest?.blocks ?? null,
  }
}

/** Bytes and blocks of all kinds that may be summed. */
function inUse(profile: StackProfile): { bytes: number; blocks: number } {
  let bytes = 0
  let blocks = 0
  for (const total of kindTotals(profile)) {
    if (!summedKinds.has(total.kind)) continue
    bytes += total.totals['in-use-bytes'] ?? 0
    blocks += total.totals['in-use-blocks'] ?? 0
  }
  return { bytes, blocks }
}
