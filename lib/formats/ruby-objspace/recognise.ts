/**
 * Does a file that starts with `head` look like `ObjectSpace.dump_all`? Any of its first lines may be a dump line:
 * other output may stand before it. One `ObjectSpace.dump` of a single object looks the same and is readable too.
 */
export function recognisesRubyDump(head: Uint8Array): boolean {
  // Latin-1 keeps one character per byte, whatever the encoding of names and paths.
  const text = new TextDecoder('latin1').decode(head)
  return OBJECT_LINE.test(text) || ROOT_LINE.test(text)
}

const OBJECT_LINE = /^\{"address": ?"0x[0-9a-f]+", ?"type": ?"[A-Z]+"/m
const ROOT_LINE = /^\{"type": ?"(?:ROOT", ?"root"|SHAPE", ?"id"): ?/m
