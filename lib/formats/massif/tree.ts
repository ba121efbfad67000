import { MAX_STACK_DEPTH, type StackBuilder } from '#lib/stacks/builder'

/** A line of a tree: " n1: 209855 0x10958A: mc_make_error (leakyclient.c:39)". */
const LINE = /^( *)n(\d+): (\d{1,18}) (.*)$/
/** "0x10958A: mc_make_error (leakyclient.c:39)", "0x48F29A9: ??? (in /usr/lib/libfoo.so)". */
const CALL = /^0x[0-9A-Fa-f]+: (.*?)(?: \((?:in ([^()]*)|([^()]*?)(?::(\d+))?)\))?$/
const BELOW = /^in \d+ places?,/

/** The frame of what massif sums because it is little. */
export const BELOW_NAME = 'below the threshold of massif'

interface Open {
  readonly bytes: number
  readonly frame: number
  /** Bytes of its children so far. */
  inChildren: number
}

/**
 * Adds a moment's tree to `builder`. Its root is the allocation, its leaves the outermost callers, and each number
 * holds those below it; the numbers of children that a line announces are not trusted (heaptrack announces some that
 * never come). Returns lines that made no sense, and whether the bytes are pages instead of heap.
 */
export function addTree(
  lines: readonly string[],
  builder: StackBuilder,
): { skipped: number; isPages: boolean } {
  const open: Open[] = []
  let skipped = 0
  let isPages = false
  const close = (depth: number): void => {
    while (open.length > depth) {
      const done = open.pop()
      const rest = done ? done.bytes - done.inChildren : 0
      if (!done || rest <= 0) continue
      // Innermost first: the order of the lines above it. Depth 0 is massif's own heading.
      const stack = open.slice(1).map(({ frame }) => frame)
      if (open.length > 0) stack.push(done.frame)
      builder.add(stack, 'live', { 'in-use-bytes': rest })
    }
  }
  for (const line of lines) {
    const match = LINE.exec(line)
    const depth = match?.[1]?.length ?? 0
    if (!match || depth > open.length || depth > MAX_STACK_DEPTH) {
      skipped++
      continue
    }
    close(depth)
    const words = match[4] ?? ''
    if (depth === 0) isPages = words.startsWith('(page allocation syscalls)')
    const above = open.at(-1)
    // A child cannot hold more than what is left of its parent.
    const bytes = above ? Math.min(Number(match[3]), above.bytes - above.inChildren) : Number(match[3])
    if (above) above.inChildren += bytes
    open.push({ bytes, frame: frameOf(words, builder), inChildren: 0 })
  }
  close(0)
  return { skipped, isPages }
}

function frameOf(words: string, builder: StackBuilder): number {
  if (BELOW.test(words)) return builder.frame({ name: BELOW_NAME })
  const call = CALL.exec(words)
  if (!call) return builder.frame({ name: words })
  const [, name = '', object = '', file = '', line] = call
  if (name === '???' && object !== '')
    return builder.frame({ name: `${object.slice(object.lastIndexOf('/') + 1)} (no symbol)`, object })
  return builder.frame({ name, object, file, line: line === undefined ? 0 : Number(line) })
}
