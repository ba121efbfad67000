import type { PathColumns } from './owner-folding.ts'

/** Numbers paths by (parent, name, edge). Path 0 is the root. Open addressing; columns grow by doubling. */
export class PathKeys {
  parent = new Uint32Array(1 << 12)
  name = new Uint32Array(1 << 12)
  edge = new Uint32Array(1 << 12)
  depth = new Uint8Array(1 << 12)
  /** Objects at exactly this path and their shallow bytes: the caller counts. */
  count = new Float64Array(1 << 12)
  shallowBytes = new Float64Array(1 << 12)
  /** Paths so far. */
  paths = 1
  /** Holds path numbers; 0 is free, for the root is nobody's child. */
  private buckets = new Uint32Array(1 << 14)

  /** The path below `parent`, new or known. */
  path(parent: number, name: number, edge: number): number {
    const bucket = this.bucket(parent, name, edge)
    const known = this.buckets[bucket]!
    if (known !== 0) return known
    const path = this.paths++
    if (path === this.parent.length) this.grow()
    this.parent[path] = parent
    this.name[path] = name
    this.edge[path] = edge
    this.depth[path] = this.depth[parent]! + 1
    this.buckets[bucket] = path
    if (this.paths * 2 > this.buckets.length) this.rehash()
    return path
  }

  /** The path below `parent`, if it is known. */
  known(parent: number, name: number, edge: number): number | undefined {
    return this.buckets[this.bucket(parent, name, edge)]! || undefined
  }

  /** The used parts of the columns. */
  columns(): PathColumns {
    return {
      paths: this.paths,
      parent: this.parent.slice(0, this.paths),
      name: this.name.slice(0, this.paths),
      edge: this.edge.slice(0, this.paths),
      count: this.count.slice(0, this.paths),
      shallowBytes: this.shallowBytes.slice(0, this.paths),
    }
  }

  private bucket(parent: number, name: number, edge: number): number {
    const mask = this.buckets.length - 1
    let bucket = hashOf(parent, name, edge) & mask
    for (;;) {
      const path = this.buckets[bucket]!
      if (path === 0) return bucket
      if (this.parent[path] === parent && this.name[path] === name && this.edge[path] === edge) return bucket
      bucket = (bucket + 1) & mask
    }
  }

  private grow(): void {
    const size = this.parent.length * 2
    this.parent = doubled(this.parent, new Uint32Array(size))
    this.name = doubled(this.name, new Uint32Array(size))
    this.edge = doubled(this.edge, new Uint32Array(size))
    this.depth = doubled(this.depth, new Uint8Array(size))
    this.count = doubled(this.count, new Float64Array(size))
    this.shallowBytes = doubled(this.shallowBytes, new Float64Array(size))
  }

  private rehash(): void {
    const buckets = new Uint32Array(this.buckets.length * 2)
    const mask = buckets.length - 1
    for (let path = 1; path < this.paths; path++) {
      let bucket = hashOf(this.parent[path]!, this.name[path]!, this.edge[path]!) & mask
      while (buckets[bucket] !== 0) bucket = (bucket + 1) & mask
      buckets[bucket] = path
    }
    this.buckets = buckets
  }
}

function hashOf(parent: number, name: number, edge: number): number {
  let hash = Math.imul(parent, 0x9e3779b1) ^ Math.imul(name, 0x85ebca6b) ^ Math.imul(edge, 0xc2b2ae35)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x27d4eb2f)
  return (hash ^ (hash >>> 13)) >>> 0
}

function doubled<A extends { set(from: A): void }>(from: A, to: A): A {
  to.set(from)
  return to
}
