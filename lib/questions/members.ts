import { type GroupTable, siteOfGroup, siteWords } from '#lib/findings/group-table'
import { groupKey } from '#lib/reports/group-key'
import type { CaptureTable } from '#lib/reports/rows'
import type { OpenedHeap } from './opened-heap.ts'

/**
 * The objects behind one row of a capture's tables, in the order of the file. `key` is the row's key
 * (lib/reports/table-rows.ts). Empty when the table has no such row. O(objects).
 */
export function membersOf(heap: OpenedHeap, table: CaptureTable, key: string): Uint32Array {
  if (table === 'generations') return bornIn(heap, Number(key))
  const { table: groups, groupOf } = heap.groups
  const isWanted = new Uint8Array(groups.groups)
  let count = 0
  for (let group = 0; group < groups.groups; group++) {
    if (keyOf(groups, group, table) !== key) continue
    isWanted[group] = 1
    count += groups.count[group]!
  }
  const members = new Uint32Array(count)
  let found = 0
  for (let object = 0; count > 0 && object < groupOf.length; object++)
    if (isWanted[groupOf[object]!] === 1) members[found++] = object
  return members
}

function keyOf(groups: GroupTable, group: number, table: Exclude<CaptureTable, 'generations'>): string {
  const type = groups.typeNames[groups.type[group]!]!
  if (table === 'types') return type
  const className = groups.classNames[groups.className[group]!]!
  if (table === 'classes') return className
  const site = siteWords(siteOfGroup(groups, group))
  return table === 'sites' ? site : groupKey(type, className, site)
}

function bornIn({ snapshot }: OpenedHeap, generation: number): Uint32Array {
  const members: number[] = []
  for (let object = 0; object < snapshot.objects; object++)
    if (snapshot.generation[object] === generation) members.push(object)
  return Uint32Array.from(members)
}
