import type { HeapSnapshot } from '#lib/heap/snapshot'

/** All used columns and tables as text: the whole content of a snapshot, for comparing two ways to read it. */
export function heapContent(heap: HeapSnapshot): string {
  const { objects, strings, sites, roots, slots } = heap
  const used = (column: Uint8Array | Uint32Array | Int32Array | Float64Array | undefined) =>
    column?.subarray(0, objects).join()
  return JSON.stringify([
    [heap.type, heap.flags, heap.shallowBytes, heap.generation, heap.site, heap.classIndex].map(used),
    [heap.className, heap.label, heap.lineOffset, heap.valueHash, heap.elements, heap.slot].map(used),
    [...heap.hugeBytes],
    heap.referenceStart.subarray(0, objects + 1).join(),
    heap.references.subarray(0, heap.referenceStart[objects]).join(),
    Array.from({ length: strings.count }, (_, id) => strings.text(id)),
    [sites.file, sites.line, sites.method].map((column) => column.subarray(0, sites.count).join()),
    [roots.name.join(), roots.start.join(), roots.references.join(), roots.isConservative?.join()],
    slots.allKeys().join(),
    heap.notes,
  ])
}
