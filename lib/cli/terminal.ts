/** Exit status: 0 done, 1 bad input, 2 usage, 3 what `--fail-on-growth` looks for has grown. */
export const EXIT = { done: 0, badInput: 1, usage: 2, grown: 3 } as const

/** Where a command writes. */
export interface Terminal {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}
