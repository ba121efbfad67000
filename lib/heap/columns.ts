/** Columns while they are being filled. Only a scanner writes here; everyone else gets a HeapSnapshot. */
export class HeapColumns {
  objects = 0
  references = 0
  type: Uint8Array<ArrayBuffer>
  flags: Uint8Array<ArrayBuffer>
  shallowBytes: Uint32Array<ArrayBuffer>
  generation: Int32Array<ArrayBuffer>
  site: Uint32Array<ArrayBuffer>
  label: Uint32Array<ArrayBuffer>
  lineOffset: Float64Array<ArrayBuffer>
  valueHash: Uint32Array<ArrayBuffer>
  elements: Uint32Array<ArrayBuffer>
  slot: Uint32Array<ArrayBuffer>
  /** Slot id of the class, before linking. */
  classSlot: Uint32Array<ArrayBuffer>
  referenceStart: Uint32Array<ArrayBuffer>
  /** Slot ids, before linking. */
  referenceSlot: Uint32Array<ArrayBuffer>
  readonly hugeBytes = new Map<number, number>()

  /** Room for this many objects and references before anything must be copied. Untouched room costs little. */
  constructor(objects: number, references: number) {
    this.type = new Uint8Array(objects)
    this.flags = new Uint8Array(objects)
    this.shallowBytes = new Uint32Array(objects)
    this.generation = new Int32Array(objects)
    this.site = new Uint32Array(objects)
    this.label = new Uint32Array(objects)
    this.lineOffset = new Float64Array(objects)
    this.valueHash = new Uint32Array(objects)
    this.elements = new Uint32Array(objects)
    this.slot = new Uint32Array(objects)
    this.classSlot = new Uint32Array(objects)
    this.referenceStart = new Uint32Array(objects + 1)
    this.referenceSlot = new Uint32Array(references)
  }

  /** Doubles the room for objects. Hoisted columns must be read again. */
  growObjects(): void {
    const room = this.type.length * 2
    this.type = moved(this.type, new Uint8Array(room))
    this.flags = moved(this.flags, new Uint8Array(room))
    this.shallowBytes = moved(this.shallowBytes, new Uint32Array(room))
    this.generation = moved(this.generation, new Int32Array(room))
    this.site = moved(this.site, new Uint32Array(room))
    this.label = moved(this.label, new Uint32Array(room))
    this.lineOffset = moved(this.lineOffset, new Float64Array(room))
    this.valueHash = moved(this.valueHash, new Uint32Array(room))
    this.elements = moved(this.elements, new Uint32Array(room))
    this.slot = moved(this.slot, new Uint32Array(room))
    this.classSlot = moved(this.classSlot, new Uint32Array(room))
    this.referenceStart = moved(this.referenceStart, new Uint32Array(room + 1))
  }

  /** Room for at least this many objects and references. Hoisted columns must be read again. */
  reserve(objects: number, references: number): void {
    while (this.type.length < objects) this.growObjects()
    while (this.referenceSlot.length < references) this.growReferences()
  }

  growReferences(): void {
    this.referenceSlot = moved(this.referenceSlot, new Uint32Array(this.referenceSlot.length * 2))
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
