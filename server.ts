import { env } from '#lib/env'
import { startNode } from '#lib/server/node'

/** Starts one node of Leakroom and stops it in order. Decides nothing: lib/server/node.ts puts the parts together. */
const node = await startNode(env()).catch((error: unknown) => {
  // Threads and timers of the half that did start would keep the process alive, without a door.
  process.stderr.write(`\n  ${error instanceof Error ? error.message : String(error)}\n\n`)
  process.exit(1)
})
process.stdout.write(`\n  Leakroom is at ${node.address}\n\n`)

let isStopping = false
async function stop(signal: string): Promise<void> {
  if (isStopping) return
  isStopping = true
  node.log.info({ signal }, 'stopping: saving documents and closing rooms')
  // A second signal, or 20 s, ends it at once; what was acknowledged is stored already.
  setTimeout(() => process.exit(1), 20_000).unref()
  process.once('SIGINT', () => process.exit(1))
  await node.stop()
  process.exit(0)
}
process.on('SIGINT', () => void stop('SIGINT'))
process.on('SIGTERM', () => void stop('SIGTERM'))

// A bug in one room must not end the others'. Logged once, here.
process.on('unhandledRejection', (error) => node.log.error({ err: error }, 'a promise was rejected unheard'))
process.on('uncaughtException', (error) => node.log.error({ err: error }, 'an exception reached the top'))
