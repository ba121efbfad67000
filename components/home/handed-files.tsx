const KEY = '__leakroomHandedFiles'

interface Handed {
  readonly investigationId: string
  readonly files: readonly File[]
}
const hand = (): { [KEY]?: Handed } => window as { [KEY]?: Handed }

/**
 * Files that were dropped before there was a room for them. A File cannot go through a URL or storage, so it waits on
 * `window` while the browser walks to the room without a reload; the room takes it (`takeFiles`). Only one hand: a second
 * drop replaces the first.
 */
export function handFiles(investigationId: string, files: readonly File[]): void {
  hand()[KEY] = { investigationId, files }
}

/** The files that wait for this room, once: the next call gets none. */
export function takeFiles(investigationId: string): readonly File[] {
  const waiting = hand()[KEY]
  if (waiting?.investigationId !== investigationId) return []
  delete hand()[KEY]
  return waiting.files
}
