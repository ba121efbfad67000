import { sitesOfDuplicates } from '#lib/heap/duplicates'
import type { DuplicatesPage } from '#lib/reports/objects'
import { formatCount } from '#lib/units/format'
import { shortText, siteWords } from './object-line.ts'
import type { OpenedHeap } from './opened-heap.ts'
import type { PageOf } from './related.ts'

/** A page of texts that are kept several times, those that waste most first. O(objects). */
export function duplicatesPage(heap: OpenedHeap, { offset, limit }: PageOf): DuplicatesPage {
  const { snapshot, duplicates } = heap
  if (!duplicates) {
    const remark = 'This dump does not tell what its strings say, so equal ones cannot be found.'
    return { total: 0, offset, wastedBytes: 0, remark, rows: [] }
  }
  const { texts, wastedBytes, expectedFalseCopies } = duplicates
  const example = [...duplicates.example.subarray(offset, offset + limit)]
  const sites = sitesOfDuplicates(snapshot, example)
  const rows = example.map((object, row) => {
    const count = duplicates.count[offset + row]!
    const bytesEach = duplicates.bytesEach[offset + row]!
    return {
      example: object,
      count,
      bytesEach,
      bytes: count * bytesEach,
      wastedBytes: (count - 1) * bytesEach,
      site: siteWords(snapshot, sites[row]!),
      className: shortText(snapshot, snapshot.className[object]!),
    }
  })
  return { total: texts, offset, wastedBytes, remark: remarkOn(expectedFalseCopies), rows }
}

/** Texts are compared by size and 32 bits of a hash: exact enough to count, and said where it is not. */
function remarkOn(expectedFalseCopies: number): string | null {
  if (expectedFalseCopies < 1) return null
  return `Texts are compared by size and hash: of all copies listed here about ${formatCount(Math.ceil(expectedFalseCopies))} may be of another text. Look at the values before you act on a row with few copies.`
}
