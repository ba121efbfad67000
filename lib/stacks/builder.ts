import { isAllocator } from './allocators.ts'
import { libraryOf } from './libraries.ts'
import {
  MAX_STACK_TEXT,
  STACK_KINDS,
  STACK_MEASURES,
  type StackKind,
  type StackMeasure,
  type StackNotes,
  type StackProfile,
  type StackTimeline,
} from './stack-profile.ts'

/** A frame as a file tells it. */
export interface FrameFacts {
  readonly name: string
  readonly file?: string
  readonly line?: number
  /** Path of the binary or shared object. */
  readonly object?: string
}

/** Numbers of one stack, by measure. */
export type StackValues = Partial<Record<StackMeasure, number>>

/** Deeper stacks lose their outermost frames: nobody reads them, and hostile files are made of them. */
export const MAX_STACK_DEPTH = 512
/** Beyond these, stacks are counted as skipped. A million stacks are more than anybody reads, and answers stay quick. */
const MAX_FRAMES = 2 ** 22
const MAX_NODES = 2 ** 20
/** Frames walked in all: what a file can cost, however it repeats itself. About 5 s. */
const MAX_STEPS = 50_000_000
const ROOT_NAME = 'all stacks'

/** What a parser knows at the end. */
export interface ProfileFacts {
  readonly producer: string
  readonly blockWord?: string
  readonly sampling: StackProfile['sampling']
  readonly timeline?: StackTimeline | undefined
  readonly notes: StackNotes
}

/** The only code that fills a StackProfile: interns strings, frames and nodes, folds allocators, bounds everything. */
export class StackBuilder {
  /** Stacks that found no room. */
  overflow = 0
  /** Stacks that lost outermost frames. */
  cut = 0
  /** Numbers that no program comes to, or that are none. */
  absurd = 0
  private readonly strings = new Map<string, number>([['', 0]])
  /** By what a file says, and by what is kept of it. */
  private readonly frameKeys = new Map<string, number>()
  private readonly frameIds = new Map<string, number>()
  private readonly frameColumns: { name: number[]; file: number[]; line: number[]; library: number[] }
  private readonly allocators: boolean[] = [false]
  private readonly nodeIds = new Map<number, number>()
  private readonly parents: number[] = [0]
  private readonly nodeFrames: number[] = [0]
  private readonly kinds: number[] = [0]
  private readonly self = new Map<StackMeasure, number[]>()
  private readonly measures: readonly StackMeasure[]
  private steps = 0

  constructor(measures: readonly StackMeasure[]) {
    this.measures = STACK_MEASURES.filter((measure) => measures.includes(measure))
    for (const measure of this.measures) this.self.set(measure, [0])
    this.frameColumns = { name: [this.text(ROOT_NAME)], file: [0], line: [0], library: [0] }
  }

  /** The number of a frame; the same for equal facts. -1 when there are too many. */
  frame({ name, file = '', line = 0, object = '' }: FrameFacts): number {
    const key = `${name}\0${file}\0${line}\0${object}`
    const known = this.frameKeys.get(key)
    if (known !== undefined) return known
    const cutName = name.slice(0, MAX_STACK_TEXT)
    const cutFile = file.slice(0, MAX_STACK_TEXT)
    const library = libraryOf({ name: cutName, file: cutFile, object: object.slice(0, MAX_STACK_TEXT) })
    const wholeLine = line > 0 && line < 2 ** 31 ? Math.floor(line) : 0
    const id = this.knownFrame({ name: cutName, file: cutFile, line: wholeLine, library })
    if (id >= 0) this.frameKeys.set(key, id)
    return id
  }

  /** As `frame`, where the library is known already: frames of another profile. */
  knownFrame(frame: { name: string; file: string; library: string; line?: number }): number {
    const { name, file, library, line = 0 } = frame
    const key = `${name}\0${file}\0${line}\0${library}`
    const known = this.frameIds.get(key)
    if (known !== undefined) return known
    const id = this.allocators.length
    if (id >= MAX_FRAMES) return -1
    this.frameColumns.name.push(this.text(name))
    this.frameColumns.file.push(this.text(file))
    this.frameColumns.line.push(line)
    this.frameColumns.library.push(this.text(library))
    this.allocators.push(isAllocator(name, library))
    this.frameIds.set(key, id)
    return id
  }

  /**
   * Adds one stack, innermost frame first; allocator frames at its innermost end are folded (all but the last, when
   * there is nothing else). False, and counted, when there was no room. O(frames of the stack).
   */
  add(innermostFirst: readonly number[], kind: StackKind, values: StackValues): boolean {
    let start = 0
    while (start < innermostFirst.length - 1 && this.allocators[innermostFirst[start]!]) start++
    const end = Math.min(innermostFirst.length, start + MAX_STACK_DEPTH)
    if (end < innermostFirst.length) this.cut++
    let node = 0
    for (let at = end - 1; at >= start; at--) {
      node = this.child(node, innermostFirst[at]!, kind)
      if (node < 0) break
    }
    if (node < 0) {
      this.overflow++
      return false
    }
    // A stack without a single frame still has bytes: they stand at a frame of their own, never at the root.
    if (node === 0) node = this.child(0, this.frame({ name: '(no stack was recorded)' }), kind)
    this.addSelf(node, values)
    return true
  }

  /** The child of a node (0 is the root) for a frame, for files that hold a tree themselves. -1 when there is no room. */
  child(parent: number, frame: number, kind: StackKind): number {
    if (frame < 0 || parent < 0 || ++this.steps > MAX_STEPS) return -1
    const kindIndex = STACK_KINDS.indexOf(kind)
    const key = (parent * MAX_FRAMES + frame) * 8 + kindIndex
    const known = this.nodeIds.get(key)
    if (known !== undefined) return known
    const id = this.parents.length
    if (id >= MAX_NODES) return -1
    this.nodeIds.set(key, id)
    this.parents.push(parent)
    this.nodeFrames.push(frame)
    this.kinds.push(kindIndex)
    for (const column of this.self.values()) column.push(0)
    return id
  }

  /** Adds to what was allocated with exactly the stack of `node`. */
  addSelf(node: number, values: StackValues): void {
    for (const measure of this.measures) {
      const value = values[measure]
      const column = this.self.get(measure)
      if (value === undefined || !column) continue
      if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) column[node] = column[node]! + value
      else this.absurd++
    }
  }

  /** Nodes so far, the root among them. */
  get nodes(): number {
    return this.parents.length
  }

  profile({ producer, blockWord = 'blocks', sampling, timeline, notes }: ProfileFacts): StackProfile {
    const { name, file, line, library } = this.frameColumns
    const column = (measure: StackMeasure) => Float64Array.from(this.self.get(measure) ?? [])
    return {
      producer: cutText(producer),
      strings: [...this.strings.keys()],
      frames: {
        count: name.length,
        name: Uint32Array.from(name),
        file: Uint32Array.from(file),
        line: Uint32Array.from(line),
        library: Uint32Array.from(library),
      },
      nodes: {
        count: this.parents.length,
        parent: Uint32Array.from(this.parents),
        frame: Uint32Array.from(this.nodeFrames),
        kind: Uint8Array.from(this.kinds),
        self: {
          'in-use-bytes': column('in-use-bytes'),
          'in-use-blocks': column('in-use-blocks'),
          'allocated-bytes': column('allocated-bytes'),
          'allocated-blocks': column('allocated-blocks'),
        },
      },
      measures: this.measures,
      blockWord,
      sampling,
      timeline,
      notes: {
        ...notes,
        skipped: notes.skipped + this.overflow + this.absurd,
        facts: notes.facts.slice(0, MAX_FACTS).map(([key, value]) => [cutText(key), cutText(value)] as const),
        remarks: [...notes.remarks, ...this.boundRemarks()],
      },
    }
  }

  private boundRemarks(): string[] {
    const remarks = []
    if (this.cut > 0)
      remarks.push(
        `${this.cut} stacks are deeper than ${MAX_STACK_DEPTH} frames; their outermost callers are left out.`,
      )
    if (this.overflow > 0)
      remarks.push(
        `${this.overflow} stacks are left out: this file has more than can be held. The totals miss them.`,
      )
    if (this.absurd > 0)
      remarks.push(`${this.absurd} numbers are left out: no program comes to so much. The file is damaged.`)
    return remarks
  }

  private text(value: string): number {
    const known = this.strings.get(value)
    if (known !== undefined) return known
    const id = this.strings.size
    this.strings.set(value, id)
    return id
  }
}

const MAX_FACTS = 60
const cutText = (text: string): string =>
  text.length > MAX_STACK_TEXT ? `${text.slice(0, MAX_STACK_TEXT - 1)}…` : text
