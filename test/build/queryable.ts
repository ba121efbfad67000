import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { captureTables } from '#lib/findings/capture'
import { encodeOwnerTree } from '#lib/findings/owner-tree'
import { encodeStackProfile } from '#lib/findings/stack-columns'
import { retention } from '#lib/heap/retention'
import type { HeapSnapshot } from '#lib/heap/snapshot'
import { type DeskOptions, type Queryable, QueryDesk } from '#lib/query/query-desk'
import type { StackProfile } from '#lib/stacks/stack-profile'
import { writeHeapColumns } from '#lib/storage/heap-columns'
import { buildQueryProcess } from '#scripts/build-worker'

/** A desk with a folder of its own and a query process built from the sources as they are. */
export interface TestDesk {
  readonly folder: string
  readonly desk: QueryDesk
  /** Another desk on the same folder, with other limits. */
  with(options: Partial<DeskOptions>): QueryDesk
  heap(snapshot: HeapSnapshot): Promise<Queryable>
  stacks(profile: StackProfile): Promise<Queryable>
  close(): Promise<void>
}

export async function buildDesk(): Promise<TestDesk> {
  const folder = await mkdtemp(join(tmpdir(), 'leakroom-query-'))
  // Beside the packages that it loads.
  const file = await buildQueryProcess(resolve(`dist/query-test-${process.pid}.mjs`))
  const options: DeskOptions = { folder: join(folder, 'parquet'), childFile: async () => file }
  let made = 0
  return {
    folder,
    desk: new QueryDesk(options),
    with: (change) => new QueryDesk({ ...options, ...change }),
    async heap(snapshot) {
      const tree = retention(snapshot)
      const columns = await writeHeapColumns(join(folder, `columns-${made}`), snapshot, tree)
      const tables = captureTables(snapshot, tree)
      if (!tables.owners) throw new Error('a heap without owners')
      const owners = join(folder, `owners-${made++}`)
      await writeFile(owners, encodeOwnerTree(tables.owners))
      return {
        kind: 'heap',
        sha256: columns.sha256,
        withSource: (work) => work({ kind: 'heap', columns: columns.path, owners }),
      }
    },
    async stacks(profile) {
      const stored = encodeStackProfile(profile)
      const path = join(folder, `profile-${made++}`)
      await writeFile(path, stored)
      return {
        kind: 'stacks',
        sha256: createHash('sha256').update(stored).digest('hex'),
        withSource: (work) => work({ kind: 'stacks', profile: path }),
      }
    },
    async close() {
      await rm(folder, { recursive: true, force: true })
      await rm(file, { force: true })
    },
  }
}
