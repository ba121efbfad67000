import { NO_INDEX } from '#lib/heap/snapshot'

/**
 * Objects of one group that are reached by one name from one parent path: they are all at one path. So an object costs one
 * look-up here, and sums are kept here until the paths are done. Open addressing; columns grow by doubling.
 */
export class OwnerSteps {
  /** Path at which the step's objects are; the caller says for new steps. */
  path = new Uint32Array(0)
  group = new Uint32Array(0)
  count = new Uint32Array(0)
  bytes = new Float64Array(0)
  /** The object that retains most, the first of several, and what it retains. */
  example = new Uint32Array(0)
  most = new Float64Array(0)
  length = 0
  private parent = new Uint32Array(0)
  private edge = new Int32Array(0)
  /** Step + 1. */
  private buckets = new Uint32Array(0)

  constructor() {
    this.grow(1 << 12)
    this.rehash(1 << 14)
  }

  /** The step, new (`length` grows) or known. `edge` is any number of 32 bits with a sign. */
  step(parent: number, group: number, edge: number): number {
    const mask = this.buckets.length - 1
    let bucket = hashOf(parent, group, edge) & mask
    for (;;) {
      const step = this.buckets[bucket]! - 1
      if (step < 0) break
      if (this.parent[step] === parent && this.group[step] === group && this.edge[step] === edge) return step
      bucket = (bucket + 1) & mask
    }
    const step = this.length++
    if (step === this.parent.length) this.grow(step * 2)
    this.parent[step] = parent
    this.group[step] = group
    this.edge[step] = edge
    this.example[step] = NO_INDEX
    this.most[step] = -1
    this.buckets[bucket] = step + 1
    if (this.length * 2 > this.buckets.length) this.rehash(this.buckets.length * 2)
    return step
  }

  /** Steps by path, and below by group. */
  inOrder(paths: number, groups: number): Uint32Array {
    const steps = Uint32Array.from({ length: this.length }, (_, step) => step)
    return sortedBy(this.path, paths, sortedBy(this.group, groups, steps))
  }

  private grow(size: number): void {
    this.path = enlarged(this.path, new Uint32Array(size))
    this.group = enlarged(this.group, new Uint32Array(size))
    this.count = enlarged(this.count, new Uint32Array(size))
    this.bytes = enlarged(this.bytes, new Float64Array(size))
    this.example = enlarged(this.example, new Uint32Array(size))
    this.most = enlarged(this.most, new Float64Array(size))
    this.parent = enlarged(this.parent, new Uint32Array(size))
    this.edge = enlarged(this.edge, new Int32Array(size))
  }

  private rehash(size: number): void {
    const buckets = new Uint32Array(size)
    const mask = buckets.length - 1
    for (let step = 0; step < this.length; step++) {
      let bucket = hashOf(this.parent[step]!, this.group[step]!, this.edge[step]!) & mask
      while (buckets[bucket] !== 0) bucket = (bucket + 1) & mask
      buckets[bucket] = step + 1
    }
    this.buckets = buckets
  }
}

/** A counting sort, stable: `rows` by their key, which is below `keys`. */
function sortedBy(keyOf: Uint32Array, keys: number, rows: Uint32Array): Uint32Array {
  const next = new Uint32Array(keys + 1)
  for (const row of rows) next[keyOf[row]! + 1]!++
  for (let key = 0; key < keys; key++) next[key + 1]! += next[key]!
  const sorted = new Uint32Array(rows.length)
  for (const row of rows) sorted[next[keyOf[row]!]!++] = row
  return sorted
}

function hashOf(parent: number, group: number, edge: number): number {
  let hash = Math.imul(parent, 0x9e3779b1) ^ Math.imul(group, 0x85ebca6b) ^ Math.imul(edge, 0xc2b2ae35)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x27d4eb2f)
  return (hash ^ (hash >>> 13)) >>> 0
}

function enlarged<A extends { set(from: A): void }>(from: A, to: A): A {
  to.set(from)
  return to
}
