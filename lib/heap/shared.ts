/**
 * Zeroed columns in memory that threads share. Two reasons: a second thread works on them without a copy, and nobody hands
 * over (detaches) a buffer for it. Once a thread has done that a single time, V8 asks before every access to any typed array
 * whether its buffer is still there, for as long as the thread lives: 13 to 20 % of the time of a dump.
 *
 * A tab without cross-origin isolation has no shared memory and no second thread: there it is plain memory.
 */
const memory = (bytes: number): ArrayBufferLike =>
  typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes)

export const sharedUint8 = (length: number): Uint8Array => new Uint8Array(memory(length))
export const sharedUint16 = (length: number): Uint16Array => new Uint16Array(memory(length * 2))
export const sharedUint32 = (length: number): Uint32Array => new Uint32Array(memory(length * 4))
export const sharedInt32 = (length: number): Int32Array => new Int32Array(memory(length * 4))
export const sharedFloat64 = (length: number): Float64Array => new Float64Array(memory(length * 8))
