import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { isUploadPath } from '#lib/http/uploads'
import { POST as hello } from '../../app/api/agent/hello/route.ts'
import { POST as snapshot } from '../../app/api/agent/snapshot/route.ts'
import { POST as ingest } from '../../app/api/ingest/route.ts'
import type { TestNode } from './reading.ts'

const ROUTES = new Map([
  ['/api/agent/hello', hello],
  ['/api/agent/snapshot', snapshot],
  ['/api/ingest', ingest],
])

/** What agents talk to, over real HTTP, without Next: the route handlers and the node's uploads. */
export interface AgentFront {
  readonly url: string
  /** While true every request is cut off, as by a network that is down. */
  isDown: boolean
  /** Requests wait for this before they are answered, as by a server that is busy. */
  held: Promise<void> | null
  /** Requests that were cut off. */
  refused: number
  close(): Promise<void>
}

export async function openAgentFront(node: TestNode): Promise<AgentFront> {
  const server = createServer((request, response) => {
    if (front.isDown) {
      front.refused++
      request.socket.destroy()
      return
    }
    if (isUploadPath(request.url)) return void node.uploads.handle(request, response)
    const route = ROUTES.get(request.url ?? '')
    if (!route) return void response.writeHead(404).end()
    const headers = new Headers()
    for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value))
    const init = { method: 'POST', headers, body: Readable.toWeb(request), duplex: 'half' }
    // reason: Node's and the DOM's types of the same streams differ.
    const asked = new Request(`${front.url}${request.url}`, init as unknown as RequestInit)
    void Promise.resolve(front.held)
      .then(() => route(asked))
      .then(async (answer) => {
        response.writeHead(answer.status, Object.fromEntries(answer.headers))
        response.end(Buffer.from(await answer.arrayBuffer()))
      })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  // reason: a TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo
  const front: AgentFront = {
    url: `http://127.0.0.1:${port}`,
    isDown: false,
    held: null,
    refused: 0,
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
  return front
}
