import { captureTables, joinedTables } from '#lib/findings/capture'
import type { CaptureTables } from '#lib/findings/capture-tables'
import { generationTable } from '#lib/findings/generations'
import { groupedObjects } from '#lib/findings/groups'
import { identities } from '#lib/findings/identities'
import { ownerTree } from '#lib/findings/owner-paths'
import { retainedSums } from '#lib/findings/retained-rows'
import { type Retention, retention } from '#lib/heap/retention'
import type { HeapSnapshot } from '#lib/heap/snapshot'
import type { SecondThread } from './second-thread.ts'

/**
 * The dominators and tables of a snapshot. With a second thread that one counts and identifies objects while this one finds
 * dominators, and adds up what groups retain while this one builds the owner tree; what it fails to do is done here.
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
  const grouped = groupedObjects(snapshot)
  const { table, groupOf } = grouped
  const { objects, slot, slots, generation, shallowBytes, hugeBytes, keyKind } = snapshot
  const pageKeys = slots.allKeys()
  const births = { objects, generation, shallowBytes, hugeBytes }
  const counted = second.ask('objects', { ...births, slot, keyKind, pageKeys, groupOf })
  const kept = retention(snapshot)
  const { firstObject, order, reached, retainedBytes, retainedObjects } = kept
  const columns = { firstObject, order, reached, retainedBytes, retainedObjects }
  const summed = second.ask('sums', { objects, generation, groupOf, retention: columns, table })
  onDominated(kept)
  const owners = ownerTree(snapshot, kept, grouped)
  const rest = (await counted) ?? {
    generations: generationTable(snapshot),
    identities: identities(snapshot, groupOf),
  }
  const sums = (await summed) ?? retainedSums({ objects, generation, groupOf, retention: kept }, table)
  return joinedTables(snapshot, kept, grouped, owners, { ...rest, sums })
}
