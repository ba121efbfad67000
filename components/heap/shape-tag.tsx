import { Tag, type Tone } from '#components/ui/pill'
import type { GrowthShape } from '#lib/reports/growth-report'

interface ShapeLook {
  readonly words: string
  readonly tone: Tone
  /** The class for the line that shows it. */
  readonly line: string
  /** What the word means. The exact rule is in docs/spec/heap.md. */
  readonly title: string
}

/** How each shape is called and coloured, in the order in which they matter. */
export const SHAPES: Record<GrowthShape, ShapeLook> = {
  'growing every time': {
    words: 'Grows every time',
    tone: 'growth',
    line: 'text-growth',
    title: 'More of them in every capture, without slowing down.',
  },
  saturating: {
    words: 'Slows down',
    tone: 'warm',
    line: 'text-warm',
    title: 'It grew, and then less or not at all: a cache that fills looks like this.',
  },
  'grew once': {
    words: 'Grew once, then flat',
    tone: 'warm',
    line: 'text-warm',
    title: 'It grew in one interval and stayed there: something that was loaded once.',
  },
  'cannot tell': {
    words: 'Cannot tell yet',
    tone: 'accent',
    line: 'text-accent',
    title: 'These captures do not decide it: another one, taken after as much work again, does.',
  },
  shrinking: {
    words: 'Shrinks',
    tone: 'steady',
    line: 'text-steady',
    title: 'Fewer of them at the end than at the beginning.',
  },
  flat: {
    words: 'Flat',
    tone: 'steady',
    line: 'text-steady',
    title: 'The count stays where it is.',
  },
}

// reason: Object.keys gives string[]; these are the table's own keys.
export const SHAPE_NAMES = Object.keys(SHAPES) as GrowthShape[]

/** A shape in words and colour. */
export function ShapeTag({ shape }: { shape: GrowthShape }) {
  const { words, tone, title } = SHAPES[shape]
  return (
    <span title={title}>
      <Tag tone={tone}>{words}</Tag>
    </span>
  )
}
