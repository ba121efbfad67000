/** The text of a file: UTF-8, or UTF-16 when its byte order mark says so (spreadsheets save it). */
export function textOf(body: Uint8Array): string {
  const mark = (body[0] ?? 0) * 256 + (body[1] ?? 0)
  const encoding = mark === 0xfffe ? 'utf-16le' : mark === 0xfeff ? 'utf-16be' : 'utf-8'
  return new TextDecoder(encoding).decode(body)
}
