import type { MessagePort } from 'node:worker_threads'
import type { ImportContext, SeriesImport } from '#lib/formats/series/format'
import type { ImportPreview } from '#lib/formats/series/preview'
import type { CaptureProgress } from '#lib/realtime/protocol'
import type { GrowthReport } from '#lib/reports/growth-report'
import type { HeapReport, HeapTotals } from '#lib/reports/heap-report'
import type { GraphAnswers, GraphQuery, RevealedValue } from '#lib/reports/objects'
import type { StackAnswers, StackQuery } from '#lib/reports/stack-questions'
import type { StackReport, StackSummary } from '#lib/reports/stack-report'
import type { LivesView } from '#lib/series/lives-view'
import type { GraphReading } from '#lib/series/read-graph'
import type { ReadingQuestion } from '#lib/series/read-series'
import type { RestartEvidence } from '#lib/series/restarts'
import type { Samples } from '#lib/series/samples'
import type { GrowthPlaces, GrowthPlacesInput } from '#lib/series/where-it-grows-all'
import type { Encoding } from '#lib/storage/unpack'
import type { ExperimentResults, ProductionTask, RunTask, StandingTask } from './experiment-tasks.ts'
import type { LiveBatches } from './live-lines.ts'
import type { LiveMetrics, MetricsRequest } from './live-metrics.ts'
import type { SourceMatrix } from './source-matrix.ts'

// What the node and its worker threads say to each other. Both ends are one build, so nothing is parsed here.

/** A capture's file as it lies on a disk. */
export interface CaptureFile {
  readonly path: string
  /** As uploaded: hostile text, only ever a hint. */
  readonly fileName: string
  readonly storedBytes: number
  readonly maxPlainBytes: number
}
/** Reads a stored capture file and leaves its tables in `workFolder`. */
export interface ReadTask extends CaptureFile {
  readonly kind: 'read'
  readonly workFolder: string
  /** A thread that is free to help stands at the other end (lib/jobs/second-thread.ts). */
  readonly help?: MessagePort | undefined
}
/** Helps another thread with a file: that one says over `port` what it wants. */
export interface HelpTask {
  readonly kind: 'help'
  readonly path: string
  readonly port: MessagePort
}
/** A capture's stored heap, as files that a thread can open. */
export interface StoredHeap {
  /** SHA-256 of the columns: what names an opened heap. */
  readonly id: string
  readonly columns: string
  readonly owners: string
}
/** A question about an opened heap. */
export interface AskTask {
  readonly kind: 'ask'
  readonly heap: StoredHeap
  readonly question: GraphQuery
  /** The owner table of the capture that the question names in `since`. */
  readonly ownersBefore: string | undefined
  /** What opened heaps may take in this thread together, in bytes; the one that is asked about stays in any case. */
  readonly memoryBytes: number
}
/** Reads one object's value from the stored file. */
export interface ValueTask {
  readonly kind: 'value'
  readonly heap: StoredHeap
  readonly object: number
  /** The capture's file as it was uploaded. */
  readonly path: string
  readonly encoding: Encoding
  readonly storedBytes: number
  readonly maxPlainBytes: number
  readonly memoryBytes: number
}
/** SHA-256 of a local file. */
export interface HashTask {
  readonly kind: 'hash'
  readonly path: string
}
/** What grew between captures, from their stored tables, oldest first. */
export interface CompareTask {
  readonly kind: 'compare'
  readonly captures: readonly ComparedFile[]
}
export interface ComparedFile {
  /** Paths of the stored tables. */
  readonly groups: string
  /** Only heaps have these two. */
  readonly identities: string | undefined
  readonly owners: string | undefined
  readonly circumstances: Circumstances
  /** What the sites of a heap say. */
  readonly siteKind: 'allocation' | 'definition' | undefined
  /** Bytes between two samples of a sampled profile. */
  readonly sampledEvery: number | undefined
}
/** What people and graphs know of the moment at which a capture was taken; undefined where nobody knows. */
export type Circumstances = Readonly<
  Record<'requests' | 'takenAtMs' | 'rssBytes', number | undefined> & Record<'process', string | undefined>
>
/** Reads a memory graph's file (lib/jobs/series-tasks.ts). The body's memory goes to the thread. */
export interface SeriesTask {
  readonly kind: 'series'
  readonly body: Uint8Array<ArrayBuffer>
  readonly fileName: string
  readonly context: ImportContext
  /** What to give back: what people see before they confirm, or the samples of the series with these keys. */
  readonly want: 'preview' | 'suggested' | readonly string[]
}
/** Reads the lines that a machine sends to `/api/ingest`. The body's memory goes to the thread. */
export interface LinesTask {
  readonly kind: 'lines'
  readonly body: Uint8Array<ArrayBuffer>
  readonly nowMs: number
}
/** Reads metrics that a machine sends (lib/jobs/live-metrics.ts). The body's memory goes to the thread. */
export interface MetricsTask extends MetricsRequest {
  readonly kind: 'metrics'
}
/** Reads what a Prometheus answered (lib/jobs/source-matrix.ts). The body's memory goes to the thread. */
export interface MatrixTask {
  readonly kind: 'matrix'
  readonly body: Uint8Array<ArrayBuffer>
}
/** The first reading of samples, which are copied: the node keeps its own. */
export interface ReadingTask {
  readonly kind: 'reading'
  readonly samples: Samples
  readonly question: ReadingQuestion
  /** What counts the process's work. */
  readonly counter: Samples | null
}
/** The lives of a process on top of each other. The samples are copied. */
export interface LivesTask {
  readonly kind: 'lives'
  readonly samples: Samples
  readonly evidence: RestartEvidence
  readonly by: LivesView['by']
  readonly counter: Samples | null
}
/** Where memory grows, and with what. The samples are copied. */
export interface PlacesTask {
  readonly kind: 'places'
  readonly input: GrowthPlacesInput
}
/** Folds the log of a shared text into one state (lib/collab/state.ts). */
export interface CompactTask {
  readonly kind: 'compact'
  readonly snapshot: Uint8Array | null
  readonly updates: readonly Uint8Array[]
}
/** One round of warming up: the optimizing compiler makes the first real file twice as fast. */
export interface WarmTask {
  readonly kind: 'warm'
  readonly practice: 'reading' | 'questions'
}
/** A question about allocation stacks, from their stored columns. */
export interface StackTask {
  readonly kind: 'stacks'
  /** Paths of the columns. */
  readonly profile: string
  readonly earlier: string | undefined
  readonly question: StackQuery
}
export type Task =
  | ReadTask
  | HelpTask
  | AskTask
  | ValueTask
  | HashTask
  | CompareTask
  | StackTask
  | SeriesTask
  | LinesTask
  | MetricsTask
  | MatrixTask
  | ReadingTask
  | LivesTask
  | PlacesTask
  | RunTask
  | StandingTask
  | ProductionTask
  | CompactTask
  | WarmTask

/** A file that a task wrote, for the store to take over. */
export interface WrittenFile {
  readonly path: string
  readonly sha256: string
  readonly size: number
}
/** What reading a file comes to. */
export type ReadResult = HeapResult | StackResult

interface AnyResult {
  readonly format: { readonly id: string; readonly label: string }
  readonly encoding: Encoding
  readonly plainBytes: number
  readonly readMs: number
}
/** Of a heap dump. */
export interface HeapResult extends AnyResult {
  readonly kind: 'heap'
  readonly totals: HeapTotals
  readonly rows: HeapReport['rows']
  readonly byType: { type: string; count: number; bytes: number }[]
  readonly tables: Readonly<Record<keyof HeapReport['tables'], WrittenFile>>
}
/** Of allocation stacks. */
export interface StackResult extends AnyResult {
  readonly kind: 'stacks'
  readonly summary: StackSummary
  readonly rows: StackReport['rows']
  readonly tables: Readonly<Record<keyof StackReport['tables'], WrittenFile>>
}
/** Which result belongs to which task. */
export interface Results extends ExperimentResults {
  read: ReadResult
  help: { readonly hasHelped: boolean }
  hash: { readonly sha256: string; readonly size: number }
  ask: GraphAnswers[GraphQuery['ask']]
  value: RevealedObject
  compare: GrowthReport
  /** Null: there is no such node. */
  stacks: StackAnswers[StackQuery['ask']] | null
  series: SeriesFile
  lines: LiveBatches
  metrics: LiveMetrics
  matrix: SourceMatrix
  reading: GraphReading
  lives: LivesView
  places: GrowthPlaces
  compact: Uint8Array
  warm: { readonly ms: number }
}

/** A value, and whose it is, for the log. */
export interface RevealedObject {
  readonly value: RevealedValue
  readonly key: string | null
  readonly className: string
}

/** What a memory graph's file holds. */
export type SeriesFile =
  | { readonly state: 'preview'; readonly preview: ImportPreview }
  /** Its series are only those that were wanted. */
  | { readonly state: 'read'; readonly read: SeriesImport }

/** How far a task is; the node adds whose it is. */
export type TaskProgress = Pick<CaptureProgress, 'stage' | 'ratio' | 'bytesDone' | 'bytesTotal'>
/** Told often; the listener decides how often it passes that on. */
export type OnProgress = (progress: TaskProgress) => void

/** What a worker thread says. */
export type WorkerMessage =
  | { readonly kind: 'progress'; readonly progress: TaskProgress }
  | { readonly kind: 'done'; readonly result: Results[keyof Results] }
  /** A UserError: the sentence for people. */
  | { readonly kind: 'refused'; readonly code: string; readonly status: number; readonly sentence: string }
  /** A bug: its stack, for the log. */
  | { readonly kind: 'broke'; readonly stack: string }
