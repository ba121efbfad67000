/** When the objects that came between captures were allocated. */
export interface BirthSpread {
  /** `before`: most are older than the capture that lacks them, so they moved. `cannot tell`: too few, or not dated. */
  readonly spread: 'steady' | 'in bursts' | 'before' | 'cannot tell'
  /** One sentence with the numbers. */
  readonly words: string
}
