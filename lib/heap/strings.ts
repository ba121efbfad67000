/** How many different names one capture may have; a file that has more is hostile or broken. */
const MAX_STRINGS = 1 << 22
const MAX_STORED_BYTES = 1 << 28
/** Half-full tables have runs of a dozen: one this long is no chance. */
const MAX_PROBES = 200
const TOO_MANY = '(too many different names)'

/** Every name of a dump once. Index 0 is the empty string. */
export interface StringTable {
  readonly count: number
  /** The text of index `id`; bytes that are not UTF-8 become U+FFFD. Decodes each time: keep it in a local. */
  text(id: number): string
}

/**
 * Interns names straight from the bytes of a file, so that a name that occurs a million times becomes a
 * JavaScript string once, when somebody reads it.
 *
 * The hash samples at most 24 bytes of a name; a match is always compared byte by byte. When many names differ only
 * where it does not look (generated code, or an attack), all bytes count from then on.
 * Past MAX_STRINGS names or MAX_STORED_BYTES every new one becomes "(too many different names)".
 */
export class StringInterner implements StringTable {
  private bytes = new Uint8Array(1 << 16)
  private used = 0
  private starts = new Uint32Array(1 << 10)
  private hashes = new Int32Array(1 << 10)
  /** Open addressing; holds index + 1. */
  private buckets = new Int32Array(1 << 12)
  private total = 0
  private overflowId = 0
  private hashOf = sampledHash
  private readonly decoder = new TextDecoder()

  constructor() {
    this.internText('')
    this.overflowId = this.internText(TOO_MANY)
  }

  get count(): number {
    return this.total
  }

  /** Index of the name `data[start, end)`. O(length). */
  intern(data: Uint8Array, start: number, end: number): number {
    const length = end - start
    const hash = this.hashOf(data, start, end)
    const mask = this.buckets.length - 1
    let bucket = hash & mask
    for (let probes = 0; ; probes++) {
      const id = this.buckets[bucket]! - 1
      if (id < 0) return this.add(data, start, end, hash, bucket)
      if (this.hashes[id] === hash && this.equals(id, data, start, length)) return id
      bucket = (bucket + 1) & mask
      if (probes === MAX_PROBES && this.hashOf === sampledHash) {
        this.hashAllBytes()
        return this.intern(data, start, end)
      }
    }
  }

  internText(text: string): number {
    const data = new TextEncoder().encode(text)
    return this.intern(data, 0, data.length)
  }

  /** All names as they are kept: index `id` is `bytes[starts[id], starts[id + 1])`. Views, valid until the next new name. */
  stored(): { readonly count: number; readonly starts: Uint32Array; readonly bytes: Uint8Array } {
    return { count: this.total, starts: this.starts, bytes: this.bytes }
  }

  text(id: number): string {
    return this.decoder.decode(this.bytes.subarray(this.starts[id]!, this.starts[id + 1]!))
  }

  private equals(id: number, data: Uint8Array, start: number, length: number): boolean {
    const from = this.starts[id]!
    if (this.starts[id + 1]! - from !== length) return false
    const bytes = this.bytes
    for (let i = 0; i < length; i++) if (bytes[from + i] !== data[start + i]) return false
    return true
  }

  private add(data: Uint8Array, start: number, end: number, hash: number, bucket: number): number {
    const length = end - start
    if (this.total >= MAX_STRINGS || this.used + length > MAX_STORED_BYTES) return this.overflowId
    while (this.used + length > this.bytes.length) this.bytes = grown(this.bytes)
    if (this.total + 2 > this.starts.length) {
      const starts = new Uint32Array(this.starts.length * 2)
      starts.set(this.starts)
      this.starts = starts
      const hashes = new Int32Array(starts.length)
      hashes.set(this.hashes)
      this.hashes = hashes
    }
    const id = this.total++
    this.bytes.set(data.subarray(start, end), this.used)
    this.used += length
    this.starts[id + 1] = this.used
    this.hashes[id] = hash
    this.buckets[bucket] = id + 1
    if (this.total * 2 > this.buckets.length) this.rehash(this.buckets.length * 2)
    return id
  }

  private hashAllBytes(): void {
    this.hashOf = wholeHash
    const { bytes, starts } = this
    for (let id = 0; id < this.total; id++) this.hashes[id] = wholeHash(bytes, starts[id]!, starts[id + 1]!)
    this.rehash(this.buckets.length)
  }

  private rehash(room: number): void {
    const buckets = new Int32Array(room)
    const mask = buckets.length - 1
    for (let id = 0; id < this.total; id++) {
      let bucket = this.hashes[id]! & mask
      while (buckets[bucket] !== 0) bucket = (bucket + 1) & mask
      buckets[bucket] = id + 1
    }
    this.buckets = buckets
  }
}

function grown(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes.length * 2)
  larger.set(bytes)
  return larger
}

/** FNV-1a over the first 8, the middle 8 and the last 8 bytes: paths differ at their ends, generated names in the middle. */
function sampledHash(data: Uint8Array, start: number, end: number): number {
  const length = end - start
  let hash = Math.imul(length, 0x9e3779b1)
  if (length <= 24) {
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ data[i]!, 0x01000193)
  } else {
    const middle = start + (length >> 1) - 4
    for (let i = 0; i < 8; i++) {
      hash = Math.imul(hash ^ data[start + i]!, 0x01000193)
      hash = Math.imul(hash ^ data[middle + i]!, 0x01000193)
      hash = Math.imul(hash ^ data[end - 8 + i]!, 0x01000193)
    }
  }
  return mixed(hash)
}

/** FNV-1a over all bytes. */
function wholeHash(data: Uint8Array, start: number, end: number): number {
  let hash = Math.imul(end - start, 0x9e3779b1)
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ data[i]!, 0x01000193)
  return mixed(hash)
}

function mixed(hash: number): number {
  const half = hash ^ (hash >>> 15)
  return Math.imul(half, 0x85ebca6b) ^ (half >>> 13)
}
