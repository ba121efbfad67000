import { largestPage } from '#lib/questions/related'
import type { ObjectLine } from '#lib/reports/objects'
import { formatBytes, formatCount } from '#lib/units/format'
import { bytes } from '#lib/units/quantity'
import { openHeap } from './open-capture.ts'
import { named } from './path.ts'
import { noSite, siteHeader } from './site-words.ts'
import { EXIT, type Terminal } from './terminal.ts'
import { textTable } from './text-table.ts'

/**
 * `leakroom dominators FILE`: the objects that retain most, wherever they are in the tree.
 * @throws UserError when the file cannot be read
 */
export async function dominators(
  file: string,
  { json, top }: { readonly json: boolean; readonly top: number },
  terminal: Terminal,
): Promise<number> {
  const heap = await openHeap(file)
  const page = largestPage(heap, { offset: 0, limit: top })
  terminal.out(
    json ? JSON.stringify({ file, ...page }, null, 2) : text(page.lines, siteHeader(heap.snapshot.siteKind)),
  )
  return EXIT.done
}

const text = (lines: readonly ObjectLine[], sites: string): string =>
  textTable(
    [
      { title: 'Object', widest: 60, text: (line: ObjectLine) => named(line) },
      { title: 'Type', text: (line) => line.type },
      { title: sites, widest: 50, text: (line) => line.site ?? noSite(sites) },
      { title: 'Objects below', align: 'right', text: (line) => formatCount(line.retainedObjects ?? 0) },
      { title: 'Shallow', align: 'right', text: (line) => formatBytes(bytes(line.shallowBytes)) },
      { title: 'Retained', align: 'right', text: (line) => formatBytes(bytes(line.retainedBytes ?? 0)) },
    ],
    lines,
  )
