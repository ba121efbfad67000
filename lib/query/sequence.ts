/** 0, 1, 2 … */
export function sequence(length: number): Uint32Array {
  const values = new Uint32Array(length)
  for (let at = 0; at < length; at++) values[at] = at
  return values
}
