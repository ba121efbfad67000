/** How iterations are counted: a line of output that matches, or so many seconds. */
export type IterationRule =
  | { readonly kind: 'lines'; readonly pattern: RegExp }
  | { readonly kind: 'every'; readonly seconds: number }

/** "every 2 s" counts time, anything else is a regular expression for lines of output. Undefined when it is neither. */
export function iterationRule(text: string): IterationRule | undefined {
  const [, number] = /^every\s+(\d+(?:\.\d+)?)\s*s(?:econds?)?$/i.exec(text.trim()) ?? []
  if (number !== undefined) return Number(number) > 0 ? { kind: 'every', seconds: Number(number) } : undefined
  try {
    return { kind: 'lines', pattern: new RegExp(text) }
  } catch {
    return undefined
  }
}

/** A line longer than this is looked at up to here. */
const LONGEST_LINE = 64 * 1024
const NEWLINE = 10

/** Counts the lines of one stream that match. Bounded: what has no end of line is cut. */
export class LineCounter {
  readonly #pattern: RegExp
  #rest = ''
  count = 0

  constructor(pattern: RegExp) {
    this.#pattern = pattern
  }

  add(chunk: Uint8Array): void {
    let from = 0
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, at))
      this.end()
      from = at + 1
    }
    this.#keep(chunk.subarray(from))
  }

  /** What stands there without an end of line is a line, too. */
  end(): void {
    if (this.#rest !== '' && this.#pattern.test(this.#rest)) this.count++
    this.#rest = ''
  }

  #keep(part: Uint8Array): void {
    const room = LONGEST_LINE - this.#rest.length
    if (room > 0 && part.length > 0) this.#rest += Buffer.from(part.subarray(0, room)).toString('utf8')
  }
}
