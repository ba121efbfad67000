import { UserError } from '#lib/errors/user-error'
import { pidstat } from './pidstat/index.ts'
import { prometheusRange } from './prometheus-range/index.ts'
import { prometheusText } from './prometheus-text/index.ts'
import { ps } from './ps/index.ts'
import type { ImportContext, SeriesFormat, SeriesImport } from './series/format.ts'
import { seriesCsv } from './series-csv/index.ts'

/** Every series format we read. The generic table comes last: it takes whatever has columns and a header. */
export const SERIES_FORMATS: readonly SeriesFormat[] = [
  prometheusRange,
  prometheusText,
  pidstat,
  ps,
  seriesCsv,
]

/** What may be attached as a memory graph, for sentences that end "Leakroom reads …". */
export const READABLE_SERIES =
  'CSV with a header line, ps and pidstat -r output, Prometheus text with timestamps and query_range JSON'

/** Characters of a text's front that `recognises` gets to see. */
const HEAD = 4096

/** The format of a text; `undefined` when none knows it. Never throws. */
export function seriesFormatOf(text: string, fileName: string): SeriesFormat | undefined {
  const head = text.slice(0, HEAD)
  return SERIES_FORMATS.find((format) => format.recognises(head, fileName))
}

/**
 * Reads a text in whichever format it is.
 * @throws UserError `format/empty`, `format/unknown`, `series/no-samples`, `format/truncated`
 */
export function importSeries(text: string, fileName: string, context: ImportContext): SeriesImport {
  if (text.trim() === '') throw new UserError('format/empty', { format: 'file' })
  const format = seriesFormatOf(text, fileName)
  if (!format) {
    const looksLike = 'This file is no table of samples that we know.'
    throw new UserError('format/unknown', { looksLike, readable: READABLE_SERIES })
  }
  return format.read(text, context)
}
