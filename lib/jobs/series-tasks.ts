import type { SeriesImport } from '#lib/formats/series/format'
import { previewOf } from '#lib/formats/series/preview'
import { textOf } from '#lib/formats/series/text'
import { importSeries, SERIES_FORMATS } from '#lib/formats/series-index'
import type { SeriesFile, SeriesTask } from './tasks.ts'

/**
 * Reads a memory graph's file: about a second for a million rows (bench/README.md), so only small ones are read outside of a worker thread
 * (lib/jobs/series-reader.ts).
 * @throws UserError format/* · series/no-samples
 */
export function readSeriesFile({ body, fileName, context, want }: Omit<SeriesTask, 'kind'>): SeriesFile {
  const read = importSeries(textOf(body), fileName, context)
  if (want === 'preview') {
    const label = SERIES_FORMATS.find((format) => format.id === read.format)?.label ?? read.format
    return { state: 'preview', preview: previewOf(read, label) }
  }
  return { state: 'read', read: { ...read, series: wanted(read, want) } }
}

const wanted = ({ series }: SeriesImport, want: 'suggested' | readonly string[]) =>
  series.filter((one) => (want === 'suggested' ? one.suggested : want.includes(one.key)))
