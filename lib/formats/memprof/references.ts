/** References while they are read, with kind and name: three columns that grow by doubling. */
export class ReferenceList {
  count = 0
  slot: Uint32Array<ArrayBuffer>
  kind: Uint8Array<ArrayBuffer>
  name: Uint32Array<ArrayBuffer>

  constructor(room: number) {
    this.slot = new Uint32Array(room)
    this.kind = new Uint8Array(room)
    this.name = new Uint32Array(room)
  }

  add(slot: number, kind: number, name: number): void {
    if (this.count === this.slot.length) this.grow()
    this.slot[this.count] = slot
    this.kind[this.count] = kind
    this.name[this.count++] = name
  }

  private grow(): void {
    const room = Math.max(64, this.slot.length * 2)
    const [slot, kind, name] = [new Uint32Array(room), new Uint8Array(room), new Uint32Array(room)]
    slot.set(this.slot)
    kind.set(this.kind)
    name.set(this.name)
    this.slot = slot
    this.kind = kind
    this.name = name
  }
}
