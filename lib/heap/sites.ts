/** Allocation sites as columns. Site 0 is "not traced". */
export interface SiteTable {
  readonly count: number
  /** String indexes; 0 is the empty string. */
  readonly file: Uint32Array
  /** 0 is "no line was recorded"; a negative line comes from code evaluated with one. */
  readonly line: Int32Array
  readonly method: Uint32Array
}

/** More sites than any program has; further ones are folded into site 0. */
const MAX_SITES = 1 << 22

/** Gives each (file, line, method) one index. Grows by doubling; open addressing. */
export class SiteInterner implements SiteTable {
  file = new Uint32Array(1 << 10)
  line = new Int32Array(1 << 10)
  method = new Uint32Array(1 << 10)
  private total = 1
  /** Holds site index; 0 is free. */
  private buckets = new Uint32Array(1 << 12)

  get count(): number {
    return this.total
  }

  /** Index of the site, 0 when nothing at all is known of it. */
  intern(file: number, line: number, method: number): number {
    if (file === 0 && line === 0 && method === 0) return 0
    const mask = this.buckets.length - 1
    let bucket = hashOf(file, line, method) & mask
    for (;;) {
      const site = this.buckets[bucket]!
      if (site === 0) return this.add(file, line, method, bucket)
      if (this.file[site] === file && this.line[site] === line && this.method[site] === method) return site
      bucket = (bucket + 1) & mask
    }
  }

  private add(file: number, line: number, method: number, bucket: number): number {
    if (this.total >= MAX_SITES) return 0
    const site = this.total++
    if (site >= this.file.length) this.grow()
    this.file[site] = file
    this.line[site] = line
    this.method[site] = method
    this.buckets[bucket] = site
    if (this.total * 2 > this.buckets.length) this.rehash()
    return site
  }

  private grow(): void {
    const file = new Uint32Array(this.file.length * 2)
    const line = new Int32Array(file.length)
    const method = new Uint32Array(file.length)
    file.set(this.file)
    line.set(this.line)
    method.set(this.method)
    this.file = file
    this.line = line
    this.method = method
  }

  private rehash(): void {
    const buckets = new Uint32Array(this.buckets.length * 2)
    const mask = buckets.length - 1
    for (let site = 1; site < this.total; site++) {
      let bucket = hashOf(this.file[site]!, this.line[site]!, this.method[site]!) & mask
      while (buckets[bucket] !== 0) bucket = (bucket + 1) & mask
      buckets[bucket] = site
    }
    this.buckets = buckets
  }
}

function hashOf(file: number, line: number, method: number): number {
  let hash = Math.imul(file, 0x9e3779b1) ^ Math.imul(line, 0x85ebca6b) ^ Math.imul(method, 0xc2b2ae35)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x27d4eb2f)
  return (hash ^ (hash >>> 13)) >>> 0
}
