import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/**
 * Writes a stream to a new file in `folder` (made when missing) while hashing it: its name in the store is known at the end.
 * Of a stream that breaks nothing is left. @throws what the stream or the disk throws
 */
export async function writeHashed(
  content: Readable | AsyncIterable<Uint8Array>,
  folder: string,
): Promise<{ readonly path: string; readonly sha256: string }> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, randomUUID())
  const hash = createHash('sha256')
  try {
    await pipeline(
      content,
      async function* hashed(chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          hash.update(chunk)
          yield chunk
        }
      },
      createWriteStream(path, { flags: 'wx' }),
    )
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
  return { path, sha256: hash.digest('hex') }
}
