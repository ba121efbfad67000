import type { FlameAnswer } from '#lib/reports/stack-questions'

type Box = FlameAnswer['boxes'][number]

const COLORS = ['--p4', '--p2', '--p3', '--p1', '--p6', '--p5', '--p7', '--p8'] as const
/** Ink stands on these in both themes. */
const soft = (variable: string, percent: number): string =>
  `color-mix(in srgb, var(${variable}) ${percent}%, var(--panel))`

const PLATFORM = soft('--ink-3', 16)
const OTHER = soft('--ink-3', 30)

/** Of boxes that a search found: light enough for the words on them, because all others turn pale. */
export const FOUND_COLOR = soft('--warm', 30)
/** Of the others while a search is on. */
export const NOT_FOUND_COLOR = soft('--ink-3', 8)

export interface LegendEntry {
  readonly name: string
  readonly color: string
}

/** Colors by library: the largest eight have one each; the platform's code is grey. */
export function libraryColors({ libraries, boxes }: FlameAnswer): {
  color(box: Box | null): string
  legend: LegendEntry[]
} {
  const platform = new Set(boxes.filter((box) => box.isPlatform).map((box) => box.frame.library))
  const shown = new Set(boxes.map((box) => box.frame.library))
  const own = libraries.filter(({ name }) => shown.has(name) && !platform.has(name)).slice(0, COLORS.length)
  const colors = new Map(own.map(({ name }, at) => [name, soft(COLORS[at]!, 38)]))
  const legend = [...colors].map(([name, color]) => ({ name: name || 'no library known', color }))
  if (platform.size > 0) legend.push({ name: 'platform', color: PLATFORM })
  return {
    color: (box) => {
      if (box === null || box.isPlatform || box.parent === -1) return PLATFORM
      return colors.get(box.frame.library) ?? OTHER
    },
    legend,
  }
}

export const CHANGE_LEGEND: readonly LegendEntry[] = [
  { name: 'more than before', color: soft('--growth', 50) },
  { name: 'the same', color: PLATFORM },
  { name: 'less than before', color: soft('--managed', 50) },
]

/** Colors by change against the earlier capture: the stronger, the more of a box is new. */
export function changeColor(box: Box | null): string {
  if (box === null || box.earlier === null) return PLATFORM
  const change = box.value - box.earlier
  const share = Math.min(1, Math.abs(change) / Math.max(1, box.value, box.earlier))
  if (share < 0.01) return PLATFORM
  return soft(change > 0 ? '--growth' : '--managed', Math.round(15 + 45 * share))
}
