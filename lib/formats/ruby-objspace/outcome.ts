import { UserError } from '#lib/errors/user-error'
import type { ReadingNotes } from '#lib/heap/snapshot'
import { bytes } from '#lib/units/quantity'

/** What the scanner counted, before addresses are linked. */
export type ReadingCounts = Omit<
  ReadingNotes,
  'danglingReferences' | 'repeatedAddresses' | 'unplacedObjects' | 'isPartial'
> & { readonly objects: number; readonly rootLines: number }

const LABEL = 'Ruby heap dump'
/** A few bad lines are normal (other output in between); more than half of a file is another file. */
const MAX_BAD_SHARE = 0.5

/**
 * Passes the counts on when there is something to show.
 * @throws UserError format/truncated, format/empty, format/too-many-bad-lines.
 */
export function checkedReading(counts: ReadingCounts): ReadingCounts {
  const { objects, lines, badLines, truncatedAt } = counts
  if (badLines > lines * MAX_BAD_SHARE)
    throw new UserError('format/too-many-bad-lines', { format: LABEL, bad: badLines, lines })
  if (objects === 0 && truncatedAt !== undefined)
    throw new UserError('format/truncated', { format: LABEL, offset: bytes(counts.bytesRead) })
  if (objects === 0) throw new UserError('format/empty', { format: LABEL })
  return counts
}
