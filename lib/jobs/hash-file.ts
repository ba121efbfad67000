import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { OnProgress } from './tasks.ts'

/** SHA-256 of a file; about 800 MB/s on one core. */
export function hashFile(path: string, onProgress: OnProgress): { sha256: string; size: number } {
  const hash = createHash('sha256')
  const buffer = new Uint8Array(1 << 18)
  const file = openSync(path, 'r')
  try {
    const size = fstatSync(file).size
    let done = 0
    for (;;) {
      const count = readSync(file, buffer, 0, buffer.length, null)
      if (count === 0) return { sha256: hash.digest('hex'), size: done }
      hash.update(buffer.subarray(0, count))
      done += count
      onProgress({ stage: 'hashing', ratio: Math.min(1, done / size), bytesDone: done, bytesTotal: size })
    }
  } finally {
    closeSync(file)
  }
}
