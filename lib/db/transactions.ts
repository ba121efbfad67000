import type { PoolClient } from 'pg'
import { database } from './client.ts'

const BEGIN = {
  /** Rows may change. */
  writing: 'begin',
  /** One moment of the database for every query in it. */
  snapshot: 'begin isolation level repeatable read read only',
} as const

/**
 * Runs `work` in one transaction on a connection of the plain pool: committed when it returns, rolled back when it
 * throws. A connection that cannot even roll back is closed instead of given back.
 */
export async function pooledTransaction<R>(
  kind: keyof typeof BEGIN,
  work: (client: PoolClient) => Promise<R>,
): Promise<R> {
  const client = await database().pool.connect()
  let broken: Error | undefined
  try {
    await client.query(BEGIN[kind])
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch((lost: Error) => {
      broken = lost
    })
    throw error
  } finally {
    client.release(broken)
  }
}
