import { formatBytes, formatCount } from '#lib/units/format'
import { bytes as asBytes } from '#lib/units/quantity'
import { siteWords } from './group-table.ts'
import type { GrowthRow, Proposal } from './growth-model.ts'

/** A group whose growth was below this part of all growth is not worth a decision. */
const SMALLEST_SHARE = 0.01
/** More proposals than this are not read. */
const MOST_PROPOSALS = 20
/** Room above the highest count seen, before "expected" is exceeded. */
const HEADROOM = 1.1

/**
 * What looks expected: growth that stopped (grew once) or is stopping (saturating), seen over three captures at least,
 * and large enough to be worth saying so. A growing or undecided row is never proposed. The bound is a tenth above the
 * highest count that was seen. Rows of bytes only are left to people. O(rows).
 */
export function proposals(rows: readonly GrowthRow[]): Proposal[] {
  const found = rows.flatMap((row, index): Proposal[] => {
    const isBounded = row.shape === 'grew once' || row.shape === 'saturating'
    if (!isBounded || row.isSuspect || row.counts.length < 3 || row.shareOfGrowth < SMALLEST_SHARE) return []
    // A bound is a number of objects: where none are counted (massif), it would hide any growth.
    if (row.counts.every((count) => count === 0)) return []
    const bound = Math.ceil(Math.max(...row.counts) * HEADROOM)
    const where = row.site ? siteWords(row.site) : (row.owner ?? 'not traced')
    const how = row.shape === 'grew once' ? 'It grew once and stayed there' : 'It grows less and less'
    return [
      {
        fingerprint: row.fingerprint,
        title: `${row.className} · ${where}`,
        reason: `${how}: ${row.counts.map(formatCount).join(' → ')} objects over ${row.counts.length} captures, ${formatBytes(asBytes(row.bytes.at(-1)!))} at last. Expected up to ${formatCount(bound)}.`,
        bound,
        row: index,
      },
    ]
  })
  return found.slice(0, MOST_PROPOSALS)
}
