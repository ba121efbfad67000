import pg from 'pg'

/**
 * "This node works on that content": PostgreSQL's advisory locks, held by one connection. A node that dies loses them
 * at once, which is how the others learn that its work is free again.
 */
export class ContentLocks {
  private readonly url: string
  private client: Promise<pg.Client> | undefined

  constructor(url: string) {
    this.url = url
  }

  /** True when the lock is ours now. It does not wait. Ask once per content: PostgreSQL counts repeated takes. */
  async take(sha256: string): Promise<boolean> {
    const { rows } = await (await this.connection()).query<{ taken: boolean }>(
      `select pg_try_advisory_lock(${KEY}) as taken`,
      [sha256],
    )
    return rows[0]?.taken === true
  }

  /** Gives it back; nothing happens when the connection was lost meanwhile, for then it is free already. */
  async release(sha256: string): Promise<void> {
    await (await this.connection()).query(`select pg_advisory_unlock(${KEY})`, [sha256])
  }

  async close(): Promise<void> {
    const client = await this.client?.catch(() => undefined)
    this.client = undefined
    await client?.end()
  }

  private connection(): Promise<pg.Client> {
    this.client ??= this.connect()
    return this.client
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.url, application_name: 'leakroom-reader' })
    const forget = () => {
      this.client = undefined
    }
    client.on('error', forget)
    client.on('end', forget)
    try {
      await client.connect()
    } catch (error) {
      forget()
      throw error
    }
    return client
  }
}

/** The first 64 bits of the hash: a collision makes two files wait for each other, no more. */
const KEY = "('x' || substr($1, 1, 16))::bit(64)::bigint"
