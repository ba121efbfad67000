import type { PathColumns } from './owner-folding.ts'

/** Numbers paths by (parent, name, edge). Path 0 is the root. Open addressing; columns grow by doubling. */
export class PathKeys {
  parent = new Uint32Array(0)
  name = new Uint32Array(0)
  edge = new Uint32Array(0)
  depth = new Uint8Array(0)
  /** Objects at exactly this path and their shallow bytes: the caller counts. */
  count = new Float64Array(0)
  shallowBytes = new Float64Array(0)
  /** Paths so far. */
  paths = 1
  /** Holds path numbers; 0 is free, for the root is nobody's child. */
  private buckets = new Uint32Array(0)

  constructor() {
    this.grow(1 << 12)
    this.rehash(1 << 14)
  }

  /** The path below `parent`, new or known. */
  path(parent: number, name: number, edge: number): number {
    const bucket = this.bucket(parent, name, edge)
    const known = this.buckets[bucket]!
    if (known !== 0) return known
    const path = this.paths++
    if (path === this.parent.length) this.grow(path * 2)
    this.parent[path] = parent
    this.name[path] = name
    this.edge[path] = edge
    this.depth[path] = this.depth[parent]! + 1
    this.buckets[bucket] = path
    if (this.paths * 2 > this.buckets.length) this.rehash(this.buckets.length * 2)
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

  private grow(size: number): void {
    this.parent = enlarged(this.parent, new Uint32Array(size))
    this.name = enlarged(this.name, new Uint32Array(size))
    this.edge = enlarged(this.edge, new Uint32Array(size))
    this.depth = enlarged(this.depth, new Uint8Array(size))
    this.count = enlarged(this.count, new Float64Array(size))
    this.shallowBytes = enlarged(this.shallowBytes, new Float64Array(size))
  }

  private rehash(size: number): void {
    const buckets = new Uint32Array(size)
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

function enlarged<A extends { set(from: A): void }>(from: A, to: A): A {
  to.set(from)
  return to
}
