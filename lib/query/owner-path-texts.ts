import type { OwnerTree } from '#lib/findings/owner-tree'

/** Between the names of a path. */
export const PATH_SEPARATOR = ' / '
/** All paths together may take this many characters: a hostile dump can make names long and trees wide. */
const MAX_CHARACTERS = 64 * 1024 * 1024

/** Every path as one text from the root down ("vm / Object / module AuditTrail"), with its depth. O(paths × depth). */
export function ownerPaths({ paths, names, name, parent }: OwnerTree): {
  readonly texts: readonly string[]
  readonly depth: Uint32Array
} {
  const texts: string[] = ['']
  const depth = new Uint32Array(paths)
  let characters = 0
  for (let path = 1; path < paths; path++) {
    const above = parent[path]!
    depth[path] = depth[above]! + 1
    const own = (names[name[path]!] ?? '').toWellFormed()
    const text = characters < MAX_CHARACTERS && texts[above] ? `${texts[above]}${PATH_SEPARATOR}${own}` : own
    characters += text.length
    texts.push(text)
  }
  return { texts, depth }
}
