import { SiteInterner } from '#lib/heap/sites'
import { SLOT_BITS, SlotTable } from '#lib/heap/slots'
import { type HeapSnapshot, NO_GENERATION, NO_INDEX, WEAK_EDGE } from '#lib/heap/snapshot'
import { StringInterner } from '#lib/heap/strings'

/** One object of a drawing. Objects are numbered from 0 in the order they are drawn. */
export interface DrawnObject {
  readonly bytes?: number
  readonly className?: string
  /** Index of its class object. */
  readonly classIndex?: number
  readonly to?: readonly number[]
  /** Like `to`, but weak: drawing one gives the snapshot kinds of references. */
  readonly weakTo?: readonly number[]
  readonly file?: string
  readonly line?: number
  readonly generation?: number
  readonly valueHash?: number
}

export interface Drawing {
  readonly objects: readonly DrawnObject[]
  /** Root categories by name; the same name may come twice. */
  readonly roots: readonly (readonly [name: string, to: readonly number[]])[]
  readonly orphans?: 'apart' | 'under-root'
}

/** A snapshot of a drawing: what a test says in a few lines, as the columns that a scanner would have filled. */
export function drawHeap(drawing: Drawing): HeapSnapshot {
  const { objects } = drawing
  const strings = new StringInterner()
  const sites = new SiteInterner()
  const slots = new SlotTable()
  const count = objects.length
  const hasWeak = objects.some((object) => object.weakTo !== undefined)
  const references: number[] = []
  const kinds: number[] = []
  const referenceStart = new Uint32Array(count + 1)
  objects.forEach((object, index) => {
    referenceStart[index] = references.length
    for (const to of object.to ?? []) {
      references.push(to)
      kinds.push(0)
    }
    for (const to of object.weakTo ?? []) {
      references.push(to)
      kinds.push(WEAK_EDGE)
    }
  })
  referenceStart[count] = references.length
  const column = (value: (object: DrawnObject) => number): Uint32Array =>
    Uint32Array.from(objects, (object) => value(object))
  const rootStart: number[] = [0]
  for (const [, to] of drawing.roots) rootStart.push(rootStart.at(-1)! + to.length)
  return {
    producer: 'drawing',
    objects: count,
    typeNames: ['OBJECT'],
    type: new Uint8Array(count),
    flags: new Uint8Array(count),
    shallowBytes: column((object) => Math.min(object.bytes ?? 40, 0xffffffff)),
    hugeBytes: new Map(
      objects.flatMap((object, index) =>
        (object.bytes ?? 0) >= 0xffffffff ? [[index, object.bytes!] as const] : [],
      ),
    ),
    generation: Int32Array.from(objects, (object) => object.generation ?? NO_GENERATION),
    site: column((object) =>
      object.file === undefined ? 0 : sites.intern(strings.internText(object.file), object.line ?? 0, 0),
    ),
    sites,
    strings,
    classIndex: column((object) => object.classIndex ?? NO_INDEX),
    className: column((object) => strings.internText(object.className ?? 'Object')),
    label: new Uint32Array(count),
    lineOffset: Float64Array.from(objects, (_, index) => index * 300),
    valueHash: column((object) => object.valueHash ?? 0),
    referenceStart,
    references: Uint32Array.from(references),
    edges: hasWeak
      ? {
          kindNames: ['property'],
          kind: Uint8Array.from(kinds),
          name: new Uint32Array(kinds.length),
          numberedKinds: new Set(),
        }
      : undefined,
    roots: {
      count: drawing.roots.length,
      name: Uint32Array.from(drawing.roots, ([name]) => strings.internText(name)),
      start: Uint32Array.from(rootStart),
      references: Uint32Array.from(drawing.roots.flatMap(([, to]) => [...to])),
      isConservative: Uint8Array.from(drawing.roots, ([name]) => (name === 'machine_context' ? 1 : 0)),
    },
    orphans: drawing.orphans,
    keyKind: 'address',
    // Neighbours, 40 bytes apart, from 0x7f0000000000 on.
    slot: Uint32Array.from(objects, (_, index) => {
      const address = 0x7f0000000000 + index * 40
      return ((slots.page(Math.floor(address / 65_536)) << SLOT_BITS) | ((address % 65_536) >>> 3)) >>> 0
    }),
    slots,
    notes: {
      bytesRead: count * 300,
      lines: count,
      badLines: 0,
      badLineOffsets: [],
      truncatedAt: undefined,
      freeSlots: 0,
      shapes: 0,
      shapeBytes: 0,
      danglingReferences: references.filter((to) => to === NO_INDEX).length,
      repeatedAddresses: 0,
      unplacedObjects: 0,
      isPartial: drawing.roots.length === 0,
      producerHints: [],
    },
  }
}
