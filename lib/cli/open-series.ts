import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { UserError } from '#lib/errors/user-error'
import type { ImportedSeries, SeriesImport } from '#lib/formats/series/format'
import { textOf } from '#lib/formats/series/text'
import { importSeries } from '#lib/formats/series-index'
import { wholeFile } from '#lib/jobs/read-stacks'
import { encodingOf, headOf } from '#lib/storage/unpack'
import { gibibytes } from '#lib/units/quantity'

/** What of a file is read, and how where the file does not say. */
export interface SeriesFileOptions {
  /** A column or key of the file; absent: every process's resident memory. */
  readonly series?: string | undefined
  /** Answers by question id: `unit:rss=kib`, `zone=0`. */
  readonly answers: ReadonlyMap<string, string>
}

/** A file of samples, as read. */
export interface OpenedSeries {
  readonly read: SeriesImport
  /** The memory series to judge, one per process. Never empty. */
  readonly memory: readonly ImportedSeries[]
  /** Cumulative counts beside them: requests, failures, iterations. */
  readonly counters: readonly ImportedSeries[]
  /** Questions that the file left open, and what was assumed. */
  readonly assumptions: readonly string[]
}

/**
 * Reads a file of samples, plain, .gz or .zst, in any format that the room takes.
 * @throws UserError when it is none, or has no memory in it; Error of node:fs
 */
export async function openSeries(path: string, options: SeriesFileOptions): Promise<OpenedSeries> {
  const { size, mtimeMs } = statSync(path)
  const file = { path, fileName: basename(path), storedBytes: size, maxPlainBytes: gibibytes(4) }
  const content = await wholeFile(file, encodingOf(headOf(path, 4)), () => {})
  const read = importSeries(textOf(content), file.fileName, {
    // Times without a day belong to the day on which the file was last written, wherever it is read.
    nowMs: mtimeMs,
    zoneMinutes: -new Date(mtimeMs).getTimezoneOffset(),
    answers: Object.fromEntries(options.answers),
  })
  return {
    read,
    memory: memorySeries(read, file.fileName, options.series),
    counters: read.series.filter(({ unit }) => unit === 'count'),
    assumptions: read.questions
      .filter(({ id }) => !options.answers.has(id))
      .map(({ id, ask, suggested }) => `${ask} Taken as ${suggested}; --answer "${id}=…" says otherwise.`),
  }
}

/** The names that speak for a process, the most telling first; what is left is any column of bytes. */
const RESIDENT = ['rss', 'pss', 'rss-anon']

function memorySeries({ series }: SeriesImport, file: string, wanted?: string): readonly ImportedSeries[] {
  const memory = series.filter(({ unit }) => unit === 'bytes')
  const names = series.map(({ column }) => column)
  if (wanted !== undefined) {
    const chosen = memory.filter(({ key, column, name }) => [key, column, name].includes(wanted))
    if (chosen.length > 0) return chosen
    throw new UserError('cli/no-series', { file, wanted: wanted.slice(0, 60), columns: columnsIn(names) })
  }
  const resident = RESIDENT.map((name) => memory.filter((one) => one.name === name)).find(
    (found) => found.length > 0,
  )
  const found = resident ?? memory.slice(0, 1)
  if (found.length > 0) return found
  throw new UserError('cli/no-memory', { file, columns: columnsIn(names) })
}

const columnsIn = (names: readonly string[]): string =>
  [...new Set(names)]
    .slice(0, 12)
    .map((name) => name.slice(0, 40))
    .join(', ')
