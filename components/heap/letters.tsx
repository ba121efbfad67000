/** A, B, … Z, AA, AB, …: the name of a capture by its place in the room's order. */
export function letterOf(index: number): string {
  let letters = ''
  for (let rest = index; rest >= 0; rest = Math.floor(rest / 26) - 1) {
    letters = String.fromCharCode(65 + (rest % 26)) + letters
  }
  return letters
}
