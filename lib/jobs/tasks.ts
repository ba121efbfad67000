import type { CaptureProgress } from '#lib/realtime/protocol'
import type { GrowthReport } from '#lib/reports/growth-report'
import type { HeapTotals } from '#lib/reports/heap-report'
import type { Encoding } from '#lib/storage/unpack'

// What the node and its worker threads say to each other. Both ends are one build, so nothing is parsed here.

/** Reads a stored capture file and leaves its tables in `workFolder`. */
export interface ReadTask {
  readonly kind: 'read'
  readonly path: string
  /** As uploaded: hostile text, only ever a hint. */
  readonly fileName: string
  readonly storedBytes: number
  readonly maxPlainBytes: number
  readonly workFolder: string
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
  readonly identities: string
  /** Requests that the process had served by then. */
  readonly requests: number | undefined
}
/** One round of warming up: the optimizing compiler makes the first real file twice as fast. */
export interface WarmTask {
  readonly kind: 'warm'
}
export type Task = ReadTask | HashTask | CompareTask | WarmTask

/** A file that a task wrote, for the store to take over. */
export interface WrittenFile {
  readonly path: string
  readonly sha256: string
  readonly size: number
}
export interface ReadResult {
  readonly format: { readonly id: string; readonly label: string }
  readonly encoding: Encoding
  readonly plainBytes: number
  readonly totals: HeapTotals
  readonly rows: { readonly groups: number; readonly generations: number }
  readonly byType: { type: string; count: number; bytes: number }[]
  readonly readMs: number
  readonly tables: {
    readonly groups: WrittenFile
    readonly generations: WrittenFile
    readonly identities: WrittenFile
  }
}
/** Which result belongs to which task. */
export interface Results {
  read: ReadResult
  hash: { readonly sha256: string; readonly size: number }
  compare: GrowthReport
  warm: { readonly ms: number }
}

/** How far a task is; the node adds whose it is. */
export type TaskProgress = Pick<CaptureProgress, 'stage' | 'ratio' | 'bytesDone' | 'bytesTotal'>

/** What a worker thread says. */
export type WorkerMessage =
  | { readonly kind: 'progress'; readonly progress: TaskProgress }
  | { readonly kind: 'done'; readonly result: Results[keyof Results] }
  /** A UserError: the sentence for people. */
  | { readonly kind: 'refused'; readonly code: string; readonly status: number; readonly sentence: string }
  /** A bug: its stack, for the log. */
  | { readonly kind: 'broke'; readonly stack: string }
