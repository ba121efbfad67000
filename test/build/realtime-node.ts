import { connectDatabase } from '#lib/db/client'
import { startTestNode } from './nodes.ts'

// A whole node in a process of its own: what a test kills with -9, or runs two of on one database.

const url = process.env.TEST_NODE_DATABASE
if (!url) throw new Error('TEST_NODE_DATABASE is not set')
const port = Number(process.env.TEST_NODE_PORT ?? 0)

connectDatabase(url, { prisma: 4, pool: 4 })
const node = await startTestNode(url, {
  ...(port ? { baseUrl: `http://127.0.0.1:${port}` } : {}),
  times: { graceMs: 300, pollMs: 1000, beatMs: 300 },
})
process.on('SIGTERM', () => void node.stop().then(() => process.exit(0)))
console.log(`ready ${node.url}`)
