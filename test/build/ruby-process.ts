import { captureTables } from '#lib/findings/capture'
import type { GrowthCapture } from '#lib/findings/growth-model'
import { retention } from '#lib/heap/retention'
import type { HeapSnapshot } from '#lib/heap/snapshot'
import { scanRuby } from './ruby-dump.ts'

/** What a test says of an object that it allocates. */
export interface Allocation {
  /** Ruby's type; a CLASS or MODULE takes its name from `name`. */
  readonly type?: string
  /** The class, by the address of the object that is it. */
  readonly class?: number | undefined
  readonly name?: string
  /** Kind of an IMEMO: "constcache". */
  readonly imemo?: string
  readonly bytes?: number
  readonly to?: readonly number[]
  /** "app.rb:10"; absent: not traced. */
  readonly at?: string
}

interface Living extends Allocation {
  readonly refs: number[]
  readonly generation: number
}

/**
 * A Ruby process in a drawing: objects in slots of 40 bytes, freed slots that are used again (the last freed first, as
 * Ruby does), collections that are counted. What it dumps is read by the real scanner.
 */
export class RubyProcess {
  generation = 1
  private readonly living = new Map<number, Living>()
  private readonly free: number[] = []
  private readonly roots: number[] = []
  private readonly base: number
  private next = 0

  /** `life`: processes of different lives have their heaps at different addresses. */
  constructor(life = 0) {
    this.base = 0x7f0000000000 + life * 0x1_0000_0000
  }

  /** Allocates; the address. */
  add(allocation: Allocation): number {
    const address = this.free.pop() ?? this.base + this.next++ * 40
    this.living.set(address, {
      ...allocation,
      refs: [...(allocation.to ?? [])],
      generation: this.generation,
    })
    return address
  }

  /** A class or module that a root keeps. */
  addClass(name: string, type: 'CLASS' | 'MODULE' = 'CLASS'): number {
    return this.root(this.add({ type, name, bytes: 500 }))
  }

  /** Makes an object a root. */
  root(address: number): number {
    this.roots.push(address)
    return address
  }

  unroot(address: number): void {
    this.roots.splice(this.roots.indexOf(address), 1)
  }

  /** `from` refers to `to` from now on. */
  link(from: number, to: number): void {
    this.living.get(from)!.refs.push(to)
  }

  unlink(from: number, to: number): void {
    const { refs } = this.living.get(from)!
    refs.splice(refs.indexOf(to), 1)
  }

  /** The object has another size from now on: an array of numbers that got longer. */
  resize(address: number, bytes: number): void {
    this.living.set(address, { ...this.living.get(address)!, bytes })
  }

  /** Frees objects: their slots are the next to be used. */
  release(addresses: readonly number[]): void {
    for (const address of addresses) {
      this.living.delete(address)
      this.free.push(address)
    }
  }

  /** `GC.start`, some times. */
  collect(times = 1): void {
    this.generation += times
  }

  /** The heap as it is now; `traced: false` leaves out what allocation tracing tells. */
  dump({ traced = true } = {}): HeapSnapshot {
    const lines = [`{"type":"ROOT", "root":"vm", "references":[${this.roots.map(hex).join(', ')}]}`]
    for (const [address, object] of this.living) lines.push(line(address, object, traced))
    return scanRuby(new TextEncoder().encode(`${lines.join('\n')}\n`))
  }

  /** What growth needs of it now. */
  capture(more: Partial<GrowthCapture> & { readonly traced?: boolean } = {}): GrowthCapture {
    const { traced = true, ...rest } = more
    const snapshot = this.dump({ traced })
    const { groups, identities, owners } = captureTables(snapshot, retention(snapshot))
    return { groups, identities, owners, ...rest }
  }
}

const hex = (address: number): string => `"0x${address.toString(16)}"`

function line(address: number, object: Living, traced: boolean): string {
  const { type = 'OBJECT', name, imemo, bytes = 40, at, refs, generation } = object
  const [file, number] = at === undefined ? [] : at.split(':')
  return [
    `{"address":${hex(address)}, "type":"${type}"`,
    ...(object.class === undefined ? [] : [`"class":${hex(object.class)}`]),
    ...(name === undefined ? [] : [`"name":"${name}"`]),
    ...(imemo === undefined ? [] : [`"imemo_type":"${imemo}"`]),
    ...(refs.length === 0 ? [] : [`"references":[${refs.map(hex).join(', ')}]`]),
    ...(traced && file !== undefined
      ? [`"file":"${file}", "line":${number}, "generation":${generation}`]
      : []),
    `"memsize":${bytes}}`,
  ].join(', ')
}
