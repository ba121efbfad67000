/** Every bound of the real-time server, in one place. */
export const LIMITS = {
  /** Largest message of a socket, bytes. */
  messageBytes: 512 * 1024,
  /** Requests of one socket. */
  requestsPerSecond: 200,
  requestBurst: 600,
  /** Update bytes of one socket. */
  updateBytesPerSecond: 1024 * 1024,
  updateBytesBurst: 4 * 1024 * 1024,
  /** Refused or unreadable messages of one socket before it is closed. */
  strikesPerSecond: 2,
  strikeBurst: 60,
  /** One person's carets: bytes of state. */
  awarenessBytes: 2048,
  /** Presence, carets: changes are sent at most every so many milliseconds. */
  presenceEveryMs: 50,
  awarenessEveryMs: 50,
  /** Progress and points: the same. */
  announceEveryMs: 100,
  /** Updates that wait for PostgreSQL, per document; beyond it browsers keep theirs ("busy"). */
  queuedBytes: 8 * 1024 * 1024,
  /** One append statement. */
  batchRows: 500,
  batchBytes: 1024 * 1024,
  /** The log's tail that starts a compaction. */
  compactRows: 500,
  compactBytes: 256 * 1024,
  /** Smallest tail that is worth one when the document is closed. */
  compactOnCloseRows: 50,
  /** Documents that stay open on one node; beyond it idle ones are closed early and new ones are refused. */
  openDocuments: 500,
  /** Connections in one document. */
  membersPerDocument: 500,
  /** Bytes waiting in a socket: above `drop` it is left out of updates, below `resume` it is asked to catch up. */
  backlogDrop: 1024 * 1024,
  backlogResume: 64 * 1024,
  /** More events than this since the last visit: the whole state is smaller. */
  catchUpEvents: 500,
  /** An automatic version after so much time with changes. */
  versionEveryMs: 15 * 60_000,
  /** Updates that a compacted state holds are kept so long, for replay and attribution. Looked at once a day. */
  archiveDays: 30,
  archiveEveryMs: 24 * 60 * 60_000,
} as const

/** Allows `perSecond` on average and `burst` at once. Time is given, so tests need not wait. */
export class TokenBucket {
  readonly #perSecond: number
  readonly #burst: number
  #tokens: number
  #at: number

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#tokens = burst
    this.#at = nowMs
  }

  /** Takes `amount`, or nothing and returns false. */
  take(amount: number, nowMs: number): boolean {
    const gained = (Math.max(0, nowMs - this.#at) / 1000) * this.#perSecond
    this.#tokens = Math.min(this.#burst, this.#tokens + gained)
    this.#at = nowMs
    if (this.#tokens < amount) return false
    this.#tokens -= amount
    return true
  }
}
