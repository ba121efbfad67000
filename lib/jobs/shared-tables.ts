import { captureTables, joinedTables } from '#lib/findings/capture'
import type { CaptureTables } from '#lib/findings/capture-tables'
import { generationTable } from '#lib/findings/generations'
import { columnsOf, groupedObjects, namedGroups } from '#lib/findings/groups'
import { identities } from '#lib/findings/identities'
import { ownerTree } from '#lib/findings/owner-paths'
import { retainedSums } from '#lib/findings/retained-rows'
import { type Retention, retention } from '#lib/heap/retention'
import type { HeapSnapshot } from '#lib/heap/snapshot'
import type { SecondThread } from './second-thread.ts'

/**
 * The dominators and tables of a snapshot. With a second thread that one groups, counts and identifies objects while this
 * one finds dominators, and adds up what groups retain while this one builds the owner tree; what it fails to do is done here.
 * `onDominated` is called between the two.
 */
export async function sharedTables(
  snapshot: HeapSnapshot,
  second: SecondThread | undefined,
  onDominated: (kept: Retention) => void,
): Promise<CaptureTables> {
  if (second === undefined) {
    const kept = retention(snapshot)
    onDominated(kept)
    return captureTables(snapshot, kept)
  }
  const { objects, slot, slots, generation, keyKind } = snapshot
  const pageKeys = slots.allKeys()
  const counting = second.ask('objects', { ...columnsOf(snapshot), generation, slot, keyKind, pageKeys })
  const kept = retention(snapshot)
  onDominated(kept)
  const counted = await counting
  const grouped = counted ? namedGroups(snapshot, counted.numbered) : groupedObjects(snapshot)
  const { table, groupOf } = grouped
  const { firstObject, order, reached, retainedBytes, retainedObjects } = kept
  const columns = { firstObject, order, reached, retainedBytes, retainedObjects }
  const sumColumns = { objects, generation, groupOf, retention: columns }
  const summing = second.ask('sums', { ...sumColumns, table })
  const owners = ownerTree(snapshot, kept, grouped)
  return joinedTables(snapshot, kept, grouped, owners, {
    generations: counted?.generations ?? generationTable(snapshot),
    identities: counted?.identities ?? identities(snapshot, groupOf),
    sums: (await summing) ?? retainedSums(sumColumns, table),
  })
}
