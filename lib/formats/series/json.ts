/** A text's JSON. @throws what `problem` makes, where it is none or stops short */
export function parsedJson(text: string, problem: () => Error): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw problem()
  }
}

/** An object's members; none when it is not an object. */
export function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
