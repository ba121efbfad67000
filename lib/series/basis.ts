/** Columns made orthonormal one after the other, and what they leave of a target. */
export interface Basis {
  readonly directions: readonly Float64Array[]
  /** The target without what the columns explain of it. */
  readonly rest: Float64Array
  /** Sum of the squares of `rest`. */
  readonly residual: number
}

/** A column that the others make up to this share of its square adds nothing. */
const DEPENDENT = 1e-12

/** Explains `y` by the columns, which are taken in their order. O(n·k²) for k columns. */
export function basisOf(columns: readonly Float64Array[], y: Float64Array): Basis {
  let basis: Basis = { directions: [], rest: y, residual: dot(y, y) }
  for (const column of columns) basis = extended(basis, column)
  return basis
}

/** The basis with one column more; the same when that column depends on the others. O(n·k). */
export function extended(basis: Basis, column: Float64Array): Basis {
  const own = Float64Array.from(column)
  for (const direction of basis.directions) {
    const share = dot(direction, own)
    for (let i = 0; i < own.length; i++) own[i]! -= share * direction[i]!
  }
  const square = dot(own, own)
  if (square <= DEPENDENT * dot(column, column)) return basis
  const scale = 1 / Math.sqrt(square)
  for (let i = 0; i < own.length; i++) own[i]! *= scale
  const explained = dot(own, basis.rest)
  const rest = basis.rest.map((value, i) => value - explained * own[i]!)
  return { directions: [...basis.directions, own], rest, residual: dot(rest, rest) }
}

/**
 * What would be left of the target with one column more: for choosing among many. Infinite when that column depends on the
 * others. O(n·k), allocates nothing.
 */
export function residualWith(basis: Basis, column: Float64Array): number {
  const whole = dot(column, column)
  let own = whole
  for (const direction of basis.directions) own -= dot(direction, column) ** 2
  if (own <= DEPENDENT * whole) return Number.POSITIVE_INFINITY
  return Math.max(0, basis.residual - dot(basis.rest, column) ** 2 / own)
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
