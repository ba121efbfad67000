import type { Pool } from 'pg'
import PgBoss from 'pg-boss'
import type { Logger } from 'pino'

/** The queue's name; one job per content that waits to be read. */
export const READ_QUEUE = 'capture:read'
/** Above the reader's own limit, so that pg-boss never gives up first. */
const EXPIRE_MINUTES = 60

interface ReadJob {
  readonly sha256: string
}

/**
 * Contents in line to be read, in PostgreSQL (pg-boss), shared by all nodes. A content waits at most once; a second
 * request while it is being read is a job of its own that finds the work done.
 */
export class ReadQueue {
  private readonly pool: Pool
  private readonly boss: PgBoss
  private workers: string[] = []

  constructor(pool: Pool, log: Logger) {
    this.pool = pool
    this.boss = new PgBoss({
      db: { executeSql: (text, values) => pool.query(text, values) },
      schedule: false,
      archiveCompletedAfterSeconds: 600,
      deleteAfterHours: 24,
    })
    this.boss.on('error', (error) => log.warn({ err: error }, 'the job queue cannot reach PostgreSQL'))
  }

  /** Makes the queue's tables when missing, and begins to work: `slots` contents at once. */
  async start(slots: number, read: (sha256: string) => Promise<void>): Promise<void> {
    await this.boss.start()
    // 'short': at most one job of a key waits. A job that fails is found again by the sweep, not repeated blindly.
    await this.boss.createQueue(READ_QUEUE, {
      name: READ_QUEUE,
      policy: 'short',
      retryLimit: 0,
      expireInMinutes: EXPIRE_MINUTES,
    })
    for (let slot = 0; slot < slots; slot++) {
      const worker = await this.boss.work<ReadJob>(
        READ_QUEUE,
        { batchSize: 1, pollingIntervalSeconds: 2 },
        async ([job]) => {
          if (job) await read(job.data.sha256)
        },
      )
      this.workers.push(worker)
    }
  }

  /** Puts a content in line, unless it waits already, and wakes this node's workers. */
  async add(sha256: string): Promise<void> {
    await this.boss.send(READ_QUEUE, { sha256 }, { singletonKey: sha256 })
    for (const worker of this.workers) this.boss.notifyWorker(worker)
  }

  /**
   * Jobs of a content that some node began and that are still open. When nobody holds the content's lock, each of them
   * is a node that went down in the middle.
   */
  async begun(sha256: string): Promise<string[]> {
    const { rows } = await this.pool.query<{ id: string }>(
      `select id from pgboss.job where name = $1 and singleton_key = $2 and state = 'active'`,
      [READ_QUEUE, sha256],
    )
    return rows.map((row) => row.id)
  }

  /** Closes jobs that no node works on any more. */
  async close(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.boss.cancel(READ_QUEUE, [...ids])
  }

  /** Stops taking jobs. Those that run are left to end: cancel them first. */
  async stop(): Promise<void> {
    this.workers = []
    await this.boss.stop({ graceful: true, timeout: 2000, close: false })
  }
}
