import type { FlameAnswer } from '#lib/reports/stack-questions'

type Box = FlameAnswer['boxes'][number]

/** A box as the drawing library takes it. */
export interface FlameDatum {
  /** Node of the stack tree; -1 for "smaller ones". */
  readonly node: number
  readonly name: string
  readonly box: Box | null
  readonly value: number
  readonly children: FlameDatum[]
}

/** The flat boxes of an answer as a tree, with a box for what is too small to be drawn. `undefined` when there is nothing. */
export function flameTree({ boxes }: FlameAnswer): FlameDatum | undefined {
  const made: FlameDatum[] = []
  for (const box of boxes) {
    const datum: FlameDatum = { node: box.node, name: box.frame.name, box, value: box.value, children: [] }
    made.push(datum)
    made[box.parent]?.children.push(datum)
  }
  for (const { box, children } of made) {
    if (!box || box.smaller.value <= 0) continue
    const name = box.smaller.count === 1 ? '1 smaller' : `${box.smaller.count} smaller`
    children.push({ node: -1, name, box: null, value: box.smaller.value, children: [] })
  }
  const root = made[0]
  return root && root.value > 0 ? root : undefined
}
