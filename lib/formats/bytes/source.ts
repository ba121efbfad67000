/**
 * Bytes to be read once, from front to back, synchronously: a file by its descriptor, or a stream that is
 * being unpacked. Sequential on purpose: unpacked bytes cannot be sought in.
 */
export interface ByteSource {
  /** Bytes in all, when known. A compressed file's plain size is not. */
  readonly size: number | undefined
  /** Fills `into` from the front with the next bytes and tells how many; 0 is the end. */
  read(into: Uint8Array): number
}

/** Reads an array: for tests and for small inputs. `step` limits how much one read gives. */
export function arraySource(data: Uint8Array, step = Number.POSITIVE_INFINITY): ByteSource {
  let at = 0
  return {
    size: data.length,
    read(into) {
      const count = Math.min(into.length, data.length - at, step)
      into.set(data.subarray(at, at + count))
      at += count
      return count
    },
  }
}
