/** Does a file that starts with `head` look like memprof's dump? Any of its first lines may be one. Never throws. */
export function recognisesMemprof(head: Uint8Array): boolean {
  // Latin-1 keeps one character per byte: strings in these dumps are in no particular encoding.
  return FIRST_KEYS.test(new TextDecoder('latin1').decode(head))
}

const FIRST_KEYS =
  /^\{"_id": ?(?:"(?:finalizers|globals)", ?"type": ?"|"0x[0-9a-f]{1,16}", ?"(?:type|file)": ?(?:"|null))/m
