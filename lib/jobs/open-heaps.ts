import { readFileSync } from 'node:fs'
import { decodeOwnerTree, type OwnerTree } from '#lib/findings/owner-tree'
import { OpenedHeap } from '#lib/questions/opened-heap'
import { openHeapColumns } from '#lib/storage/heap-columns'
import { sound } from './sound.ts'
import type { StoredHeap } from './tasks.ts'

/** Owner trees that a thread keeps: a few MB each. */
const KEPT_OWNERS = 8

/** What a thread has open. The least recently used heaps go when they take more than `memoryBytes`. */
export class OpenHeaps {
  /** By id, oldest use first. */
  private readonly heaps = new Map<string, OpenedHeap>()
  /** By path, oldest use first. */
  private readonly owners = new Map<string, OwnerTree>()

  /** How many are open. */
  get size(): number {
    return this.heaps.size
  }

  /**
   * The heap, opened from its columns when it is not open yet (under 0.25 s for 2.1 M objects). It stays whatever it
   * takes; others make room.
   * @throws UserError read/damaged-columns
   */
  heap({ id, columns }: StoredHeap, memoryBytes: number): OpenedHeap {
    const heap = this.heaps.get(id) ?? opened(columns)
    this.heaps.delete(id)
    this.heaps.set(id, heap)
    let bytes = 0
    for (const open of this.heaps.values()) bytes += open.bytes
    for (const [oldest, open] of this.heaps) {
      if (bytes <= memoryBytes || oldest === id) break
      bytes -= open.bytes
      this.heaps.delete(oldest)
    }
    return heap
  }

  /** The owner tree at a path; the path's file never changes. @throws UserError read/damaged-columns */
  ownerTree(path: string): OwnerTree {
    const tree = this.owners.get(path) ?? sound(() => decodeOwnerTree(readFileSync(path)), path)
    this.owners.delete(path)
    this.owners.set(path, tree)
    for (const oldest of this.owners.keys()) {
      if (this.owners.size <= KEPT_OWNERS) break
      this.owners.delete(oldest)
    }
    return tree
  }
}

function opened(path: string): OpenedHeap {
  const { snapshot, retention } = sound(openHeapColumns, path)
  return new OpenedHeap(snapshot, retention)
}
