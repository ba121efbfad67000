import { createHash, type Hash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { FileStore } from '@tus/file-store'
import { asDiskFull } from './disk-store.ts'

interface RunningHash {
  readonly hash: Hash
  bytes: number
}

/**
 * Uploads on their way in, on disk (tus's FileStore), hashed while they come. A hash survives broken connections but
 * not a restart; then the finished file is hashed anew, in a worker.
 */
export class UploadStore extends FileStore {
  /** By upload id; ends with the upload. */
  private readonly hashes = new Map<string, RunningHash>()
  private readonly onBytes: (uploadId: string, bytesDone: number) => void

  /** @param onBytes hears of every piece that came (64 KiB), before it is on the disk */
  constructor(directory: string, onBytes: (uploadId: string, bytesDone: number) => void) {
    super({ directory })
    this.onBytes = onBytes
  }

  /** Where the bytes of an upload stand. The id must be one that this node made. */
  pathOf(uploadId: string): string {
    return join(this.directory, uploadId)
  }

  /** Bytes that have come; undefined when the file is not here. */
  async bytesOf(uploadId: string): Promise<{ size: number; touchedMs: number } | undefined> {
    const facts = await stat(this.pathOf(uploadId)).catch(() => undefined)
    return facts && { size: facts.size, touchedMs: facts.mtimeMs }
  }

  /** @throws UserError upload/disk-full; what came before a break is kept. */
  override async write(content: Readable, uploadId: string, offset: number): Promise<number> {
    const running = this.hashFrom(uploadId, offset)
    const { onBytes } = this
    let received = 0
    const counted = async function* (pieces: AsyncIterable<Uint8Array>) {
      for await (const piece of pieces) {
        running?.hash.update(piece)
        if (running) running.bytes += piece.length
        received += piece.length
        onBytes(uploadId, offset + received)
        yield piece
      }
    }
    try {
      await pipeline(
        content,
        counted,
        createWriteStream(this.pathOf(uploadId), { flags: 'r+', start: offset, highWaterMark: 1 << 20 }),
      )
    } catch (error) {
      throw asDiskFull(error)
    }
    return offset + received
  }

  /** The SHA-256 of a whole upload, when every byte of it passed through here. */
  hashOf(uploadId: string, size: number): string | undefined {
    const running = this.hashes.get(uploadId)
    return running?.bytes === size ? running.hash.copy().digest('hex') : undefined
  }

  override async remove(uploadId: string): Promise<void> {
    await this.discard(uploadId)
  }

  /** Removes everything of an upload. Nothing happens when there is nothing. */
  async discard(uploadId: string): Promise<void> {
    this.hashes.delete(uploadId)
    await rm(this.pathOf(uploadId), { force: true })
    await rm(`${this.pathOf(uploadId)}.json`, { force: true })
  }

  /** Goes on with a hash only where it stopped: a piece that broke off on its way to the disk spoils it. */
  private hashFrom(uploadId: string, offset: number): RunningHash | undefined {
    const known = this.hashes.get(uploadId)
    if (offset > 0 && known?.bytes === offset) return known
    this.hashes.delete(uploadId)
    if (offset > 0) return undefined
    const fresh = { hash: createHash('sha256'), bytes: 0 }
    this.hashes.set(uploadId, fresh)
    return fresh
  }
}
