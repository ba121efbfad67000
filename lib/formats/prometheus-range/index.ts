import type { ImportContext, SeriesFormat, SeriesImport } from '../series/format.ts'
import { assembleMetrics } from '../series/metrics.ts'
import { MATRIX_LABEL, readMatrix } from './matrix.ts'

const FORMAT = 'prometheus-range'

/** The JSON of `/api/v1/query_range`: a matrix of [seconds, "value"] pairs. */
export const prometheusRange: SeriesFormat = {
  id: FORMAT,
  label: MATRIX_LABEL,
  recognises: (head) =>
    /^\s*\{/.test(head) && /"resultType"\s*:\s*"|"status"\s*:\s*"(success|error)"/.test(head),
  read: readRange,
}

function readRange(text: string, context: ImportContext): SeriesImport {
  const { metrics, lines, badLines } = readMatrix(text)
  return assembleMetrics(FORMAT, metrics, { lines, badLines }, context)
}
