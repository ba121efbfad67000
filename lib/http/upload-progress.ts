import type { UploadRecord } from '#lib/db/captures'
import type { WriteAccess } from '#lib/investigation/access'
import type { InvestigationId } from '#lib/investigation/ids'
import type { TaskProgress } from '#lib/jobs/tasks'
import type { CaptureProgress } from '#lib/realtime/protocol'

const TELL_EVERY_MS = 100
/** Speed is what came in about this long: shorter jumps about, longer lags behind. */
const SPEED_OVER_MS = 2000
/** An upload that nobody continued for this long is not followed any more; the next request begins anew. */
const FORGET_AFTER_MS = 5 * 60_000

interface Followed {
  readonly upload: UploadRecord
  readonly userName: string
  toldAt: number
  /** How far it is, and how far the room was told that it is. */
  bytesDone: number
  toldBytes: number
  touchedAt: number
  /** Where the measurement of the speed began. */
  since: { at: number; bytes: number } | undefined
  bytesPerSecond: number
}

/** Tells the rooms how far uploads are: at most ten times a second each, and at once when one is whole. */
export class UploadProgress {
  private readonly announce: (investigationId: InvestigationId, progress: CaptureProgress) => void
  private readonly now: () => number
  private readonly followed = new Map<string, Followed>()

  constructor(
    announce: (investigationId: InvestigationId, progress: CaptureProgress) => void,
    now: () => number = () => performance.now(),
  ) {
    this.announce = announce
    this.now = now
  }

  /** Whose upload it is. Asked with every request; the first counts. */
  begin(upload: UploadRecord, access: WriteAccess): void {
    const at = this.now()
    for (const [id, other] of this.followed)
      if (at - other.touchedAt > FORGET_AFTER_MS) this.followed.delete(id)
    const known = this.followed.get(upload.id)
    if (known) {
      known.touchedAt = at
      return
    }
    this.followed.set(upload.id, {
      upload,
      userName: access.actor.name,
      toldAt: Number.NEGATIVE_INFINITY,
      bytesDone: 0,
      toldBytes: 0,
      touchedAt: at,
      since: undefined,
      bytesPerSecond: 0,
    })
  }

  advance(uploadId: string, bytesDone: number): void {
    const followed = this.followed.get(uploadId)
    if (!followed) return
    const at = this.now()
    const { upload, since } = followed
    followed.touchedAt = at
    followed.bytesDone = bytesDone
    // A step back or the first news after a break starts the measurement anew.
    if (!since || bytesDone < since.bytes || at - since.at > 2 * SPEED_OVER_MS)
      followed.since = { at, bytes: bytesDone }
    else if (at - since.at >= TELL_EVERY_MS) {
      followed.bytesPerSecond = ((bytesDone - since.bytes) / (at - since.at)) * 1000
      if (at - since.at >= SPEED_OVER_MS) followed.since = { at, bytes: bytesDone }
    }
    if (at - followed.toldAt < TELL_EVERY_MS && bytesDone < upload.size) return
    this.tell(followed, at)
  }

  /**
   * A request that brought bytes has ended, for whatever reason: the room is told how far the upload is, as nothing may
   * come for a while, and that nothing comes now.
   */
  paused(uploadId: string): void {
    const followed = this.followed.get(uploadId)
    if (!followed || followed.bytesDone >= followed.upload.size) return
    followed.since = undefined
    if (followed.toldBytes === followed.bytesDone && followed.bytesPerSecond === 0) return
    followed.bytesPerSecond = 0
    this.tell(followed, this.now())
  }

  private tell(followed: Followed, at: number): void {
    const { upload, bytesDone, bytesPerSecond, userName } = followed
    followed.toldAt = at
    followed.toldBytes = bytesDone
    this.announce(upload.investigationId, {
      captureId: upload.captureId,
      stage: 'uploading',
      ratio: Math.min(1, bytesDone / upload.size),
      bytesDone,
      bytesTotal: upload.size,
      bytesPerSecond,
      userName,
    })
  }

  /** Work on a whole upload before it can be read: hashing it once more after a restart. */
  work(upload: UploadRecord, progress: TaskProgress): void {
    const userName = this.followed.get(upload.id)?.userName ?? 'Leakroom'
    this.announce(upload.investigationId, {
      ...progress,
      captureId: upload.captureId,
      bytesPerSecond: 0,
      userName,
    })
  }

  end(uploadId: string): void {
    this.followed.delete(uploadId)
  }
}
