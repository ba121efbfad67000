import type { ReadingNode } from './reading-node.ts'

const KEY = Symbol.for('leakroom.reading')
const shared = globalThis as { [KEY]?: ReadingNode }

/**
 * This node's reader. The server starts it; route handlers live in another module graph of the same process and meet
 * it here, without loading threads and queue a second time. @throws when none was started: a bug in the start order.
 */
export function readingNode(): ReadingNode {
  const node = shared[KEY]
  if (!node) throw new Error('startReading() was not called')
  return node
}

export function shareReadingNode(node: ReadingNode): void {
  shared[KEY] = node
}

export function unshareReadingNode(node: ReadingNode): void {
  if (shared[KEY] === node) delete shared[KEY]
}
