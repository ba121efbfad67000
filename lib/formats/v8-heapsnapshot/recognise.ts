/**
 * Does a file that starts with `head` look like a V8 heap snapshot? It begins with `{"snapshot":{…"meta":{` and names
 * the fields of nodes; white space may stand anywhere (files that passed through other tools).
 */
export function recognisesV8Snapshot(head: Uint8Array): boolean {
  // Latin-1 keeps one character per byte, whatever the encoding of names.
  const text = new TextDecoder('latin1').decode(head)
  return SNAPSHOT_FIRST.test(text)
}

/** A mark of byte order may stand before it. */
const SNAPSHOT_FIRST =
  /^(?:\xef\xbb\xbf)?\s*\{\s*"snapshot"\s*:\s*\{(?:\s*"title"\s*:\s*"[^"]*"\s*,)?(?:\s*"uid"\s*:\s*\d+\s*,)?\s*"meta"\s*:\s*\{\s*"node_fields"/
