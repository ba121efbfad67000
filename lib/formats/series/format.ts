import type { Phase } from '#lib/series/reading'
import type { Samples } from '#lib/series/samples'

/** A format whose files hold samples over time. */
export interface SeriesFormat {
  /** Stable: stored with every import. Never rename. */
  readonly id: string
  /** As its users call it; fits into "This … stops short". */
  readonly label: string
  /** Does a text that starts with `head` look like ours? Never throws. */
  recognises(head: string, fileName: string): boolean
  /**
   * Reads a whole text. Lines that make no sense are counted, never fatal.
   * @throws UserError when there are no samples in it.
   */
  read(text: string, context: ImportContext): SeriesImport
}

/** What a file cannot say by itself. */
export interface ImportContext {
  /** Epoch milliseconds of the import: the anchor for files that count from 0, and the day of clock times. */
  readonly nowMs: number
  /** Minutes east of UTC where the uploader sits: the suggestion for times without a zone. */
  readonly zoneMinutes: number
  /** Answers by question id, from people or from an earlier import's recipe. Unknown ids are ignored. */
  readonly answers: Readonly<Record<string, string>>
}

/** How a file was read: enough to read the next one of its kind the same way. Plain JSON. */
export interface SeriesRecipe {
  readonly format: string
  readonly answers: Readonly<Record<string, string>>
}

/** Asked only when two readings of the file are plausible. */
export interface SeriesQuestion {
  /** Key of the answer: `time-unit`, `zone`, `date-order`, `day`, `interval`, `page-size`, or `unit:<column>`. */
  readonly id: string
  readonly ask: string
  readonly options: readonly { readonly value: string; readonly label: string }[]
  /** One of the options' values: what was assumed for the preview. */
  readonly suggested: string
}

export type SeriesUnitName = 'bytes' | 'count' | 'ratio'

/** One quantity of one process, as read. */
export interface ImportedSeries {
  /** Unique within the file: column, and process where there are several. */
  readonly key: string
  /** The column or metric as the file calls it. */
  readonly column: string
  /** What it measures, in our words: rss, heap-live, requests, … */
  readonly name: string
  readonly label: string
  readonly process: string
  readonly unit: SeriesUnitName
  /** File value × factor = value in `unit`. */
  readonly factor: number
  /** The unit's name as chosen: `bytes`, `kib`, `mib`, `gib`, `count`, `ratio`. Answer `unit:<column>` changes it. */
  readonly unitChoice: string
  /** Three values as the file writes them. */
  readonly examples: readonly string[]
  /** What the examples are before `factor`, where the cells alone do not tell ("1.2g" in a column of KiB). */
  readonly exampleValues?: readonly number[]
  /** Ticked in the preview: its meaning is known, or nothing else in the file is. */
  readonly suggested: boolean
  readonly samples: Samples
}

export interface SeriesImport {
  readonly format: string
  readonly series: readonly ImportedSeries[]
  readonly phases: readonly Phase[]
  readonly questions: readonly SeriesQuestion[]
  /** The zone that times were read in: "UTC", "as written", "UTC+05:45". */
  readonly zone: string
  readonly recipe: SeriesRecipe
  readonly lines: number
  readonly badLines: number
}
