import type { CaptureId } from '#lib/investigation/ids'
import type { EvidenceRef } from '#lib/investigation/rows'
import type { GrowthRow } from '#lib/reports/growth-report'
import { formatCount } from '#lib/units/format'
import { perRequest } from './growth-columns.tsx'
import { visible } from './raw-text.tsx'
import { SHAPES } from './shape-tag.tsx'

/** "String lib/cart/session_log.rb:41": what a chip or a hunch calls a group. */
export function groupTitle(row: GrowthRow, longest = 120): string {
  const site = row.site
    ? `${lastFolders(row.site.file)}${row.site.line === undefined ? '' : `:${row.site.line}`}`
    : ''
  const title = visible(`${row.className} ${site}`.trim())
  return title.length > longest ? `${title.slice(0, longest - 1)}…` : title
}

/** "/srv/app/vendor/lib/cart/session_log.rb" → "lib/cart/session_log.rb": enough to recognise it. */
const lastFolders = (path: string): string => path.split('/').slice(-3).join('/')

/** "String lib/…:41: grows every time, 1.00 per request". At most 200 characters. */
export function pinTitle(row: GrowthRow): string {
  const rate = row.perRequest ? `, ${perRequest(row, 'count')} per request` : ''
  return `${groupTitle(row)}: ${SHAPES[row.shape].words.toLowerCase()}${rate}`.slice(0, 200)
}

/** What a pin of this row points at, with the numbers as they stood. */
export function pinOfRow(row: GrowthRow, captureIds: readonly CaptureId[]): EvidenceRef {
  const path = row.counts.map(formatCount).join(' → ')
  return {
    kind: 'growth-row',
    captureIds: [...captureIds],
    group: row.key,
    reading: `${path}. ${row.reason}`.slice(0, 500),
  }
}
