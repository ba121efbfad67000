import { rootLabel } from '#lib/heap/roots'
import type { HeapSnapshot } from '#lib/heap/snapshot'

/** How the step is called that holds what was folded. */
export const SMALLER_PATHS = '(smaller paths)'
/** How an element of an array, or an entry of a dictionary, is reached. */
export const NUMBERED = '[]'
/** Nodes that V8 makes for a snapshot: categories of roots. */
export const SYNTHETIC = '(synthetic)'
/** Names are hostile text; a longer one adds nothing to a path. */
const MAX_NAME = 300

/**
 * What the objects of a snapshot are called in the owner tree: a class or module by its own name, everything else by
 * its class. Addresses inside names are left out, so that names are the same in every capture.
 */
export class OwnerNames {
  /** In order of first use; 0 is the empty string, "no name". */
  readonly texts: string[] = ['']
  private readonly snapshot: HeapSnapshot
  private readonly byText = new Map<string, number>([['', 0]])
  /** Name + 1 by string index: class names recur for millions of objects. */
  private readonly byString: Uint32Array
  /** "class " or "module " by type number, where objects of the type are classes. */
  private readonly prefixes: readonly (string | undefined)[]
  /** Name of the reference + 1 by string index. */
  private readonly byEdge: Uint32Array
  /** Name by prefix, then by string index. */
  private readonly byLabel = new Map<string, Map<number, number>>()
  private numberedName = 0

  constructor(snapshot: HeapSnapshot) {
    this.snapshot = snapshot
    this.byString = new Uint32Array(snapshot.strings.count)
    this.byEdge = new Uint32Array(snapshot.edges === undefined ? 0 : snapshot.strings.count)
    this.prefixes = snapshot.typeNames.map(classPrefix)
  }

  /** Are objects of this type called by their own names, not by their class? */
  isClassType = (type: number): boolean => this.prefixes[type] !== undefined

  /** The name of an object. */
  ofObject(object: number): number {
    const { type, className, label } = this.snapshot
    const prefix = this.prefixes[type[object]!]
    return prefix === undefined ? this.ofString(className[object]!) : this.ofClass(prefix, label[object]!)
  }

  /** The name of a reference; one that begins with a digit (an index, a slot of a table) says nothing that lasts. */
  ofEdge(string: number): number {
    const known = this.byEdge[string]!
    if (known !== 0) return known - 1
    const own = this.ofString(string)
    const name = /^[0-9]/.test(this.texts[own]!) ? this.numbered : own
    this.byEdge[string] = name + 1
    return name
  }

  /** The name with this string index. */
  ofString(string: number): number {
    const known = this.byString[string]!
    if (known !== 0) return known - 1
    const name = this.add(plain(this.snapshot.strings.text(string)))
    this.byString[string] = name + 1
    return name
  }

  /** A category of GC roots, by the string of its name. */
  ofRoot(string: number): number {
    const label = rootLabel(this.snapshot, this.snapshot.roots.name.indexOf(string))
    return this.add(`(root: ${plain(label)})`)
  }

  /** NUMBERED. */
  get numbered(): number {
    if (this.numberedName === 0) this.numberedName = this.add(NUMBERED)
    return this.numberedName
  }

  /** Number of a text, new or known. */
  add(text: string): number {
    const known = this.byText.get(text)
    if (known !== undefined) return known
    this.byText.set(text, this.texts.length)
    return this.texts.push(text) - 1
  }

  private ofClass(prefix: string, label: number): number {
    const byLabel = this.byLabel.get(prefix) ?? new Map<number, number>()
    this.byLabel.set(prefix, byLabel)
    let name = byLabel.get(label)
    if (name === undefined) {
      const own = label === 0 ? '(anonymous)' : plain(this.snapshot.strings.text(label))
      name = this.add(`${prefix} ${own}`)
      byLabel.set(label, name)
    }
    return name
  }
}

/** Is it the step of a class or module? */
export const isClassName = (name: string): boolean => name.startsWith('class ') || name.startsWith('module ')

/** Ruby's types of objects that are classes, whatever the case in which a format writes them. */
function classPrefix(typeName: string): string | undefined {
  const type = typeName.toUpperCase()
  return type === 'CLASS' ? 'class' : type === 'MODULE' ? 'module' : undefined
}

function plain(text: string): string {
  const short = text.length > MAX_NAME ? `${text.slice(0, MAX_NAME)}…` : text
  return short.includes('0x') ? short.replace(/0x[0-9a-f]{4,}/gi, '0x…') : short
}
