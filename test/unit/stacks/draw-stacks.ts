import { StackBuilder } from '#lib/stacks/builder'
import type { StackKind, StackMeasure, StackProfile } from '#lib/stacks/stack-profile'

/**
 * A profile from a drawing, one stack a line: "main > serve > keep: 100 bytes, 2 blocks". Outermost caller first;
 * "name@library" puts a frame into a library, "(lost)" behind the numbers makes the stack definitely lost.
 */
export function drawStacks(
  drawing: string,
  measures: readonly StackMeasure[] = ['in-use-bytes', 'in-use-blocks'],
): StackProfile {
  const builder = new StackBuilder(measures)
  for (const line of drawing.split('\n')) {
    const match = /^\s*(.*?):\s*(-?\d+) bytes(?:, (\d+) blocks)?(?: \(([a-z-]+)\))?\s*$/.exec(line)
    if (!match) continue
    const frames = (match[1] ?? '')
      .split(' > ')
      .reverse()
      .map((text) => {
        const [name = '', object = ''] = text.split('@')
        return builder.frame({ name, object, file: object === '' ? `${name}.c` : '', line: 1 })
      })
    const kind: StackKind =
      match[4] === 'lost' ? 'definitely-lost' : match[4] === 'indirect' ? 'indirectly-lost' : 'live'
    builder.add(frames, kind, { 'in-use-bytes': Number(match[2]), 'in-use-blocks': Number(match[3] ?? 1) })
  }
  return builder.profile({
    producer: 'a drawing',
    sampling: { isSampled: false, words: 'Exact.' },
    notes: { bytesRead: 1, skipped: 0, truncated: false, facts: [], remarks: [] },
  })
}
