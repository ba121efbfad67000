import type { HeapSnapshot } from './snapshot.ts'
import type { StringTable } from './strings.ts'

/** Longer texts are cut: a value of 64 KiB is all that is ever shown of one. */
const MAX_TEXT_BYTES = 1 << 16
const MAX_BYTES = 2 ** 31

/**
 * The strings that a snapshot refers to, as UTF-8: lengths by index, and all bytes. A dump has more (a V8 snapshot names
 * nodes that no column keeps): those become empty.
 */
export function usedStrings(snapshot: HeapSnapshot): { lengths(): Uint32Array; bytes(): Uint8Array } {
  let made: { lengths: Uint32Array; bytes: Uint8Array } | undefined
  const make = () => {
    made ??= gathered(snapshot)
    return made
  }
  return { lengths: () => make().lengths, bytes: () => make().bytes }
}

function gathered(snapshot: HeapSnapshot): { lengths: Uint32Array; bytes: Uint8Array } {
  const { strings } = snapshot
  const isUsed = markUsed(snapshot)
  const lengths = new Uint32Array(strings.count)
  const encoder = new TextEncoder()
  let bytes = new Uint8Array(1 << 16)
  let used = 0
  for (let id = 0; id < strings.count; id++) {
    if (isUsed[id] === 0) continue
    const text = strings.text(id)
    // Three bytes are the most that UTF-8 needs for one UTF-16 unit.
    const most = Math.min(text.length * 3, MAX_TEXT_BYTES)
    if (used + most > MAX_BYTES) break
    while (used + most > bytes.length) {
      const larger = new Uint8Array(bytes.length * 2)
      larger.set(bytes)
      bytes = larger
    }
    const { written } = encoder.encodeInto(text, bytes.subarray(used, used + most))
    lengths[id] = written
    used += written
  }
  return { lengths, bytes: bytes.subarray(0, used) }
}

function markUsed(snapshot: HeapSnapshot): Uint8Array {
  const { objects, sites, roots, edges } = snapshot
  const isUsed = new Uint8Array(snapshot.strings.count)
  for (let object = 0; object < objects; object++) {
    isUsed[snapshot.className[object]!] = 1
    isUsed[snapshot.label[object]!] = 1
  }
  for (let site = 0; site < sites.count; site++) {
    isUsed[sites.file[site]!] = 1
    isUsed[sites.method[site]!] = 1
  }
  for (let root = 0; root < roots.count; root++) isUsed[roots.name[root]!] = 1
  if (edges) {
    const references = snapshot.referenceStart[objects]!
    const numbered = Uint8Array.from({ length: 256 }, (_, kind) =>
      edges.numberedKinds.has(kind & 0x7f) ? 1 : 0,
    )
    for (let k = 0; k < references; k++) if (numbered[edges.kind[k]!] === 0) isUsed[edges.name[k]!] = 1
  }
  return isUsed
}

/** The table again. Decodes each time, like every StringTable. */
export function storedStrings(lengths: Uint32Array, bytes: Uint8Array): StringTable {
  const start = new Uint32Array(lengths.length + 1)
  for (let id = 0; id < lengths.length; id++) start[id + 1] = start[id]! + lengths[id]!
  if (start[lengths.length] !== bytes.length)
    throw new Error('strings and their lengths do not belong together')
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  return {
    count: lengths.length,
    text: (id) => decoder.decode(bytes.subarray(start[id]!, start[id + 1]!)),
  }
}
