/** Up to this size bytes travel as base64 text: one frame, and one that is framed once for a whole room. */
const TEXT_UP_TO = 8 * 1024

/** Bytes as they go over the wire: short ones as base64 text, long ones as they are. */
export function packBytes(bytes: Uint8Array): Uint8Array | string {
  if (bytes.byteLength > TEXT_UP_TO) return bytes
  let text = ''
  for (let index = 0; index < bytes.length; index++) text += String.fromCharCode(bytes[index]!)
  return btoa(text)
}

/** Bytes from the wire. @throws DOMException for text that is not base64. */
export function unpackBytes(packed: Uint8Array | ArrayBuffer | string): Uint8Array<ArrayBuffer> {
  if (typeof packed === 'string') {
    const text = atob(packed)
    const bytes = new Uint8Array(text.length)
    for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index)
    return bytes
  }
  // A copy: a Node Buffer is a window on a shared pool, and Yjs keeps windows on what it is given.
  return new Uint8Array(packed)
}
