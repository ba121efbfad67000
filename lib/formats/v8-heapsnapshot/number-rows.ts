const NEWLINE = 0x0a
const COMMA = 0x2c
const CLOSE = 0x5d
/** Numbers of so many digits surely fit into 31 bits. */
export const SAFE_DIGITS = 9

/** Where the rows of an array of numbers go. */
export interface RowSink {
  /** One row; `row` is reused. A number beyond 2⁵³ is rounded. */
  row(row: Uint32Array | Float64Array): void
  /** A row that could not be read stands here: what it held is lost, its place counts. */
  lostRow(): void
  /** The row before had a number too many: one of its numbers is wrong. */
  doubtfulRow(): void
}

/**
 * Reads "1,2,3\n,4,5,6\n]" in pieces of any size, row by row. `readRow` is the careful way, one byte at a time; rows that
 * lie before us whole and look as V8 writes them take the fast one, `wholeRow`.
 *
 * V8 ends each row with a newline. Where a file does so, a newline in the middle of a row shows damage, and reading goes
 * on with the next line: one broken row costs that row only. Files without newlines (or with one after each number)
 * are read as well, but cannot be resynchronised.
 */
export class NumberRows {
  /** The closing bracket was read. */
  isDone = false
  /** Numbers that did not make a whole row, and rows that had one too many. */
  broken = 0
  /** Does each row end with a newline? Known after the first. */
  isByLine: boolean | undefined
  private readonly width: number
  private readonly sink: RowSink
  private readonly current: Float64Array
  private readonly whole: Uint32Array
  private filled = 0
  private value = 0
  private isInNumber = false
  private rowsOnLine = 0
  private firstRowHasNewline = false

  constructor(width: number, sink: RowSink) {
    this.width = width
    this.sink = sink
    this.current = new Float64Array(width)
    this.whole = new Uint32Array(width)
  }

  /** Nothing of the next row was read yet, and it begins a line if rows have lines. */
  get isAtRow(): boolean {
    return this.filled === 0 && !this.isInNumber && this.rowsOnLine === 0 && this.isByLine !== undefined
  }

  /** Numbers of an unfinished row, when the file ends here. */
  get rest(): number {
    return this.filled + (this.isInNumber ? 1 : 0)
  }

  /** How rows end in this file, when they are whole. */
  get rowEnd(): number {
    return this.isByLine === true ? NEWLINE : COMMA
  }

  /** Reads data[start, end), to the closing bracket at most, and answers where it stopped. */
  read(data: Uint8Array, start: number, end: number): number {
    const { width, whole, sink } = this
    const safeEnd = end - longestRow(width)
    let p = start
    while (p < end && !this.isDone) {
      if (this.isAtRow) {
        const { rowEnd } = this
        while (p < safeEnd) {
          const after = wholeRow(data, p, width, whole, rowEnd)
          if (after < 0) break
          sink.row(whole)
          p = after
        }
      }
      p = this.readRow(data, p, end)
    }
    return p
  }

  /** Reads at most one row from data[p, end), and answers where it stopped. */
  readRow(data: Uint8Array, start: number, end: number): number {
    for (let p = start; p < end; ) {
      const byte = data[p++]!
      if (byte >= 0x30 && byte <= 0x39) {
        this.value = this.isInNumber ? this.value * 10 + (byte - 0x30) : byte - 0x30
        this.isInNumber = true
        continue
      }
      let isComplete = false
      if (this.isInNumber) {
        this.isInNumber = false
        this.current[this.filled++] = this.value
        isComplete = this.filled === this.width
      }
      if (isComplete) this.completeRow(byte)
      if (byte === NEWLINE) this.newline()
      if (byte === CLOSE) {
        this.isDone = true
        if (this.filled > 0) this.breakRow()
        return p
      }
      if (isComplete) return p
    }
    return end
  }

  private completeRow(separator: number): void {
    this.filled = 0
    if (this.isByLine === undefined) this.isByLine = separator === NEWLINE && !this.firstRowHasNewline
    if (this.isByLine) this.rowsOnLine++
    this.sink.row(this.current)
  }

  private newline(): void {
    if (this.isByLine === undefined && this.filled > 0) this.firstRowHasNewline = true
    if (this.isByLine && this.filled > 0) this.breakRow()
    this.rowsOnLine = 0
  }

  /** A line ends within a row. After a whole row on the same line that row had a number too many, else one is missing. */
  private breakRow(): void {
    this.broken++
    if (this.rowsOnLine > 0) this.sink.doubtfulRow()
    else this.sink.lostRow()
    this.filled = 0
  }
}

/** Bytes that `wholeRow` may look at. */
export const longestRow = (width: number): number => width * (SAFE_DIGITS + 1) + 2

/**
 * Reads one row that starts at `start`, perhaps with a comma, and ends with `rowEnd`; answers where the next one starts.
 * −1: it is not as V8 writes it, or one of its numbers has more than nine digits.
 */
export function wholeRow(
  data: Uint8Array,
  start: number,
  width: number,
  values: Uint32Array,
  rowEnd: number,
): number {
  let p = data[start] === COMMA ? start + 1 : start
  for (let field = 0; field < width; field++) {
    let value = data[p]! ^ 0x30
    if (value > 9) return -1
    const numberStart = p++
    let digit = data[p]! ^ 0x30
    while (digit < 10) {
      value = (Math.imul(value, 10) + digit) | 0
      digit = data[++p]! ^ 0x30
    }
    if (p - numberStart > SAFE_DIGITS) return -1
    values[field] = value
    if (data[p] !== COMMA && field < width - 1) return -1
    p++
  }
  return data[p - 1] === rowEnd ? p : -1
}
