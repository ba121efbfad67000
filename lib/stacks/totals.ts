import { STACK_KINDS, type StackKind, type StackMeasure, type StackProfile } from './stack-profile.ts'

/**
 * Self plus everything below, per node. `kinds` picks nodes by kind; all of one stack are of one kind.
 * O(nodes), one pass backwards: parents stand before children.
 */
export function subtreeTotals(
  { nodes }: StackProfile,
  measure: StackMeasure,
  kinds?: ReadonlySet<StackKind>,
): Float64Array {
  const self = nodes.self[measure]
  const totals = new Float64Array(nodes.count)
  if (self.length === 0) return totals
  for (let node = nodes.count - 1; node > 0; node--) {
    if (kinds === undefined || kinds.has(STACK_KINDS[nodes.kind[node]!]!)) totals[node]! += self[node]!
    totals[nodes.parent[node]!]! += totals[node]!
  }
  return totals
}

/** What one kind comes to, by measure; 0 for measures that the file has not. */
export interface KindTotal {
  readonly kind: StackKind
  readonly stacks: number
  readonly totals: Readonly<Record<StackMeasure, number>>
}

/** Totals of the kinds that occur, in the order of STACK_KINDS. Do not sum them: see `summedKinds`. O(nodes). */
export function kindTotals(profile: StackProfile): KindTotal[] {
  const { nodes, measures } = profile
  const rows = STACK_KINDS.map((kind) => ({
    kind,
    stacks: 0,
    totals: { 'in-use-bytes': 0, 'in-use-blocks': 0, 'allocated-bytes': 0, 'allocated-blocks': 0 },
  }))
  for (let node = 1; node < nodes.count; node++) {
    const row = rows[nodes.kind[node]!]!
    let hasAny = false
    for (const measure of measures) {
      const value = nodes.self[measure][node]!
      row.totals[measure] += value
      hasAny ||= value !== 0
    }
    if (hasAny) row.stacks++
  }
  return rows.filter((row) => row.stacks > 0)
}

/** Kinds that may be summed: indirectly lost bytes are in the definitely lost ones already. */
export const summedKinds: ReadonlySet<StackKind> = new Set(
  STACK_KINDS.filter((kind) => kind !== 'indirectly-lost'),
)

/** What is looked at first: in use where the file has it, bytes before blocks. */
export function mainMeasure(profile: StackProfile): StackMeasure {
  return profile.measures[0] ?? 'in-use-bytes'
}
