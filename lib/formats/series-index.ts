import { UserError } from '#lib/errors/user-error'
import { derailed } from './derailed/index.ts'
import { dockerStats } from './docker-stats/index.ts'
import { grafanaCsv } from './grafana-csv/index.ts'
import { lineProtocol } from './line-protocol/index.ts'
import { otlpJson } from './otlp/file.ts'
import { pidstat } from './pidstat/index.ts'
import { procStatm } from './proc-statm/index.ts'
import { procStatus } from './proc-status/index.ts'
import { prometheusRange } from './prometheus-range/index.ts'
import { prometheusText } from './prometheus-text/index.ts'
import { ps } from './ps/index.ts'
import { sadf } from './sadf/index.ts'
import { sar } from './sar/index.ts'
import type { ImportContext, SeriesFormat, SeriesImport } from './series/format.ts'
import { seriesCsv } from './series-csv/index.ts'
import { top } from './top/index.ts'

/** Every series format we read. The generic table comes last: it takes whatever has columns and a header. */
export const SERIES_FORMATS: readonly SeriesFormat[] = [
  prometheusRange,
  sadf,
  otlpJson,
  top,
  dockerStats,
  pidstat,
  sar,
  procStatus,
  procStatm,
  derailed,
  grafanaCsv,
  prometheusText,
  lineProtocol,
  ps,
  seriesCsv,
]

/** What may be attached as a memory graph, for sentences that end "Leakroom reads …". */
export const READABLE_SERIES =
  'CSV with a header line, Grafana’s CSV, output of ps, pidstat -r, top -b, docker stats, sar -r and sadf -j, /proc/PID/status and statm, derailed_benchmarks, Prometheus text with timestamps, query_range JSON, InfluxDB line protocol and OTLP JSON'

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
