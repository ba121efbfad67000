/** What a form's action answers when it did not go through: the sentence, and what was typed, so that it is kept. */
export type FormState = {
  readonly sentence: string
  readonly kept?: Readonly<Record<string, string>>
} | null
