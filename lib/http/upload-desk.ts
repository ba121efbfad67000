import { link, rm } from 'node:fs/promises'
import {
  failUploadingCapture,
  finishUploadedCapture,
  forgetUpload,
  type UploadRecord,
  unfinishedUploads,
  uploadsOf,
} from '#lib/db/captures'
import { UserError } from '#lib/errors/user-error'
import type { WriteAccess } from '#lib/investigation/access'
import type { CaptureRow } from '#lib/investigation/rows'
import { knownReport, readyOutcome } from '#lib/jobs/known-report'
import type { ReadingNode } from '#lib/jobs/reading-node'
import { sweepFolder } from '#lib/storage/disk-store'
import { encodingOf, headOf } from '#lib/storage/unpack'
import type { UploadStore } from '#lib/storage/upload-store'
import type { UploadProgress } from './upload-progress.ts'

const HOUR_MS = 60 * 60_000
/** An upload that got no byte for so long is given up. */
export const UPLOAD_PATIENCE_MS = 48 * HOUR_MS

/** What becomes of uploads: finished ones move into the store and are read, the others end some day. */
export class UploadDesk {
  private readonly reading: ReadingNode
  private readonly uploads: UploadStore
  /** Uploads that are being finished on this node. */
  private readonly finishing = new Map<string, Promise<CaptureRow | undefined>>()

  private readonly progress: UploadProgress

  constructor(reading: ReadingNode, uploads: UploadStore, progress: UploadProgress) {
    this.reading = reading
    this.uploads = uploads
    this.progress = progress
  }

  /**
   * All bytes are here: hashes the file unless that was done on the way, moves it into the store, and puts the capture
   * in line, or makes it ready when this content was read before. Undefined when the capture was cancelled meanwhile.
   * Asked twice for one upload it does the work once.
   */
  finish(upload: UploadRecord, access?: WriteAccess): Promise<CaptureRow | undefined> {
    const running = this.finishing.get(upload.id)
    if (running) return running
    const work = this.moveIn(upload, access).finally(() => this.finishing.delete(upload.id))
    this.finishing.set(upload.id, work)
    return work
  }

  private async moveIn(upload: UploadRecord, access?: WriteAccess): Promise<CaptureRow | undefined> {
    const { store } = this.reading.folders
    const path = this.uploads.pathOf(upload.id)
    const sha256 = await this.hash(upload)
    const encoding = encodingOf(headOf(path, 4))
    // The upload's own name stays until the row is committed: a crash in between leaves a whole upload, to be finished
    // by the sweep.
    const second = `${path}.moving`
    await rm(second, { force: true })
    const isLinked = await link(path, second).then(
      () => true,
      () => false,
    )
    const { size } = await store.adopt(isLinked ? second : path, sha256)
    const report = await knownReport(this.reading.folders, sha256)
    const known = report && readyOutcome(report)
    const capture = await finishUploadedCapture(upload, { sha256, storedSize: size, encoding }, known, access)
    await this.uploads.discard(upload.id)
    if (capture?.state === 'queued') await this.reading.enqueue(capture.id)
    return capture
  }

  private async hash(upload: UploadRecord): Promise<string> {
    const known = this.uploads.hashOf(upload.id, upload.size)
    if (known) return known
    const task = { kind: 'hash', path: this.uploads.pathOf(upload.id) } as const
    const { sha256 } = await this.reading.pool.run<'hash'>(task, {
      onProgress: (progress) => this.progress.work(upload, progress),
    })
    return sha256
  }

  /** Throws away what came of a capture that was cancelled or removed. Nothing happens when nothing is on its way. */
  async cancel(captureId: string): Promise<void> {
    for (const uploadId of await uploadsOf(captureId)) await this.drop(uploadId)
  }

  /** Forgets one upload and its bytes. Its capture's row is the caller's business. */
  async drop(uploadId: string): Promise<void> {
    await forgetUpload(uploadId)
    await this.uploads.discard(uploadId)
  }

  /**
   * Finishes uploads that were whole when the server went down, and gives up those that nobody continues. One that
   * cannot be finished now is tried again by the next sweep.
   */
  async sweep(now = Date.now()): Promise<void> {
    const problems: unknown[] = []
    for (const upload of await unfinishedUploads()) {
      const bytes = await this.uploads.bytesOf(upload.id)
      const touchedMs = bytes?.touchedMs ?? upload.createdAt.getTime()
      const isWhole = bytes?.size === upload.size
      // A file that is not here yet may be in the middle of its creation, or on another node's disk.
      const isGivenUp = now - touchedMs > (bytes ? UPLOAD_PATIENCE_MS : HOUR_MS)
      try {
        if (isWhole) await this.finish(upload)
        else if (isGivenUp) await this.giveUp(upload)
      } catch (error) {
        problems.push(error)
      }
    }
    await sweepFolder(this.reading.folders.uploads, 7 * 24 * HOUR_MS, now)
    if (problems.length > 0) throw new AggregateError(problems, 'some uploads could not be swept')
  }

  private async giveUp(upload: UploadRecord): Promise<void> {
    await failUploadingCapture(upload, new UserError('upload/unfinished').message)
    await this.uploads.discard(upload.id)
  }
}
