import { sharedFloat64, sharedInt32, sharedUint8, sharedUint32 } from './shared.ts'

/** Columns while they are being filled. Only a scanner writes here; everyone else gets a HeapSnapshot. */
export class HeapColumns {
  objects = 0
  references = 0
  type: Uint8Array
  flags: Uint8Array
  shallowBytes: Uint32Array
  generation: Int32Array
  site: Uint32Array
  label: Uint32Array
  lineOffset: Float64Array
  valueHash: Uint32Array
  elements: Uint32Array
  slot: Uint32Array
  /** Slot id of the class, before linking. */
  classSlot: Uint32Array
  referenceStart: Uint32Array
  /** Slot ids, before linking. */
  referenceSlot: Uint32Array
  readonly hugeBytes = new Map<number, number>()

  /** Room for this many objects and references before anything must be copied. Untouched room costs little. */
  constructor(objects: number, references: number) {
    this.type = sharedUint8(objects)
    this.flags = sharedUint8(objects)
    this.shallowBytes = sharedUint32(objects)
    this.generation = sharedInt32(objects)
    this.site = sharedUint32(objects)
    this.label = sharedUint32(objects)
    this.lineOffset = sharedFloat64(objects)
    this.valueHash = sharedUint32(objects)
    this.elements = sharedUint32(objects)
    this.slot = sharedUint32(objects)
    this.classSlot = sharedUint32(objects)
    this.referenceStart = sharedUint32(objects + 1)
    this.referenceSlot = sharedUint32(references)
  }

  /** Doubles the room for objects. Hoisted columns must be read again. */
  growObjects(): void {
    const room = this.type.length * 2
    this.type = moved(this.type, sharedUint8(room))
    this.flags = moved(this.flags, sharedUint8(room))
    this.shallowBytes = moved(this.shallowBytes, sharedUint32(room))
    this.generation = moved(this.generation, sharedInt32(room))
    this.site = moved(this.site, sharedUint32(room))
    this.label = moved(this.label, sharedUint32(room))
    this.lineOffset = moved(this.lineOffset, sharedFloat64(room))
    this.valueHash = moved(this.valueHash, sharedUint32(room))
    this.elements = moved(this.elements, sharedUint32(room))
    this.slot = moved(this.slot, sharedUint32(room))
    this.classSlot = moved(this.classSlot, sharedUint32(room))
    this.referenceStart = moved(this.referenceStart, sharedUint32(room + 1))
  }

  /** Room for at least this many objects and references. Hoisted columns must be read again. */
  reserve(objects: number, references: number): void {
    while (this.type.length < objects) this.growObjects()
    while (this.referenceSlot.length < references) this.growReferences()
  }

  growReferences(): void {
    this.referenceSlot = moved(this.referenceSlot, sharedUint32(this.referenceSlot.length * 2))
  }
}

/** A list of 32-bit numbers that grows by doubling: for rows of which there are usually few. */
export class Uint32List {
  length = 0
  private data = new Uint32Array(64)

  push(value: number): void {
    if (this.length === this.data.length) this.data = moved(this.data, new Uint32Array(this.length * 2))
    this.data[this.length++] = value
  }

  /** The used part, without a copy. */
  view(): Uint32Array {
    return this.data.subarray(0, this.length)
  }
}

function moved<A extends { set(from: A): void }>(from: A, to: A): A {
  to.set(from)
  return to
}
