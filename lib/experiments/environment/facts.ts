/**
 * What kind of thing a fact of an environment is; its weight in the comparison stands in parity.ts.
 * `native-library`: a package with compiled code, or a shared object. `dependency-health`: known trouble.
 */
export type FactKind =
  | 'native-library'
  | 'allocator'
  | 'dependency-health'
  | 'runtime'
  | 'concurrency'
  | 'kernel'
  | 'os'
  | 'libc'
  | 'setting'
  | 'package'

/** One thing that is the case in an environment. */
export interface EnvironmentFact {
  readonly kind: FactKind
  /** "nokogiri", "ruby", "MALLOC_ARENA_MAX". */
  readonly name: string
  /** A version or a value; several versions of one package with commas between them. */
  readonly value: string
}

/** What a pasted text says of an environment. */
export interface Environment {
  /** By kind and name; each name once per kind. */
  readonly facts: readonly EnvironmentFact[]
  /** Lines that said nothing to us. */
  readonly ignored: number
}

const MOST_FACTS = 20_000
const LONGEST_NAME = 120
const LONGEST_VALUE = 200
/** A package that occurs in more versions than this is told by the first ones. */
const MOST_VERSIONS = 8

/** Collects facts. Names are hostile text: kept in maps, cut in length. */
export class FactCollector {
  readonly #facts = new Map<
    string,
    { readonly kind: FactKind; readonly name: string; readonly values: Set<string> }
  >()

  add(kind: FactKind, name: string, value: string): void {
    const short = name.trim().slice(0, LONGEST_NAME)
    const said = value.trim().slice(0, LONGEST_VALUE)
    if (short === '' || said === '') return
    const key = `${kind}\n${short}`
    const known = this.#facts.get(key)
    if (known) {
      if (known.values.size < MOST_VERSIONS) known.values.add(said)
    } else if (this.#facts.size < MOST_FACTS) {
      this.#facts.set(key, { kind, name: short, values: new Set([said]) })
    }
  }

  done(): EnvironmentFact[] {
    return [...this.#facts.values()].map(({ kind, name, values }) => ({
      kind,
      name,
      value: [...values].sort().join(', '),
    }))
  }
}
