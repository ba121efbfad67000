import type { StackProfile } from '#lib/stacks/stack-profile'

/** Most plain bytes of a file of stacks: they are small, and are read whole. */
export const MAX_STACK_BYTES = 512 * 1024 * 1024

/** A format whose files hold allocation stacks. */
export interface StackFormat {
  /** Stable: stored with every report. Never rename. */
  readonly id: string
  readonly label: string
  readonly readable: string
  /** Does a file that starts with `head` (plain bytes, at most SNIFF_BYTES) look like ours? Never throws. */
  recognises(head: Uint8Array, fileName: string): boolean
  /** Reads a whole plain file. @throws UserError when nothing in it makes sense. */
  parse(content: Uint8Array): StackProfile
}
