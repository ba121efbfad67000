/** A column of numbers that grows while a file is read. */
export class NumberColumn {
  length = 0
  #values = new Float64Array(1024)

  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = new Float64Array(this.length * 2)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.length++] = value
  }

  /** A view on what was pushed; valid until the next push. */
  values(): Float64Array {
    return this.#values.subarray(0, this.length)
  }
}

const SUFFIXED = /^(-?[\d.]+)\s*([KMGT])?(i?B|bytes)?$/i
const POWERS: Record<string, number> = { K: 1, M: 2, G: 3, T: 4 }

/**
 * A cell as a number: `4.7e+7`, `"1,234,567"`, `48,1` (when `decimalComma`), and `1.2 GiB` as bytes. NaN for
 * anything else, including an empty cell.
 */
export function numberIn(cell: string, decimalComma = false): number {
  if (cell === '') return Number.NaN
  const plain = Number(cell)
  if (!Number.isNaN(plain)) return Number.isFinite(plain) ? plain : Number.NaN
  const text = cell.trim()
  if (decimalComma && /^-?\d+,\d+$/.test(text)) return Number(text.replace(',', '.'))
  if (/^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text)) return Number(text.replaceAll(',', ''))
  const match = SUFFIXED.exec(text)
  if (!match) return Number.NaN
  return Number(match[1]) * 1024 ** (POWERS[match[2]?.toUpperCase() ?? ''] ?? 0)
}
